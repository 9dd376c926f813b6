"""Level and power of the test of improvement."""

import numpy as np
import pytest
from tools.simulate_gains import simulate_replicate


def find_improvements(replicates, seeds, gain, spread=0.0):
    random = np.random.default_rng(1)
    return [simulate_replicate(random, seeds, gain, spread, draws=100) for _ in range(replicates)]


def test_a_large_gain_is_found_and_its_size_is_right():
    outcomes = find_improvements(2, seeds=3, gain=0.1)
    assert all(outcome.improved for outcome in outcomes)
    assert np.mean([outcome.gain for outcome in outcomes]) == pytest.approx(0.1, abs=0.03)


@pytest.mark.slow
def test_of_400_null_replicates_at_most_5_percent_come_out_as_an_improvement():
    outcomes = find_improvements(400, seeds=3, gain=0.0)
    assert sum(outcome.improved for outcome in outcomes) <= 20
    # The reason for the test: the interval of the gain at the best step calls many of the same replicates an improvement.
    assert sum(outcome.by_best for outcome in outcomes) > 80


@pytest.mark.slow
def test_runs_that_differ_by_chance_are_no_improvement_either():
    """The bootstrap of three seeds takes their differences to be smaller than they are."""
    outcomes = find_improvements(400, seeds=3, gain=0.0, spread=0.03)
    assert sum(outcome.improved for outcome in outcomes) <= 20


@pytest.mark.slow
def test_the_gain_of_the_paper_is_found_with_three_seeds():
    assert sum(outcome.improved for outcome in find_improvements(40, seeds=3, gain=0.03)) >= 32
