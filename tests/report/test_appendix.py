"""Appendices E and F show what was sent, character by character."""

import re
import shutil
import subprocess

import pytest

from collide.experiment.criteria import Criterion
from collide.report.document.appendix import LINE_WIDTH, break_line, render_judge_appendix, render_rubric_appendix

CRITERIA = {"fluency": Criterion("fluency", "Good sentences.", (1, 5), "Rate from 1 to 5.")}
LINES = [
    "``quoted'' and 'single' -- an option --verbose --- ?` !` ,, <<x>> \"q\" fi fl don't",
    "  two  spaces.  And   three, and \\input{x} | ~ ^ {} _ # $ % &",
    "“curly” ‘single’ „low‚ é ü ß ø Å ł ő Š Ž – — • … × ÷ ± ° § €",
    "a ≤ b ≥ c ≈ d − e → f",
    "w" * 250,
    "A sentence of many words, " * 10 + "ends here.",
]


def appendix(text):
    return render_judge_appendix(CRITERIA, {"fluency": "Rate."}, {"fluency": text}, "run", simulated=False)


def printed(tmp_path, latex):
    """The lines that a reader of the PDF copies, each from the left margin on."""
    (tmp_path / "a.tex").write_text(latex, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
    assert "Overfull" not in done.stdout and "Missing character" not in done.stdout
    # The typewriter font's pitch at this size, in points.
    command = ["pdftotext", "-layout", "-fixed", "4.25", "a.pdf", "-"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    lines = [line for line in re.split("[\n\f]", text) if line.strip()]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return [line[margin:] for line in lines]


@pytest.mark.skipif(not (shutil.which("pdflatex") and shutil.which("pdftotext")), reason="needs LaTeX and pdftotext")
def test_what_is_printed_is_what_was_sent(tmp_path):
    found = printed(tmp_path, appendix("\n".join(LINES)))
    for sent in LINES:
        first, *rest = break_line(sent)
        place = found.index(first.rstrip())
        assert [line.strip() for line in found[place + 1 : place + 1 + len(rest)]] == [part.strip() for part in rest]


def test_a_line_is_broken_without_losing_a_character():
    for sent in LINES:
        parts = break_line(sent)
        assert "".join(parts) == sent
        assert max(map(len, parts)) <= LINE_WIDTH


def test_a_character_that_the_font_lacks_stands_as_its_code():
    assert r"\mbox{[U+4E2D]a[U+1F600]}" in appendix("中a😀")


def test_all_rubrics_are_shown_with_places_for_what_they_rate():
    shown = render_rubric_appendix(CRITERIA, ["paper", "topics"])
    for words in (
        "specificity, wording paper",
        "specificity, wording topics",
        "one topic among several",
        "Rubric of adherence",
    ):
        assert words in shown
    for words in ("[the textual gradients]", "[the old instruction]"):
        assert words in shown
