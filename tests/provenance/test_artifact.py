"""The page for artifact committees is up to date."""

import importlib.util
from pathlib import Path

import pytest

from collide.claims.claim_reader import read_claims
from collide.provenance.artifact import PAGE, list_exhibit_jobs, render_claims, render_page
from collide.report.exhibits.registry import list_all_exhibits
from tests.handmade import CONFIG

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def test_the_page_holds_each_claim_as_the_list_has_it():
    assert TEXT.endswith(render_claims()), "run tools/write_artifact.py"
    rows = [line for line in render_claims().splitlines() if line.startswith("| ") and not line.startswith("| claim ")]
    assert len(rows) == len(read_claims())


@pytest.mark.slow
def test_calls_and_costs_on_the_page_are_those_of_the_forecast():
    spec = importlib.util.spec_from_file_location("write_artifact", ROOT / "tools/write_artifact.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    config = tool.read_config()
    assert render_page(config, tool.measure_efforts(config)) == TEXT, "run tools/write_artifact.py"


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("table6", {"initial", "optimize", "evaluate"}),
        ("table2", {"initial", "optimize", "diagnose"}),
        ("figure3", {"initial", "optimize", "diagnose"}),
        ("table5", {"initial", "optimize", "evaluate", "variant"}),
        ("figure1", set()),
    ],
)
def test_an_exhibit_needs_the_jobs_that_its_numbers_come_from(name, kinds):
    jobs = list_exhibit_jobs(CONFIG, list_all_exhibits(CONFIG)[name])
    assert {job.kind for job in jobs} == kinds
    assert len({job.journal for job in jobs}) == len(jobs)
