"""Values per pair: pairs without a prediction are left out and counted, and an undefined value says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collide.common.comparison import average_values

# A prediction per pair; None where it is missing.
Predictions = Sequence[int | float | None]


@dataclass(frozen=True, slots=True)
class Value:
    """A metric over the `n` pairs that have a prediction; None, with the reason in `note`, where it is undefined."""

    value: float | None
    n: int
    note: str = ""


def correlate_pairs(
    predicted: Predictions, human: Sequence[float], function: Callable[[list[float], list[float]], float]
) -> Value:
    """Return a correlation; undefined without spread on both sides."""
    return _compute(predicted, human, function, _explain_no_correlation)


def compare_classes(
    predicted: Predictions, human: Sequence[float], function: Callable[[list[float], list[float]], float]
) -> Value:
    """Return an agreement beyond chance; undefined where both sides are constant and equal, so that chance agrees, too."""
    return _compute(predicted, human, function, _explain_no_chance)


def average_pairs(predicted: Predictions, human: Sequence[float], function: Callable[[float, float], float]) -> Value:
    """Return the mean of a function of prediction and human score."""
    return summarize_pairs(predicted, human, lambda a, b: average_values(map(function, a, b)))


def summarize_pairs(
    predicted: Predictions, human: Sequence[float], function: Callable[[list[float], list[float]], float]
) -> Value:
    """Return a function of predictions and human scores; undefined without predictions."""
    return _compute(predicted, human, function, lambda a, b: "" if a else "no predictions")


def _compute(
    predicted: Predictions,
    human: Sequence[float],
    function: Callable[[list[float], list[float]], float],
    explain: Callable[[list[float], list[float]], str],
) -> Value:
    """Return the value over the pairs with a prediction; undefined where `explain` gives a reason."""
    if len(predicted) != len(human):
        raise ValueError(f"{len(predicted)} predictions for {len(human)} human scores")
    pairs = [(float(p), float(h)) for p, h in zip(predicted, human, strict=True) if p is not None]
    a, b = [p for p, _ in pairs], [h for _, h in pairs]
    missing = len(predicted) - len(pairs)
    reason = explain(a, b)
    note = "; ".join(filter(None, [reason, f"{missing} missing" if missing else ""]))
    return Value(None if reason else float(function(a, b)), len(a), note)


def _explain_no_correlation(a: list[float], b: list[float]) -> str:
    if len(a) < 2:
        return "fewer than two predictions"
    if len(set(a)) == 1:
        return "constant predictions"
    return "constant human scores" if len(set(b)) == 1 else ""


def _explain_no_chance(a: list[float], b: list[float]) -> str:
    if len(a) < 2:
        return "fewer than two predictions"
    return "predictions and human scores are one class" if len({*a, *b}) == 1 else ""
