"""Agreement of cells whose answers are known: correlations set by hand."""

import numpy as np
import pytest
from scipy import stats

from collide.analysis.bootstrap import draw_resamples
from collide.analysis.estimates import EstimateName
from collide.analysis.formulas.counts import count_pairs
from collide.analysis.quantities.agreement import Trajectory, estimate_agreement
from collide.analysis.quantities.variants import estimate_variant
from collide.experiment.scales import Scale

DOCUMENTS = [f"d{i}" for i in range(40)]
RESAMPLES = draw_resamples(DOCUMENTS, draws=50, seed=0)
SCALES = dict.fromkeys(["fluency", "relevance"], Scale((1, 2, 3, 4, 5)))
HUMANS = np.array([1.0 + i % 5 for i in range(40)])
RIGHT, WRONG, CONSTANT = HUMANS, 6 - HUMANS, np.full(40, 3.0)


def count(ratings):
    return count_pairs(RESAMPLES.locate_documents(DOCUMENTS), ratings, HUMANS, RESAMPLES.weights)


def prompt(fluency, relevance):
    return {"fluency": count(fluency), "relevance": count(relevance)}


def estimates(trajectories, mode="SSS"):
    found = estimate_agreement("main", mode, "mae", trajectories, RESAMPLES, SCALES)
    return {(e.name.criterion, e.name.quantity): e for e in found}


def value(found, criterion, quantity):
    return float(found[criterion, quantity].draws[0])


def test_initial_best_and_gain_are_read_off_the_mean_over_seeds():
    low, middle, high = prompt(WRONG, WRONG), prompt(RIGHT, WRONG), prompt(RIGHT, RIGHT)
    found = estimates([Trajectory(0, [low, high, middle]), Trajectory(1, [middle, high, low])])
    assert value(found, "average", "initial") == pytest.approx(-0.5)
    assert value(found, "average", "best") == pytest.approx(1)
    assert value(found, "average", "best_step") == 1
    assert value(found, "average", "gain") == pytest.approx(1.5)
    assert value(found, "average", "final") == value(found, "average", "step2") == pytest.approx(-0.5)
    assert value(found, "fluency", "initial") == pytest.approx(0)
    assert value(found, "average", "initial_sd") == pytest.approx(np.sqrt(0.5))
    assert found["average", "best"].runs == 2


def test_of_equal_steps_the_earlier_is_best():
    same = prompt(RIGHT, RIGHT)
    assert value(estimates([Trajectory(0, [same, same])]), "average", "best_step") == 0


def test_a_step_without_predictions_is_undefined_and_never_the_best():
    usual, none = prompt(WRONG, WRONG), prompt(np.full(40, np.nan), np.full(40, np.nan))
    found = estimates([Trajectory(0, [usual, none, usual], [usual, none, usual]), Trajectory(1, [usual, none, usual])])
    for quantity in ("step1", "step1_sd"):
        assert np.isnan(found["average", quantity].draws).all()
    assert found["average", "step1"].note == "160 predictions missing"
    assert set(found["average", "best_step"].draws) == {0.0}
    assert value(found, "average", "best") == value(found, "average", "final") == pytest.approx(-1)
    assert value(found, "average", "hvi") == value(found, "average", "hvi_step0")
    alone = estimates([Trajectory(0, [usual, none], [usual, none])])
    assert value(alone, "average", "by_validation_step") == 0
    assert np.isnan(alone["average", "final"].draws).all()


def test_every_draw_chooses_the_best_step_anew():
    odd = np.arange(40) % 2
    first, second = (np.where(odd == side, RIGHT, WRONG) for side in (0, 1))
    found = estimates([Trajectory(0, [prompt(first, first), prompt(second, second)])])
    steps = set(found["average", "best_step"].draws)
    assert steps == {0.0, 1.0}
    assert (found["average", "gain"].draws >= 0).all()
    assert (found["average", "gain"].draws[found["average", "best_step"].draws == 0] == 0).all()
    either = np.maximum(found["average", "step0"].draws, found["average", "step1"].draws)
    assert found["average", "best"].draws == pytest.approx(either)


def test_the_runs_part_of_an_interval_has_the_documents_fixed():
    some = np.where(np.arange(40) % 3, RIGHT, WRONG)
    alone = estimates([Trajectory(0, [prompt(some, some)])])["average", "initial"]
    assert alone.draws.std() > 0
    assert alone.run_draws == pytest.approx(alone.draws[0])
    both = estimates([Trajectory(0, [prompt(RIGHT, RIGHT)]), Trajectory(1, [prompt(WRONG, WRONG)])])["average", "initial"]
    assert set(both.run_draws.round(9)) == {-1.0, 0.0, 1.0}


def test_the_step_chosen_on_validation_is_reported_with_its_test_value():
    low, high = prompt(WRONG, WRONG), prompt(RIGHT, RIGHT)
    found = estimates([Trajectory(0, [high, low], [low, high])])
    assert value(found, "average", "by_validation_step") == 1
    assert value(found, "average", "by_validation") == pytest.approx(-1)


def test_the_gain_at_the_step_chosen_on_validation_has_the_p_value_of_a_t_test_over_seeds():
    """These correlations are the same for any choice of documents, so the seeds alone vary."""
    wrong, right, none = prompt(WRONG, WRONG), prompt(RIGHT, RIGHT), prompt(CONSTANT, CONSTANT)
    starts = [wrong, none, wrong, none]
    runs = [Trajectory(seed, [start, right], [start, right]) for seed, start in enumerate(starts)]
    found = estimates(runs)
    gains = [2.0, 1.0, 2.0, 1.0]
    for criterion in ("fluency", "relevance", "average"):
        assert value(found, criterion, "validation_gain") == pytest.approx(np.mean(gains))
        assert value(found, criterion, "validation_gain_p") == pytest.approx(stats.ttest_1samp(gains, 0.0).pvalue)


