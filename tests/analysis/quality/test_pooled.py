"""Measures over pooled pairs against scipy, answers made by hand, and the authors' run folders."""

import csv
import io
import lzma
import math
import tarfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from collide.analysis.bootstrap import draw_resamples
from collide.analysis.formulas.counts import count_pairs
from collide.analysis.metrics import METRICS
from collide.analysis.quality.pooled import (
    accuracy_of_counts,
    bias_of_counts,
    calibration_error_of_counts,
    human_means_of_counts,
    kendall_of_counts,
    list_thresholds,
    pearson_of_counts,
    round_to_scale,
    weighted_kappa_of_counts,
)
from collide.experiment.scales import Scale

AUTHORS = Path(__file__).parents[4] / "shared" / "authors" / "run-folders.tar.xz"

POINTS = Scale((1, 2, 3, 4, 5))


def weighted_kappa(counts):
    return weighted_kappa_of_counts(counts, POINTS)


def count(ratings, humans, documents=None, weights=None):
    """Counts of the sample alone by default."""
    ratings, humans = np.array(ratings, float), np.array(humans, float)
    documents = np.zeros(len(ratings), int) if documents is None else documents
    return count_pairs(documents, ratings, humans, np.ones((1, 1)) if weights is None else weights)


def sample(size=120, documents=15, seed=3):
    random = np.random.default_rng(seed)
    humans = random.integers(3, 16, size) / 3
    ratings = np.clip(np.rint(humans + random.normal(0, 1, size)), 1, 5)
    return random.integers(0, documents, size), ratings, humans


def compare_all(ratings, humans):
    """Pairwise accuracy by comparing all pairs, for thresholds 0 to 4."""
    found = []
    for limit in range(5):
        right = total = 0
        for i in range(len(ratings)):
            for j in range(i):
                seen = 0 if abs(ratings[i] - ratings[j]) <= limit else np.sign(ratings[i] - ratings[j])
                right += seen == np.sign(humans[i] - humans[j])
                total += 1
        found.append(right / total)
    return found


@pytest.mark.parametrize("step", [1, 0.01])
def test_correlations_are_those_of_scipy_in_the_sample_and_in_every_resample(step):
    documents, ratings, humans = sample()
    # A hundred different ratings, as of a scale from 0 to 100.
    ratings = ratings + step * (np.arange(len(ratings)) % 100 if step < 1 else 0)
    weights = draw_resamples([f"{d:02}" for d in range(15)], 5, 0).weights
    counts = count(ratings, humans, documents, weights)
    found = counts.compute(pearson_of_counts), counts.compute(kendall_of_counts), METRICS["spearman"].from_counts(counts)
    for row, drawn in enumerate(weights):
        chosen = np.concatenate([np.repeat(np.flatnonzero(documents == d), int(drawn[d])) for d in range(15)])
        pair = ratings[chosen], humans[chosen]
        answers = stats.pearsonr(*pair).statistic, stats.kendalltau(*pair).statistic, stats.spearmanr(*pair).statistic
        assert [values[row] for values in found] == pytest.approx(answers, abs=1e-12)


def test_pairwise_accuracy_is_that_of_comparing_all_pairs():
    _, ratings, humans = sample(60)
    counts = count(ratings, humans)
    thresholds, accuracies = list_thresholds(counts.ratings), counts.compute(accuracy_of_counts)
    assert thresholds.tolist() == [0, 1, 2, 3, 4]
    assert accuracies[:, 0] == pytest.approx(compare_all(ratings, humans), abs=1e-12)


def test_a_tie_threshold_trades_wrong_orders_against_found_ties():
    # Comparisons of ratings 1 2 5 with humans 3 3 4: tied, higher, higher.
    counts = count([1, 2, 5], [3, 3, 4])
    thresholds, accuracies = list_thresholds(counts.ratings), counts.compute(accuracy_of_counts)
    assert thresholds.tolist() == [0, 1, 3, 4]
    assert accuracies[:, 0] == pytest.approx([2 / 3, 3 / 3, 2 / 3, 1 / 3], abs=1e-12)


