"""Measures per document and per system against scipy, answers made by hand, and a published table."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from collide.analysis.bootstrap import draw_resamples
from collide.analysis.quality.levels import correlate_documents, measure_document_accuracy, measure_systems

FUNCTIONS = {"spearman": stats.spearmanr, "kendall": stats.kendalltau, "pearson": stats.pearsonr}
UNIEVAL = "COLLIDE_UNIEVAL_SUMMEVAL"
ALONE = np.ones((1, 1))


def sample(size=150, documents=20, systems=6, seed=5):
    random = np.random.default_rng(seed)
    humans = random.integers(3, 16, size) / 3
    ratings = np.clip(np.rint(humans + random.normal(0, 1, size)), 1, 5)
    return random.integers(0, documents, size), random.integers(0, systems, size), ratings, humans


def correlate(name, ratings, humans):
    """Correlation by scipy; nan where it is undefined."""
    constant = len(set(ratings)) < 2 or len(set(humans)) < 2
    return np.nan if constant else FUNCTIONS[name](ratings, humans).statistic


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_document_has_the_correlation_of_its_pairs(name):
    # The last two documents have one pair and none.
    documents, _, ratings, humans = sample(61, 22)
    documents[documents >= 20] = 0
    documents[0] = 20
    ratings[documents == 3] = 4
    found = correlate_documents(documents, ratings, humans, 22)[name]
    answers = [correlate(name, ratings[documents == d], humans[documents == d]) for d in range(22)]
    assert found.values == pytest.approx(answers, abs=1e-12, nan_ok=True)
    assert found.undefined == np.isnan(answers).sum() >= 3
    weights = draw_resamples([f"{d:02}" for d in range(22)], 4, 0).weights
    for drawn, mean in zip(weights, found.average(weights), strict=True):
        values = np.repeat(answers, drawn.astype(int))
        assert mean == pytest.approx(np.nanmean(values), abs=1e-12)


def test_accuracy_of_documents_made_by_hand():
    # Document 0: ratings 1 2 4 of humans 1 1 2. Document 1: ratings 3 3 of humans 1 2. Document 2 has one pair.
    documents, ratings, humans = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 2, 4, 3, 3, 5.0]), np.array([1, 1, 2, 1, 2, 1.0])
    thresholds, found = measure_document_accuracy(documents, ratings, humans, 3)
    assert thresholds.tolist() == [0, 1, 2, 3]
    by_threshold = [values.values for values in found]
    assert np.array(by_threshold)[:, 0] == pytest.approx([2 / 3, 1, 2 / 3, 1 / 3], abs=1e-12)
    assert [values[1] for values in by_threshold] == [0, 0, 0, 0]
    assert found[0].undefined == 1
    assert found[1].average(np.array([[1.0, 1.0, 1.0]]))[0] == pytest.approx(0.5, abs=1e-12)


def test_systems_have_the_correlation_of_their_means_in_every_resample():
    documents, systems, ratings, humans = sample()
    weights = draw_resamples([f"{d:02}" for d in range(20)], 6, 0).weights
    found = measure_systems(documents, systems, ratings, humans, weights)
    for row, drawn in enumerate(weights):
        chosen = np.concatenate([np.repeat(np.flatnonzero(documents == d), int(drawn[d])) for d in range(20)])
        means = [[values[chosen][systems[chosen] == s].mean() for s in range(6)] for values in (ratings, humans)]
        for name in FUNCTIONS:
            assert found[name][row] == pytest.approx(correlate(name, *means), abs=1e-12), (name, row)
        order = [np.sign(np.subtract.outer(side, side))[np.triu_indices(6, 1)] for side in means]
        assert found["pairwise_accuracy"][row] == pytest.approx(np.mean(order[0] == order[1]), abs=1e-12)


def test_a_system_that_a_resample_lacks_is_left_out():
    documents, systems = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 3])
    ratings, humans = np.array([1.0, 2, 3, 1]), np.array([2.0, 3, 4, 5])
    found = measure_systems(documents, systems, ratings, humans, np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]))
    assert found["spearman"][1] == pytest.approx(1, abs=1e-12)
    assert found["pearson"][1] == pytest.approx(1, abs=1e-12)
    assert found["pairwise_accuracy"][1] == 1
    assert all(np.isnan(values[2]) for values in found.values())


def test_equal_means_of_systems_are_tied_despite_rounding_errors():
    # The means of 0.1, 0.2, 0.3 and of 0.2, 0.2, 0.2 differ in the last digit.
    ratings = np.array([0.1, 0.2, 0.3, 0.2, 0.2, 0.2, 1.0])
    found = measure_systems(np.zeros(7, int), np.array([0, 0, 0, 1, 1, 1, 2]), ratings, ratings[::-1], ALONE)
    assert found["pairwise_accuracy"][0] < 1
    same = measure_systems(np.zeros(6, int), np.array([0, 0, 0, 1, 1, 1]), ratings[:6], np.array([1.0, 1, 1, 2, 2, 2]), ALONE)
    assert np.isnan(same["spearman"][0])


def test_without_pairs_everything_is_undefined():
    nothing, none = np.array([], int), np.array([], float)
    assert all(np.isnan(v[0]) for v in measure_systems(nothing, nothing, none, none, ALONE).values())
    assert all(values.undefined == 1 for values in correlate_documents(nothing, none, none, 1).values())
    assert measure_document_accuracy(nothing, none, none, 1)[1][0].undefined == 1


# Pearson, Spearman and Kendall of UniEval's coherence on SummEval, as its authors print them (Zhong et al. 2022).
PUBLISHED = {
    "pooled": (0.533249, 0.591811, 0.424627),
    "document": (0.553818, 0.575186, 0.44249),
    "system": (0.810345, 0.811765, 0.683333),
}


@pytest.mark.skipif(UNIEVAL not in os.environ, reason=f"{UNIEVAL} names no file of UniEval's published SummEval predictions")
def test_levels_are_those_of_the_published_table_of_unieval():
    records = json.loads(Path(os.environ[UNIEVAL]).read_text(encoding="utf-8"))
    ratings = np.array([record["predict_scores"]["coherence"] for record in records])
    humans = np.array([record["scores"]["coherence"] for record in records])
    documents, systems = (
        np.unique([record[key] for record in records], return_inverse=True)[1] for key in ("doc_id", "system_id")
    )
    weights = np.ones((1, documents.max() + 1))
    # All pairs as one document are the pooled level; the count tables of the pipeline are for whole ratings.
    together = correlate_documents(np.zeros(len(ratings), int), ratings, humans, 1)
    by_document = correlate_documents(documents, ratings, humans, weights.shape[1])
    by_system = measure_systems(documents, systems, ratings, humans, weights)
    names = ("pearson", "spearman", "kendall")
    found = {
        "pooled": [together[name].values[0] for name in names],
        "document": [by_document[name].average(weights)[0] for name in names],
        "system": [by_system[name][0] for name in names],
    }
    for level, answers in PUBLISHED.items():
        assert found[level] == pytest.approx(answers, abs=5e-7), level
