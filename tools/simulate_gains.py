"""Level and power of the test of improvement (`validation_gain`), by simulation.

    python tools/simulate_gains.py --replicates 400

Each replicate is a cell like those of the default design: seeds x 13 prompts that rate 100 validation and 480 test pairs of 100
documents on four criteria. All ratings come from one judge with a Spearman correlation of about 0.3; in each prompt and seed
15% of them are moved by one. With a gain of 0 all prompts are exchangeable, and every improvement that is found is a false one.
With a gain, all rewritten prompts have it on average, and the runs differ in it by a standard deviation, the spread. A spread
without a gain is a null, too: a run is better or worse than the initial prompt by chance.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from collide.analysis.bootstrap import Resamples, draw_resamples, percentile_interval
from collide.analysis.estimates import AVERAGE
from collide.analysis.formulas.counts import count_pairs
from collide.analysis.quantities.agreement import Trajectory, estimate_agreement
from collide.experiment.scales import Scale

Floats = NDArray[np.float64]

DOCUMENTS, SYSTEMS, CRITERIA, PROMPTS = 100, 16, 4, 13
SCALES = {f"criterion{index}": Scale((1, 2, 3, 4, 5)) for index in range(CRITERIA)}
TEST_PAIRS, VALIDATION_PAIRS = 480, 100
MOVED_SHARE = 0.15
# Weight of the human score in the judge's ratings, and the change of the weight per unit of Spearman correlation. Both were
# fitted once to these settings: the weight gives a correlation of 0.30.
WEIGHT = 0.32
WEIGHT_PER_CORRELATION = 1.2
LEVEL = 0.95
# Rows with a gain take this share of the replicates: a power need not be known as precisely as a level, and 30 seeds take long.
POWER_SHARE = 0.25
# Seeds, gain and spread of the rows that are printed. 0.03 is the gain of Single-Task in the paper's Table 1.
SETTINGS = [
    *((3, 0.0, 0.0), (3, 0.0, 0.03), (10, 0.0, 0.03)),
    *((seeds, 0.03, spread) for spread in (0.0, 0.03) for seeds in (3, 10, 30)),
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The gain of a replicate at the step chosen on validation, and whether tests find an improvement.

    `by_best` uses the interval of the gain at the best step on the test pairs, which every draw chooses anew.
    """

    gain: float
    improved: bool
    by_best: bool


def simulate_replicate(random: np.random.Generator, seeds: int, gain: float, spread: float, draws: int) -> Outcome:
    """Return the outcome of one simulated cell."""
    documents = np.repeat(np.arange(DOCUMENTS), SYSTEMS)
    order = random.permutation(len(documents))
    test, validation = order[:TEST_PAIRS], order[TEST_PAIRS : TEST_PAIRS + VALIDATION_PAIRS]
    quality = random.normal(0, 0.5, (DOCUMENTS, CRITERIA))[documents] + random.normal(0, 1, (len(documents), CRITERIA))
    human = np.clip(np.round((3.5 + quality) * 3) / 3, 1, 5)
    base = random.normal(0, 0.95, quality.shape) + WEIGHT * quality
    test_resamples = draw_resamples([f"d{number}" for number in documents[test]], draws, int(random.integers(2**31)))
    plain = draw_resamples([f"d{number}" for number in documents[validation]], 0, 0)
    runs = []
    for seed in range(seeds):
        weight = WEIGHT_PER_CORRELATION * (gain + random.normal(0, spread))
        prompts = [_rate(random, base + (weight * quality if step else 0.0)) for step in range(PROMPTS)]
        runs.append(
            Trajectory(
                seed,
                [_count(rated[test], human[test], documents[test], test_resamples) for rated in prompts],
                [_count(rated[validation], human[validation], documents[validation], plain) for rated in prompts],
            )
        )
    found = {
        estimate.name.quantity: estimate.draws
        for estimate in estimate_agreement("main", "SSS", "none", runs, test_resamples, SCALES)
        if estimate.name.criterion == AVERAGE
    }
    low, _ = percentile_interval(found["validation_gain"], LEVEL)
    low_best, _ = percentile_interval(found["gain"], LEVEL)
    significant = float(found["validation_gain_p"][0]) < 1 - LEVEL
    return Outcome(float(found["validation_gain"][0]), bool(low and low > 0 and significant), bool(low_best and low_best > 0))


def _rate(random: np.random.Generator, latent: Floats) -> Floats:
    """Return ratings from 1 to 5, of which a share is moved by one."""
    ratings = np.clip(np.round(3.3 + latent), 1, 5)
    moved = random.random(ratings.shape) < MOVED_SHARE
    return np.where(moved, np.clip(ratings + random.choice([-1.0, 1.0], ratings.shape), 1, 5), ratings)


def _count(ratings: Floats, human: Floats, documents: NDArray[np.int64], resamples: Resamples) -> dict:
    columns = resamples.locate_documents([f"d{number}" for number in documents])
    return {
        name: count_pairs(columns, ratings[:, index], human[:, index], resamples.weights) for index, name in enumerate(SCALES)
    }


def main() -> None:
    """Print the share of improvements that are found, by number of seeds, gain and spread of the runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print("seeds   gain  spread   mean gain   improved   by the best step   (95% interval of improved)")
    for seeds, gain, spread in SETTINGS:
        random = np.random.default_rng([arguments.seed, seeds, round(1000 * gain), round(1000 * spread)])
        replicates = round(arguments.replicates * (POWER_SHARE if gain else 1))
        outcomes = [simulate_replicate(random, seeds, gain, spread, arguments.draws) for _ in range(replicates)]
        improved, by_best = (sum(getattr(outcome, name) for outcome in outcomes) for name in ("improved", "by_best"))
        interval = stats.binomtest(improved, len(outcomes)).proportion_ci()
        shares = f"{improved / len(outcomes):9.1%} {by_best / len(outcomes):18.1%}"
        mean = float(np.mean([outcome.gain for outcome in outcomes]))
        settings = f"{seeds:5} {gain:6.3f} {spread:7.3f} {mean:11.4f}"
        print(f"{settings}  {shares}   [{interval.low:.1%}, {interval.high:.1%}]", flush=True)


if __name__ == "__main__":
    main()
