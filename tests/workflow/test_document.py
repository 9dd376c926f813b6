"""The document, the page of claims, and the jobs that an exhibit needs by itself."""

import re
import shutil
import subprocess

import pytest

from .conftest import planned, succeed


@pytest.fixture(scope="module")
def text(finished):
    """The text of the document, without its line breaks."""
    if not (shutil.which("pdflatex") and shutil.which("pdftotext")):
        pytest.skip("needs LaTeX and pdftotext")
    # Without -layout, which would mix the lines of captions that stand side by side.
    command = ["pdftotext", str(finished / "paper_figures/simulated/artifact.pdf"), "-"]
    return " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_the_first_page_tells_what_the_numbers_rest_on(text):
    for words in ("50 draws of documents and seeds", "claude-sonnet, rates", "balanced within 2", "undefined, counted as 0"):
        assert words in text


def test_the_document_names_claims_and_prompts_of_all_roles(text):
    assert "Claims of the paper that rest on it: " in text
    for title in ("Judge", "Loss model", "Gradient model", "Optimizer", "Evaluator of specificity", "Evaluator of adherence"):
        assert f"{title}, for fluency" in text


def test_everything_fits_its_page(finished, text):
    assert "too large for its place" not in (finished / "logs/simulated/document.log").read_text(encoding="utf-8")


def test_captions_name_the_runs(text):
    assert "Runs: study main, modes single, SSS, SCC, gates mae, none, 2 seeds." in text
    assert "Runs: study deepseek, modes SSC, CCC, gates mae, 1 seed." in text
    assert "study gradient-swap, modes SSC, SCC, gates mae, 1 seed; study main, modes SCC, gates mae, 2 seeds." in text


def test_every_link_of_the_list_of_claims_leads_to_a_file(finished):
    page = finished / "results/simulated/claims.html"
    links = [link for link in re.findall(r'href="([^"]*)"', page.read_text(encoding="utf-8")) if not link.startswith("data:")]
    assert len(links) > 100
    # The pages of the runs are a target of their own, which the list of claims names.
    assert "snakemake browse" in page.read_text(encoding="utf-8")
    assert [link for link in links if not link.startswith("browse/") and not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    ("target", "needed", "not_needed"),
    [
        ("figure1", {"make_figure"}, {"optimize", "read_corpus"}),
        ("table4", {"diagnose", "estimate_study_diagnostics"}, {"evaluate", "pick_instructions", "evaluate_variant"}),
        ("table6", {"evaluate", "estimate_agreement"}, {"diagnose", "pick_instructions"}),
        ("figure4", {"diagnose", "estimate_diagnostics"}, {"evaluate", "pick_instructions"}),
    ],
)
def test_an_exhibit_plans_what_it_shows_and_no_more(tmp_path, target, needed, not_needed):
    jobs = planned(tmp_path, target)
    assert needed <= set(jobs)
    assert not not_needed & set(jobs)


def test_table_6_needs_the_runs_of_its_study_alone(tmp_path):
    assert planned(tmp_path, "table6")["optimize"] == 2


@pytest.mark.parametrize(("arguments", "planned"), [((), False), (("--sdm", "apptainer"), True)])
def test_without_latex_all_has_the_document_only_where_an_image_brings_latex(tmp_path, arguments, planned):
    (tmp_path / "collide.sif").touch()
    (tmp_path / "bin").mkdir()
    for program in ("bash", "sh"):
        (tmp_path / "bin" / program).symlink_to(shutil.which(program))
    apptainer = tmp_path / "bin" / "apptainer"
    apptainer.write_text("#!/bin/sh\necho apptainer version 1.3.4\n")
    apptainer.chmod(0o755)
    done = succeed(tmp_path, "--dry-run", "all", *arguments, env={"PATH": str(tmp_path / "bin")})
    assert ("make_document" in done.stdout) == planned
