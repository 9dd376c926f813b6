"""Simulated annotators: ratings that follow the defects of a summary, with biases, noise and a ceiling.

All numbers are set by hand so that the embedded corpus resembles expert ratings in outline: most summaries are rated 5 for
consistency and fluency; the mean is near 3.8 for relevance and near 3.4 for coherence.
"""

from __future__ import annotations

from collide.simulator.corpus.summaries import Defects
from collide.simulator.random_draws import RandomStream

# As many as the experts of SummEval.
ANNOTATORS = 3
CRITERIA = ("fluency", "relevance", "coherence", "consistency")

# Standard deviations in points of the scale.
# The part of a pair's quality that all annotators see and the defects do not explain.
PAIR_NOISE = {"fluency": 0.3, "relevance": 0.55, "coherence": 0.75, "consistency": 0.25}
# The overall impression of a pair, which all its ratings share: it makes the criteria correlate.
IMPRESSION_NOISE = 0.25
# The part that a single annotator sees.
ANNOTATOR_NOISE = 0.25
# An annotator's leniency in a criterion, the same for all pairs.
LENIENCY = 0.15


def measure_quality(defects: Defects) -> dict[str, float]:
    """Return the quality of a summary by criterion. It may exceed 5, so that good summaries reach the ceiling of the scale."""
    unsupported = defects.false_details + defects.inventions
    broken = defects.broken_grammar
    return {
        "fluency": 5.5 - 3.2 * broken - 0.9 * defects.cut_off - 0.15 * defects.repeats,
        "relevance": 4.5
        - 1.25 * defects.lost_main_points
        - 0.5 * defects.minor_points
        - 0.25 * defects.repeats
        - 0.25 * unsupported
        - 0.4 * broken,
        "coherence": 4.05
        - 1.3 * defects.disorder
        - 0.8 * defects.repeats
        - 0.4 * defects.unknown_people
        - 0.4 * defects.inventions
        - 0.8 * defects.minor_points
        - 1.0 * broken
        - 0.4 * defects.cut_off,
        "consistency": 5.55 - 1.4 * unsupported - 0.4 * broken - 0.1 * defects.unknown_people,
    }


def rate_summary(defects: Defects, seed: int, *names: object) -> list[dict[str, int]]:
    """Return the annotators' ratings (1 to 5) of a summary with these defects; `names` identify the summary."""
    stream = RandomStream(seed, "ratings", *names)
    impression = stream.draw_normal(IMPRESSION_NOISE)
    shared = {
        criterion: value + impression + stream.draw_normal(PAIR_NOISE[criterion])
        for criterion, value in measure_quality(defects).items()
    }
    return [
        {
            criterion: _round_rating(
                shared[criterion] + _draw_leniency(seed, annotator, criterion) + stream.draw_normal(ANNOTATOR_NOISE)
            )
            for criterion in CRITERIA
        }
        for annotator in range(ANNOTATORS)
    ]


def _draw_leniency(seed: int, annotator: int, criterion: str) -> float:
    return RandomStream(seed, "annotator", annotator, criterion).draw_normal(LENIENCY)


def _round_rating(value: float) -> int:
    return min(5, max(1, int(value + 0.5)))
