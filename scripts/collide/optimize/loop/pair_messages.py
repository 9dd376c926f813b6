"""Rated pairs as the templates of the loss and the gradient model show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from collide.corpus.pairs import Pair
from collide.experiment.criteria import Criterion
from collide.optimize.judge import Judgement

# Human scores may be rounded to two digits, as 4.33: three times that is 12.99.
ROUNDING = 0.02
# A mean of more experts is not told apart from any other number.
MOST_EXPERTS = 10


def describe_judgement(judgement: Judgement, shown: Collection[str], criteria: Collection[str]) -> dict[str, object]:
    """Return a rated pair as values of a template that shows only some of the prompt's criteria.

    pair: the pair. prediction: its ratings by criterion, "missing" if the judge's reply could not be read. unreadable: the
    reason then, else empty.
    """
    if judgement.scores is not None:
        return {"pair": judgement.pair, "prediction": judgement.scores, "unreadable": ""}
    reason = judgement.reason
    if _names_other(reason, shown, criteria):
        # Naming another criterion would leak it into a separate call.
        reason = "another part of the reply was not as asked for"
    return {"pair": judgement.pair, "prediction": dict.fromkeys(shown, "missing"), "unreadable": reason}


def _names_other(reason: str, shown: Collection[str], criteria: Collection[str]) -> bool:
    """Return whether a reason names a criterion that is not shown; a name inside a longer one does not count."""
    rest = reason.lower()
    for name in sorted(criteria, key=len, reverse=True):
        if name.lower() in rest and name not in shown:
            return True
        rest = rest.replace(name.lower(), " ")
    return False


def describe_human_scores(pairs: Sequence[Pair], criteria: Mapping[str, Criterion]) -> str:
    """Return the kind of number that the human scores of these pairs are, as the end of a sentence.

    It is derived from the scores on all scales with an order: they may be one expert's ratings, or means of a number of experts
    that no file tells.
    """
    scales = {name: criterion.scale for name, criterion in criteria.items() if not criterion.scale.is_nominal}
    # Numbers of steps above the lowest rating.
    scores = [(pair.human[name] - scale.low) / scale.step for pair in pairs for name, scale in scales.items()]
    for experts in range(1, MOST_EXPERTS + 1):
        if all(abs(score * experts - round(score * experts)) <= ROUNDING for score in scores):
            whole = all(scale.is_plain for scale in scales.values())
            alike = "whole numbers, too" if whole else "ratings of the scale, too"
            return f"means of {experts} ratings" if experts > 1 else alike
    return "means of several ratings"
