"""Simulated annotators: ratings that follow the defects of a summary, with biases, noise and a ceiling.

Weights and offsets are set by hand so that the embedded corpus resembles real ratings in its outline: most summaries
are rated 5 for consistency and fluency, relevance lies near 3.8 and coherence near 3.4 on average.
"""

from __future__ import annotations

from collide.simulator.corpus.draws import Draws
from collide.simulator.corpus.summaries import Defects

ANNOTATORS = 3
CRITERIA = ("fluency", "relevance", "coherence", "consistency")

PAIR_NOISE = {"fluency": 0.3, "relevance": 0.55, "coherence": 0.75, "consistency": 0.25}
"""Standard deviation of what the annotators see alike and the defects do not explain, in points of the scale."""
IMPRESSION = 0.25
"""Standard deviation of the overall impression, which colours all criteria of a pair."""
OWN_NOISE = 0.25
"""Standard deviation of what one annotator sees alone."""
BIAS = 0.15
"""Standard deviation of an annotator's leniency in a criterion."""


def quality(defects: Defects) -> dict[str, float]:
    """Quality of a summary by criterion as its defects make it. It may exceed 5, which is where the ceiling comes from."""
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


def rate(defects: Defects, seed: int, *names: object) -> list[dict[str, int]]:
    """The annotators' ratings (1 to 5) of a summary with these defects; `names` name the summary."""
    draws = Draws(seed, "ratings", *names)
    impression = draws.normal(IMPRESSION)
    seen = {
        criterion: value + impression + draws.normal(PAIR_NOISE[criterion]) for criterion, value in quality(defects).items()
    }
    return [
        {
            criterion: _whole(seen[criterion] + _leniency(seed, annotator, criterion) + draws.normal(OWN_NOISE))
            for criterion in CRITERIA
        }
        for annotator in range(ANNOTATORS)
    ]


def _leniency(seed: int, annotator: int, criterion: str) -> float:
    return Draws(seed, "annotator", annotator, criterion).normal(BIAS)


def _whole(value: float) -> int:
    return min(5, max(1, int(value + 0.5)))
