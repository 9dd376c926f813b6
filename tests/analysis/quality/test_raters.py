"""Halo, test-retest and the agreement of experts against answers made by hand and the package krippendorff."""

import math

import krippendorff
import numpy as np
import pytest
from scipy import stats

from collide.analysis.bootstrap import draw_resamples
from collide.analysis.quality import rated_pairs
from collide.analysis.quality.experts import list_experts, measure_alpha, measure_experts
from collide.analysis.quality.halo import correlate_criteria, share_equal_ratings
from collide.analysis.quality.measure import POOLED
from collide.analysis.quality.retest import find_detectable_difference, find_retest_difference, share_changed
from collide.experiment.scales import Scale

NAN = np.nan
POINTS = Scale((1, 2, 3, 4, 5))
WEIGHTS = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
DOCUMENTS = np.array([0, 0, 1, 1])


def rows(*values):
    return [np.array(row, float) for row in values]


def test_equal_ratings_are_counted_among_the_pairs_with_all_ratings():
    ratings = rows([5, 4, 3, NAN], [5, 3, 3, 1], [5, 4, 3, 1])
    assert share_equal_ratings(DOCUMENTS, ratings, WEIGHTS) == pytest.approx([2 / 3, 1 / 2, 1], abs=1e-12)


def test_the_correlation_between_criteria_is_the_mean_over_those_that_vary():
    first, second, third = rows([1, 2, 3, 5], [2, 1, 4, 5], [5, 4, 4, 1])
    weights = np.ones((1, 2))
    answer = np.mean([stats.spearmanr(a, b).statistic for a, b in ((first, second), (first, third), (second, third))])
    assert correlate_criteria(DOCUMENTS, [first, second, third], weights)[0] == pytest.approx(answer, abs=1e-12)
    constant = np.full(4, 3.0)
    alone = stats.spearmanr(first, second).statistic
    assert correlate_criteria(DOCUMENTS, [first, second, constant], weights)[0] == pytest.approx(alone, abs=1e-12)
    assert np.isnan(correlate_criteria(DOCUMENTS, [constant, constant], weights)[0])


def test_changed_ratings_are_the_mean_over_all_combinations_of_two_judgings():
    # 1 of 4 differ, 2 of 3 (one is missing), 1 of 3.
    judgings = rows([1, 2, 3, 4], [1, 2, 3, 5], [2, 2, 4, NAN])
    found = share_changed(DOCUMENTS, judgings, WEIGHTS)
    assert found[0] == pytest.approx((1 / 4 + 2 / 3 + 2 / 3) / 3, abs=1e-12)
    assert found[1] == pytest.approx((0 + 1 / 2 + 1 / 2) / 3, abs=1e-12)


def test_the_retest_difference_is_the_minimal_detectable_change():
    assert find_retest_difference(np.array([0.02]), 4)[0] == pytest.approx(stats.norm.ppf(0.975) * math.sqrt(2) * 0.02 / 2)
    # Means over 3 judgings of the same prompt, twice: 5% of the differences are larger.
    random = np.random.default_rng(0)
    differences = np.diff(random.normal(0, 0.02, (200_000, 2, 3)).mean(axis=2))[:, 0]
    assert np.mean(np.abs(differences) > find_retest_difference(np.array([0.02]), 3)[0]) == pytest.approx(0.05, abs=0.002)


def test_the_detectable_difference_is_found_with_a_power_of_80_percent():
    random = np.random.default_rng(0)
    difference = find_detectable_difference(np.r_[0.0, random.normal(0, 0.01, 200_000)])
    found = np.abs(random.normal(difference, 0.01, 200_000)) > stats.norm.ppf(0.975) * 0.01
    assert found.mean() == pytest.approx(0.8, abs=0.005)


def test_each_expert_is_compared_with_the_mean_of_the_others():
    found = list(list_experts(np.array([[1.0, 2], [3, 4], [5, 5]]), POINTS))
    assert [expert.tolist() for expert, _ in found] == [[1, 2], [3, 4], [5, 5]]
    assert [others.tolist() for _, others in found] == [[4, 4.5], [3, 3.5], [2, 3]]


def test_alpha_is_that_of_the_package_in_the_sample_and_in_every_resample():
    random = np.random.default_rng(2)
    truth = random.normal(3.5, 1, 90)
    ratings = np.clip(np.rint(truth + random.normal(0, 0.8, (3, 90))), 1, 5)
    documents = random.integers(0, 12, 90)
    weights = draw_resamples([f"{d:02}" for d in range(12)], 6, 0).weights
    found = measure_alpha(documents, ratings, weights, POINTS)
    for row, drawn in enumerate(weights):
        chosen = np.concatenate([np.repeat(np.flatnonzero(documents == d), int(drawn[d])) for d in range(12)])
        answer = krippendorff.alpha(reliability_data=ratings[:, chosen], level_of_measurement="ordinal")
        assert found[row] == pytest.approx(answer, abs=1e-12)


def test_experts_who_agree_have_an_alpha_of_1_and_equal_ratings_none():
    weights = np.ones((1, 2))
    assert measure_alpha(DOCUMENTS, np.array([[1.0, 2, 3, 4]] * 3), weights, POINTS)[0] == 1
    assert np.isnan(measure_alpha(DOCUMENTS, np.full((3, 4), 5.0), weights, POINTS)[0])


def test_criteria_may_have_different_numbers_of_raters():
    generator = np.random.default_rng(0)
    scales = {"fluency": POINTS, "tone": POINTS}
    experts = {name: generator.integers(1, 6, (number, 4)).astype(float) for name, number in (("fluency", 3), ("tone", 2))}
    humans = {name: ratings.mean(axis=0) for name, ratings in experts.items()}
    pairs = rated_pairs.TestPairs(scales, list("abcd"), DOCUMENTS, np.array([0, 1, 0, 1]), humans, experts, WEIGHTS)
    counted = {(row.name.criterion, row.name.metric): row.runs for row in measure_experts(pairs) if row.name.level == POOLED}
    assert (counted["fluency", "mae"], counted["tone", "mae"], counted["average", "mae"]) == (3, 2, 2)
