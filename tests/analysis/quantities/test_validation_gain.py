"""The test of improvement against closed forms."""

import numpy as np
import pytest
from scipy import stats

from collide.analysis.bootstrap import percentile_interval
from collide.analysis.quantities.validation_gain import GainTest, measure_gain

ROWS = 4001


def runs_with(gains, document_noise=0.0):
    """Gains of runs x rows: the sample in row 0, and in the other rows a noise of the documents that all runs share."""
    noise = np.concatenate([[0.0], np.random.default_rng(0).normal(0, 1, ROWS - 1)]) * document_noise
    return np.array(gains)[:, None] + noise


def test_without_noise_of_documents_it_is_the_t_test_over_seeds():
    gains = [0.01, 0.03, 0.05, 0.02]
    total, alone = measure_gain(runs_with(gains), documents=100)
    known = stats.ttest_1samp(gains, 0.0)
    assert total.gain == pytest.approx(np.mean(gains))
    assert total.error == pytest.approx(alone.error) and total.freedom == pytest.approx(3)
    assert total.p_value == pytest.approx(known.pvalue)
    low, high = known.confidence_interval(0.95)
    shown = percentile_interval(total.spread_draws(runs_with(gains).mean(axis=0)), 0.95)
    assert shown == pytest.approx((low, high), abs=2e-4)


def test_variances_of_seeds_and_documents_add_up():
    gains = [0.01, 0.03, 0.05]
    total, alone = measure_gain(runs_with(gains, 0.02), documents=50)
    drawn = runs_with(gains, 0.02)[:, 1:].mean(axis=0).var(ddof=1)
    assert alone.error**2 == pytest.approx(0.0004 / 3)
    assert total.error**2 == pytest.approx(0.0004 / 3 + drawn)
    expected = (0.0004 / 3 + drawn) ** 2 / ((0.0004 / 3) ** 2 / 2 + drawn**2 / 49)
    assert total.freedom == pytest.approx(expected)


def test_the_order_of_the_draws_is_kept_and_the_sample_stays_in_front():
    total, _ = measure_gain(runs_with([0.01, 0.03, 0.05], 0.02), documents=50)
    draws = runs_with([0.01, 0.03, 0.05], 0.02).mean(axis=0)
    spread = total.spread_draws(draws)
    assert spread[0] == draws[0]
    assert (np.argsort(spread[1:]) == np.argsort(draws[1:])).all()


def test_one_run_gives_a_gain_without_interval():
    total, alone = measure_gain(runs_with([0.02], 0.01), documents=50)
    assert total.gain == alone.gain == 0.02
    draws = total.spread_draws(runs_with([0.02], 0.01)[0])
    assert draws[0] == 0.02 and np.isnan(draws[1:]).all()


def test_no_gain_at_all_is_no_improvement():
    total, _ = measure_gain(runs_with([0.0, 0.0, 0.0]), documents=50)
    assert total.p_value == 1.0
    assert (total.spread_draws(np.zeros(ROWS)) == 0).all()
    assert GainTest(0.1, 0.0, 2.0).p_value == 0.0


def test_an_undefined_gain_has_no_interval():
    total, _ = measure_gain(np.full((3, ROWS), np.nan), documents=50)
    assert np.isnan(total.p_value)
    assert np.isnan(total.spread_draws(np.full(ROWS, np.nan))).all()
