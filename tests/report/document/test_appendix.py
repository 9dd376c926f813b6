"""Appendices E and F show what was sent, character by character."""

import asyncio
import re
import shutil
import subprocess

import pytest

from collide.experiment.modes import name_single_mode
from collide.report.document.appendix import (
    INDENT,
    LINE_WIDTH,
    ROLES,
    break_line,
    render_judge_appendix,
    render_role_appendix,
)
from collide.report.document.render import PREAMBLE
from collide.report.document.sent_prompts import COMBINED, record_prompts
from collide.report.document.typeset import list_overfull
from tests.dataset import make_criterion, make_dataset

CRITERIA = {
    name: make_criterion(name, f"Text about {name}.", [1, 5], "Rate from 1 to 5.")
    for name in ("fluency", "relevance", "coherence")
}
LINES = [
    "``quoted'' and 'single' -- an option --verbose --- ?` !` ,, <<x>> \"q\" fi fl don't",
    "  two  spaces.  And   three, and \\input{x} | ~ ^ {} _ # $ % &",
    "“curly” ‘single’ „low‚ é ü ß ø Å ł ő Š Ž – — • … × ÷ ± ° § €",
    "a ≤ b ≥ c ≈ d − e → f",
    "w" * 250,
    "A sentence of many words, " * 10 + "ends here.",
]


def appendix(text):
    messages = [{"role": "user", "content": "Rate."}]
    return render_judge_appendix(messages, {"fluency": "Rate."}, {"fluency": text}, "run", simulated=False)


def record(mode):
    return asyncio.run(record_prompts(make_dataset(CRITERIA), mode, ["paper", "topics"]))


def printed(tmp_path, latex):
    """The lines that a reader of the PDF copies, each from the left margin on."""
    (tmp_path / "a.tex").write_text(PREAMBLE + latex + r"\end{document}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
    assert "Overfull" not in done.stdout and "Missing character" not in done.stdout
    # The typewriter font's pitch at this size, in points.
    command = ["pdftotext", "-layout", "-fixed", "3.984", "a.pdf", "-"]
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


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_prompts_of_long_lines_fit_the_page(tmp_path):
    single, combined = record(name_single_mode("fluency")), record(COMBINED)
    for latex in (appendix("\n".join(LINES)), render_role_appendix(single, combined, list(CRITERIA))):
        (tmp_path / "a.tex").write_text(PREAMBLE + latex + r"\end{document}", encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
        assert done.returncode == 0
        assert list_overfull(done.stdout) == []


def test_a_line_is_broken_without_losing_a_character():
    for sent in LINES:
        first, *rest = break_line(sent)
        assert "".join([first, *rest]) == sent
        assert len(first.rstrip()) <= LINE_WIDTH
        assert all(len(part.rstrip()) <= LINE_WIDTH - INDENT for part in rest)


def test_a_line_is_broken_between_words():
    words = [f"word{number}" for number in range(60)]
    parts = break_line(" ".join(words))
    assert len(parts) > 2
    assert [word for part in parts for word in part.split()] == words
    assert not any(part.startswith(" ") for part in parts)


def test_a_character_that_the_font_lacks_stands_as_its_code():
    assert r"\mbox{[U+4E2D]a[U+1F600]}" in appendix("中a😀")


def test_commands_in_a_text_are_printed_and_not_run():
    assert r"\mbox{\textbackslash{}input\{x\} \% \$y\$ \_}" in appendix(r"\input{x} % $y$ _")


def test_the_prompts_of_all_roles_are_shown_for_one_criterion_and_for_all():
    shown = render_role_appendix(record(name_single_mode("fluency")), record(COMBINED), list(CRITERIA))
    for title in ROLES.values():
        assert f"{title}, for fluency alone" in shown
    for title in ("Loss model", "Gradient model", "Optimizer"):
        assert f"{title}, for all criteria" in shown
    for diagnostic in (r"specificity", r"specificity\_topics", "adherence"):
        assert f"Evaluator of {diagnostic}, for fluency" in shown
    for words in (
        "one topic among several",
        "[the article]",
        "[the critique]",
        "[the textual gradient]",
        "[the new instruction for fluency]",
    ):
        assert words in shown


def test_recorded_prompts_are_about_the_criteria_of_their_mode():
    for role, messages in record(name_single_mode("fluency")).items():
        text = "".join(message["content"] for message in messages)
        assert "fluency" in text, role
        assert "coherence" not in text, role
    for role in ROLES:
        text = "".join(message["content"] for message in record(COMBINED)[role])
        assert all(name in text for name in CRITERIA)


def test_a_rewrite_is_shown_with_the_instruction_before_it():
    shown = appendix("Look closely.")
    assert shown.index("fluency, before") < shown.index("fluency, rewritten") < shown.index("Look closely.")
    missing = render_judge_appendix([], {}, {}, "study main, step 1", simulated=True)
    assert missing.rstrip().endswith("Not run.")
    assert "SIMULATED" in missing