def test_choosing_on_validation_can_lose_on_the_test_pairs():
    low, high = prompt(WRONG, WRONG), prompt(RIGHT, RIGHT)
    found = estimates([Trajectory(seed, [high, low], [low, high]) for seed in (0, 1)])
    assert value(found, "average", "gain") == 0
    assert value(found, "average", "validation_gain") == pytest.approx(-2)


def test_a_cell_that_validation_leaves_at_the_initial_prompt_has_no_gain():
    low, high = prompt(WRONG, WRONG), prompt(RIGHT, RIGHT)
    found = estimates([Trajectory(seed, [low, high], [high, low]) for seed in (0, 1)])
    assert value(found, "average", "gain") == pytest.approx(2)
    assert (found["average", "validation_gain"].draws == 0).all()
    assert value(found, "average", "validation_gain_p") == 1


def test_one_run_has_a_gain_without_interval_or_p_value():
    low, high = prompt(WRONG, WRONG), prompt(RIGHT, RIGHT)
    found = estimates([Trajectory(0, [low, high], [low, high])])
    assert value(found, "average", "validation_gain") == pytest.approx(2)
    assert np.isnan(found["average", "validation_gain"].draws[1:]).all()
    assert np.isnan(value(found, "average", "validation_gain_p"))


def test_a_constant_judge_counts_as_zero_and_is_reported():
    found = estimates([Trajectory(0, [prompt(RIGHT, CONSTANT)])])
    assert value(found, "average", "initial") == pytest.approx(0.5)
    assert found["average", "initial"].note == "1 of 2 undefined, counted as 0"


def test_missing_predictions_do_not_count_as_zero():
    gone = np.full(40, np.nan)
    found = estimates([Trajectory(0, [prompt(RIGHT, RIGHT), prompt(RIGHT, gone)]), Trajectory(1, [prompt(RIGHT, RIGHT)] * 2)])
    assert np.isnan(value(found, "average", "step1"))
    assert np.isnan(value(found, "relevance", "final"))
    assert found["average", "step1"].note == "40 predictions missing"
    # What is there is still the best, and all that the archive holds.
    assert value(found, "average", "best") == pytest.approx(1)
    assert value(found, "average", "hvi") == pytest.approx(4)
    assert np.isnan(value(estimates([Trajectory(0, [prompt(gone, gone)])]), "average", "hvi"))


def test_missing_predictions_are_reported():
    holed = RIGHT.copy()
    holed[:3] = np.nan
    found = estimates([Trajectory(0, [prompt(holed, RIGHT)]), Trajectory(1, [prompt(RIGHT, RIGHT)])])
    assert found["fluency", "initial"].note == found["average", "initial"].note == "3 predictions missing"
    assert found["relevance", "initial"].note == ""


def test_the_spread_over_seeds_is_there_for_every_step_and_criterion():
    found = estimates([Trajectory(0, [prompt(RIGHT, WRONG)]), Trajectory(1, [prompt(WRONG, WRONG)])])
    assert value(found, "fluency", "step0_sd") == pytest.approx(np.sqrt(2))
    assert value(found, "relevance", "step0_sd") == 0
    assert np.isnan(value(estimates([Trajectory(0, [prompt(RIGHT, WRONG)])]), "fluency", "step0_sd"))


def test_the_archive_keeps_what_later_steps_lose():
    high, low = prompt(RIGHT, RIGHT), prompt(WRONG, WRONG)
    found = estimates([Trajectory(0, [high, low])])
    assert value(found, "average", "hvi") == pytest.approx(4)
    assert value(found, "average", "hvi_step0") == pytest.approx(4)
    assert ("average", "hvi") not in estimates([Trajectory(0, [high, low])], mode="single")


def test_differences_of_cells_are_paired():
    """Two cells with the same predictions differ by nothing in any draw."""
    some = np.where(np.arange(40) % 3, RIGHT, WRONG)
    first = estimates([Trajectory(0, [prompt(some, some)]), Trajectory(1, [prompt(RIGHT, some)])])
    second = estimates([Trajectory(0, [prompt(some, some)]), Trajectory(1, [prompt(RIGHT, some)])], mode="CCC")
    assert (first["average", "best"].draws == second["average", "best"].draws).all()
    assert first["average", "best"].draws[1:].std() > 0


def test_a_variant_draws_the_seeds_of_other_cells_in_whatever_order_they_come():
    some = np.where(np.arange(40) % 3, RIGHT, WRONG)
    runs = {0: prompt(some, some), 1: prompt(RIGHT, some), 2: prompt(WRONG, RIGHT)}
    mode = estimates([Trajectory(seed, [counts]) for seed, counts in runs.items()])["average", "initial"]
    variant = EstimateName("cherrypick:main", "v", "mae", "", "")
    for order in ((0, 1, 2), (2, 0, 1)):
        found = {e.name: e for e in estimate_variant(variant, {seed: runs[seed] for seed in order}, RESAMPLES, SCALES)}
        shown = found[variant._replace(criterion="average", quantity="spearman")]
        assert shown.draws == pytest.approx(mode.draws)
        assert shown.run_draws == pytest.approx(mode.run_draws)
