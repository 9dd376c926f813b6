"""Agreement of predictions with human scores. What is undefined stays undefined, with its reason.

scipy and moocore are imported where they are called: a job that only needs an error should not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Predictions = Sequence[int | float | None]
"""A prediction per pair; None where it is missing."""


@dataclass(frozen=True, slots=True)
class Value:
    """A metric over the `n` pairs that have a prediction; None, with the reason in `note`, where it is undefined."""

    value: float | None
    n: int
    note: str = ""


def spearman(predicted: Predictions, human: Sequence[float]) -> Value:
    """Spearman's rank correlation, average ranks for ties (paper, section 4)."""
    from scipy import stats

    return _correlation(predicted, human, lambda a, b: stats.spearmanr(a, b).statistic)


def kendall(predicted: Predictions, human: Sequence[float]) -> Value:
    """Kendall's tau-b."""
    from scipy import stats

    return _correlation(predicted, human, lambda a, b: stats.kendalltau(a, b).statistic)


def mae(predicted: Predictions, human: Sequence[float]) -> Value:
    """Mean absolute error, in points of the scale; lower is better."""
    return _mean(predicted, human, lambda a, b: abs(a - b))


def off_by_one(predicted: Predictions, human: Sequence[float]) -> Value:
    """Share of predictions within 1 of the human score."""
    return _mean(predicted, human, lambda a, b: float(abs(a - b) <= 1 + 1e-9))


METRICS: dict[str, Callable[[Predictions, Sequence[float]], Value]] = {
    "spearman": spearman,
    "kendall": kendall,
    "mae": mae,
    "off_by_one": off_by_one,
}


def hypervolume(points: Sequence[Sequence[float]] | NDArray[np.float64], reference: float = -1.0) -> float:
    """Volume that the points dominate above `reference` in every objective, maximising (the paper's HVI).

    >>> round(hypervolume([[0.285] * 4]), 12)
    2.726544000625
    """
    import moocore
    import numpy as np

    array = np.asarray(points, dtype=float)
    return float(moocore.hypervolume(array, ref=np.full(array.shape[1], reference), maximise=True))


def best_constant(human: Sequence[float], scale: tuple[int, int]) -> int:
    """The whole number that, given for every pair, has the lowest mean absolute error; the lower of equals.

    An MAE gate can favour such a judge, whose Spearman correlation is undefined: what it reaches belongs beside an MAE.
    """
    return min(range(scale[0], scale[1] + 1), key=lambda rating: sum(abs(rating - h) for h in human))


def _seen(predicted: Predictions, human: Sequence[float]) -> tuple[list[float], list[float], str]:
    if len(predicted) != len(human):
        raise ValueError(f"{len(predicted)} predictions for {len(human)} human scores")
    pairs = [(float(p), float(h)) for p, h in zip(predicted, human, strict=True) if p is not None]
    missing = len(predicted) - len(pairs)
    return [p for p, _ in pairs], [h for _, h in pairs], f"{missing} missing" if missing else ""


def _correlation(
    predicted: Predictions, human: Sequence[float], function: Callable[[list[float], list[float]], float]
) -> Value:
    a, b, note = _seen(predicted, human)
    undefined = ""
    if len(a) < 2:
        undefined = "fewer than two predictions"
    elif len(set(a)) == 1:
        undefined = "constant predictions"
    elif len(set(b)) == 1:
        undefined = "constant human scores"
    if undefined:
        return Value(None, len(a), "; ".join(filter(None, [undefined, note])))
    return Value(float(function(a, b)), len(a), note)


def _mean(predicted: Predictions, human: Sequence[float], error: Callable[[float, float], float]) -> Value:
    a, b, note = _seen(predicted, human)
    if not a:
        return Value(None, 0, "; ".join(filter(None, ["no predictions", note])))
    return Value(sum(map(error, a, b)) / len(a), len(a), note)
