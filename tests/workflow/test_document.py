"""What a reader opens when `all` is done: the document, and the ledger's page."""

import re
import shutil
import subprocess

import pytest


@pytest.fixture(scope="module")
def text(finished):
    """What the document says, without its line breaks."""
    if not (shutil.which("pdflatex") and shutil.which("pdftotext")):
        pytest.skip("needs LaTeX and pdftotext")
    command = ["pdftotext", "-layout", str(finished / "paper_figures/simulated/artifact.pdf"), "-"]
    return " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_the_first_page_tells_what_the_numbers_rest_on(text):
    for words in ("50 draws of documents and seeds", "claude-sonnet, rates", "balanced within 2", "undefined, counted as 0"):
        assert words in text


def test_captions_name_the_runs(text):
    assert "Runs: study main, modes single, SSS, SCC, gates mae, none, 2 seeds." in text
    assert "Runs: study deepseek, modes SSC, CCC, gates mae, 1 seed." in text
    assert "study gradient-swap, modes SSC, SCC, gates mae, 1 seed; study main, modes SCC, gates mae, 2 seeds." in text


def test_every_link_of_the_ledger_leads_to_a_file(finished):
    page = finished / "results/simulated/claims.html"
    links = [link for link in re.findall(r'href="([^"]*)"', page.read_text(encoding="utf-8")) if not link.startswith("data:")]
    assert len(links) > 100
    assert [link for link in links if not (page.parent / link).exists()] == []