def test_errors_made_by_hand():
    counts = count([1, 2, 3, 5], [2, 2, 4, 4.5])
    assert counts.compute(bias_of_counts)[0] == pytest.approx(-0.375, abs=1e-12)
    assert METRICS["mae"].from_counts(counts)[0] == pytest.approx(0.625, abs=1e-12)
    # Rounded humans are 2 2 4 5: the squared distances are 1 0 1 0, and by chance those of all 16 combinations.
    expected = sum((r - h) ** 2 for r in (1, 2, 3, 5) for h in (2, 2, 4, 5)) / 16
    assert counts.compute(weighted_kappa)[0] == pytest.approx(1 - 0.5 / expected, abs=1e-12)


def test_weighted_kappa_is_that_of_scikit_learn():
    # cohen_kappa_score(ratings, rounded, weights="quadratic") of scikit-learn 1.9.1
    ratings, humans = [1, 2, 3, 4, 5, 5, 2, 4], [1, 3, 3, 5, 4, 5, 1, 2]
    assert count(ratings, humans).compute(weighted_kappa)[0] == pytest.approx(0.7647058823529411, abs=1e-12)


def test_halves_are_rounded_up_and_thirds_to_the_nearest():
    assert round_to_scale(np.array([1.5, 2.5, 4.5, 4.4999999999999996, 10 / 3, 14 / 3]), POINTS).tolist() == [2, 3, 5, 5, 3, 5]


def test_calibration_made_by_hand():
    counts = count([2, 2, 4, 4], [1, 2, 5, 5])
    assert counts.compute(human_means_of_counts)[:, 0].tolist() == [1.5, 5.0]
    assert counts.compute(calibration_error_of_counts)[0] == pytest.approx(0.75, abs=1e-12)


def test_a_constant_judge_has_no_correlation_and_no_agreement_beyond_chance():
    counts = count([4, 4, 4], [3, 4, 5])
    assert np.isnan(counts.compute(pearson_of_counts)[0])
    assert np.isnan(counts.compute(kendall_of_counts)[0])
    assert counts.compute(weighted_kappa)[0] == pytest.approx(0, abs=1e-12)
    assert counts.compute(accuracy_of_counts).tolist() == [[0.0]]


@pytest.mark.parametrize("measure", [pearson_of_counts, kendall_of_counts, bias_of_counts, weighted_kappa])
def test_without_ratings_everything_is_undefined(measure):
    assert np.isnan(count([np.nan, np.nan], [1, 2]).compute(measure)[0])


@pytest.mark.skipif(not AUTHORS.is_file(), reason="the authors' run folders are not on this machine")
def test_measures_of_the_authors_run_folders_are_their_own():
    # Decompressed in memory: going back in a compressed archive reads it from its start.
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(AUTHORS.read_bytes()))) as archive:
        files = {member.name.removeprefix("./"): member for member in archive}
        known = files["known_fixture/known_per_run_step_criterion.csv"]
        rows = list(csv.DictReader(io.TextIOWrapper(archive.extractfile(known), "utf-8")))
        checked = 0
        for row in rows[:: len(rows) // 40]:
            step = archive.extractfile(files[f"fixture/{row['run_name']}/run/eval_step_{row['step']}.parquet"])
            table = pq.read_table(io.BytesIO(step.read()), columns=[f"pred_{row['task']}", f"gt_{row['task']}"])
            ratings, humans = (column.to_pandas().to_numpy(dtype=float) for column in table.columns)
            counts = count(ratings, humans)
            # Their correlation of a constant judge is 0.
            answers = {
                "SpearmanCorrelation": np.nan_to_num(METRICS["spearman"].from_counts(counts)[0]),
                "KendallTau": np.nan_to_num(counts.compute(kendall_of_counts)[0]),
                "PearsonCorrelation": np.nan_to_num(counts.compute(pearson_of_counts)[0]),
                "MAE": METRICS["mae"].from_counts(counts)[0],
                "OffByOne": METRICS["off_by_one"].from_counts(counts)[0],
            }
            for name, answer in answers.items():
                if not math.isnan(float(row[name] or "nan")):
                    assert answer == pytest.approx(float(row[name]), abs=1e-9), (
                        row["run_name"],
                        row["step"],
                        row["task"],
                        name,
                    )
                    checked += 1
    assert checked > 150
