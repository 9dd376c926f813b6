"""Diagnostics of ratings counted by hand."""

import dataclasses

import numpy as np
import pytest

from collide.analysis.bootstrap import RunPicker
from collide.analysis.quantities.diagnostics import RunRatings, estimate_cell_diagnostics, estimate_study_diagnostics

RUN_PICKER = RunPicker(draws=50, seed=0)
RANDOM_SCORES = np.random.default_rng(0).integers(1, 11, (3, 5)).tolist()


def ratings(mode, criterion, scores, seed=0, gate="mae"):
    return RunRatings("main", mode, gate, seed, criterion, "specificity", scores)


def diagnostics(rated):
    estimates = [*estimate_cell_diagnostics(rated, RUN_PICKER), *estimate_study_diagnostics(rated, RUN_PICKER)]
    assert len({e.name for e in estimates}) == len(estimates)
    return {e.name: e for e in estimates}


def test_diagnostics_average_all_scores_of_a_cell_and_of_its_group():
    found = diagnostics(
        [
            ratings("SSS", "fluency", (9, 8, None)),
            ratings("SSS", "relevance", (10, 9, 9)),
            ratings("SSC", "fluency", (7, 7, 7)),
            ratings("SCC", "fluency", (2, 3, 4), gate="none"),
        ]
    )

    def mean(mode, gate, criterion, quantity="specificity"):
        return float(found["main", mode, gate, criterion, quantity].draws[0])

    assert mean("SSS", "mae", "fluency") == pytest.approx(8.5)
    assert mean("SSS", "all", "average") == pytest.approx(45 / 5)
    assert mean("per-task", "all", "fluency") == pytest.approx((9 + 8 + 21) / 5)
    assert mean("cross-task", "all", "average", "specificity_sd") == pytest.approx(1.0)
    assert mean("per-task", "all", "average", "specificity_min") == 7
    assert found["main", "SSS", "mae", "fluency", "specificity"].note == "1 missing"
    assert found["main", "SSS", "mae", "average", "specificity"].n == 5


def test_one_run_of_ratings_has_no_interval():
    found = diagnostics([ratings("SSS", "fluency", (9, 8))])["main", "SSS", "mae", "fluency", "specificity"]
    assert found.draws[0] == 8.5
    assert np.isnan(found.draws[1:]).all()


def test_a_group_says_which_modes_it_lacks():
    found = diagnostics([ratings("SCC", "fluency", (2,)), ratings("SSS", "fluency", (9,))])
    assert found["main", "cross-task", "mae", "fluency", "specificity"].note == "without CCC"
    assert found["main", "per-task", "mae", "fluency", "specificity"].note == "without single, SSC"


def test_single_task_lacks_no_control():
    control = [dataclasses.replace(ratings(mode, "fluency", (5,)), diagnostic="specificity_joined") for mode in ("SSS", "SSC")]
    assert diagnostics(control)["main", "per-task", "mae", "fluency", "specificity_joined"].note == ""
    assert diagnostics(control[:1])["main", "per-task", "all", "fluency", "specificity_joined"].note == "without SSC"


def test_modes_with_the_same_runs_are_paired():
    scores = {seed: tuple(RANDOM_SCORES[seed]) for seed in range(3)}
    both = [ratings(mode, "fluency", scores[seed], seed) for mode in ("SSC", "SCC") for seed in range(3)]
    found = diagnostics(both)
    first, second = (found["main", mode, "mae", "fluency", "specificity"].draws for mode in ("SSC", "SCC"))
    assert (first == second).all()
    assert first.std() > 0


def test_a_cell_without_any_score_is_not_made_up():
    assert diagnostics([ratings("SSS", "fluency", (None, None))]) == {}
