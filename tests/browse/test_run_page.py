"""The data of a run's page: scores, ratings and texts, and what is left empty while a run goes on."""

import json

import pytest

from collide.browse.run_page import read_run, summarize_run
from collide.experiment.runs import RunId

from .made_runs import FACTS, FIRST, MARKUP, REJECTED, RUN, SECOND, make_results


def read_page(tmp_path, **options):
    make_results(tmp_path, **options)
    return read_run(tmp_path, RunId.parse(RUN + "/"), "talk", FACTS)


@pytest.fixture
def data(tmp_path):
    return read_page(tmp_path)


def test_ratings_stand_in_the_order_of_the_pairs_with_reasons_of_missing_ones(data):
    ratings = data["ratings"]
    assert ratings["pairs"] == {"test": ["d0/A", "d1/A", "d2/A", "d3/A"], "validation": ["d4/A", "d5/A"]}
    assert ratings["human"]["test"]["tone"] == [1, 2, 3, 1]
    assert ratings["prompts"][FIRST]["test"]["ratings"]["tone"] == [1, 2, 3, 1]
    second = ratings["prompts"][SECOND]["test"]
    assert (second["ratings"]["safe"], second["reasons"]) == ([None, 1, 1, 1], {"d0/A": "no JSON"})


def test_a_rejected_candidate_has_its_ratings_of_the_validation_pairs_alone(data):
    assert data["ratings"]["prompts"][REJECTED].keys() == {"validation"}
    assert data["ratings"]["prompts"][REJECTED]["validation"]["ratings"] == {"tone": [2, 2], "safe": [1, 1]}


def test_trajectories_have_a_value_per_step_and_none_where_a_score_is_undefined(data):
    assert data["trajectories"]["test"]["spearman"]["tone"] == [1.0, None, None]
    assert data["gaps"][0] == ""
    assert "tone" in data["gaps"][1]
    assert data["trajectories"]["test"]["mae"]["tone"][0] == 0
    # Scales of different widths: errors are shares of the scale. Step 0 has no batch.
    assert data["trajectories"]["batch"]["mae"]["tone"] == [None, 1.0, 1.0]


def test_steps_keep_all_texts_and_the_values_of_the_gate_but_no_ratings_by_pair(data):
    step = data["steps"][1]
    assert step["gradients"][0]["text"] == f"message {MARKUP}"
    assert step["validation"]["candidate"] == {"n": 2, "missing": 0, "mae": {"tone": 1.0, "safe": 0.5}}
    assert step["diagnostics"] == {"tone": {"specificity": 7.0, "adherence": "no number"}}


def test_classes_are_shown_by_their_names(data):
    safe = data["criteria"][1]
    assert (safe["labels"], safe["values"], safe["nominal"]) == (["no", "maybe", "yes"], [0, 1, 2], True)


def test_the_entry_of_a_run_counts_decisions_and_missing_ratings(data):
    entry = summarize_run(data)
    assert (entry["state"], entry["steps"], entry["decisions"]) == ("finished", 2, [None, True, False])
    assert entry["missing"] == pytest.approx(2 / 16)
    assert entry["cost"] is None


def test_a_run_without_predictions_yet_shows_its_steps(tmp_path):
    data = read_page(tmp_path, evaluated=False)
    assert summarize_run(data)["state"] == "optimized"
    assert summarize_run(data)["missing"] is None
    assert len(data["steps"]) == 3
    assert data["simulated"]


def test_a_usage_file_without_costs_leaves_them_unknown(tmp_path):
    make_results(tmp_path)
    usage = {"optimize": {"total": {"calls": 3}}, "evaluate": {"total": {"calls": 4}}}
    (tmp_path / "runs" / RUN / "usage.json").write_text(json.dumps(usage), encoding="utf-8")
    entry = summarize_run(read_run(tmp_path, RunId.parse(RUN + "/"), "talk", FACTS))
    assert (entry["calls"], entry["cost"]) == (7, None)
