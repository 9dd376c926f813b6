"""The document is typeset: every exhibit is shown once, fits its page, and an error is one sentence."""

import shutil
import subprocess

import pytest

from collide.errors import InputError
from collide.report.document.render import Document, Shown
from collide.report.document.typeset import find_compiler, typeset_document
from collide.report.tabular import render_caption, wrap_in_float

TABULAR = "\\begin{tabular}{lr}\n\\toprule\n & Mean \\\\\n\\bottomrule\n\\end{tabular}\n"


def document(exhibits):
    return Document("An introduction.", [("Label", "text_1")], {"": exhibits}, {}, simulated=True)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
@pytest.mark.parametrize("floating", [False, True])
def test_a_table_is_shown_once_whether_it_is_a_float_or_not(tmp_path, floating):
    table, caption, pdf = tmp_path / "table9.tex", tmp_path / "table9-caption.tex", tmp_path / "out.pdf"
    heading, text = "Table 9: a table", "A caption of 50% & more"
    table.write_text(wrap_in_float(TABULAR, "table9", heading, text, []) if floating else TABULAR)
    caption.write_text(render_caption(heading, text, []))
    typeset_document(document([Shown(str(table), heading, "No claim.")]), [table, caption], pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext"):
        done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
        words = " ".join(done.stdout.split())
        for shown in (text, "Mean", "No claim."):
            assert words.count(shown) == 1
        # In the contents, too.
        assert words.count(heading) == 2
        assert "Table 1:" not in words
        assert "SIMULATED" in words


@pytest.fixture
def fake_compiler(tmp_path, monkeypatch):
    """Return a function that puts a script named as a compiler on the path, which then leads to no other compiler."""

    def write(name, *lines):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(path.parent))

    return write


@pytest.mark.parametrize(
    ("name", "line", "needed"),
    [("pdflatex", "! Undefined control sequence.", "needs texlive"), ("tectonic", "error: no such file", "needs a network")],
)
def test_an_error_of_latex_is_one_sentence(tmp_path, fake_compiler, name, line, needed):
    fake_compiler(name, f"echo '{line}' >&2", "exit 1")
    with pytest.raises(InputError, match=f"LaTeX failed on document.tex: {line}; {name} {needed}") as raised:
        typeset_document(document([]), [], tmp_path / "out.pdf")
    assert "\n" not in str(raised.value)


def test_tectonic_typesets_where_pdflatex_is_missing(tmp_path, fake_compiler):
    fake_compiler("tectonic", 'echo "BLOCK front 100.0pt 100.0pt"', "echo a PDF > document.pdf")
    typeset_document(document([]), [], tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_text() == "a PDF\n"


def test_pdflatex_is_preferred(fake_compiler):
    fake_compiler("tectonic")
    fake_compiler("pdflatex")
    assert find_compiler().name == "pdflatex"


def test_latex_is_optional_and_a_target_that_needs_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_compiler() is None
    with pytest.raises(InputError, match="LaTeX was not found, so the document is left out") as raised:
        typeset_document(document([]), [], tmp_path / "out.pdf")
    assert "\n" not in str(raised.value)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_exhibits_of_all_sizes_fit_the_page(tmp_path, capsys):
    exhibits, parts = [], []
    for name, columns, rows in (("narrow", 3, 4), ("wide", 9, 4), ("turned", 24, 4), ("long", 4, 90)):
        row = " & ".join(["0.123"] * columns) + "\\\\\n"
        tabular = f"\\begin{{tabular}}{{{'r' * columns}}}\n{row * rows}\\end{{tabular}}\n"
        parts += [tmp_path / f"{name}.tex", tmp_path / f"{name}-caption.tex"]
        parts[-2].write_text(tabular)
        parts[-1].write_text("A caption.\n")
        exhibits.append(Shown(str(parts[-2]), f"Table {name}", "No claim."))
    typeset_document(document(exhibits), parts, tmp_path / "out.pdf")
    assert "too large for its place" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_each_further_study_has_a_section_on_a_page_of_its_own(tmp_path):
    parts, sections = [], {}
    for title, name in (("", "table1"), ("Study my_study", "my_study-quality"), ("Study talk", "talk-quality")):
        parts += [tmp_path / f"{name}.tex", tmp_path / f"{name}-caption.tex"]
        parts[-2].write_text(TABULAR)
        parts[-1].write_text(render_caption(name, f"Caption of {name}.", []))
        sections[title] = [Shown(str(parts[-2]), f"Heading of {name}", "No claim.")]
    typeset_document(Document("An introduction.", [("Label", "text")], sections, {}, True), parts, tmp_path / "out.pdf")
    if shutil.which("pdftotext"):
        done = subprocess.run(["pdftotext", str(tmp_path / "out.pdf"), "-"], capture_output=True, text=True, check=True)
        pages = done.stdout.split("\f")
        assert [page.split("\n")[0] for page in pages[1:3]] == ["Study my_study", "Study talk"]
        assert "Caption of my_study-quality." in pages[1]
        # The contents of the first page list all exhibits.
        assert pages[0].count("Heading of") == 4
