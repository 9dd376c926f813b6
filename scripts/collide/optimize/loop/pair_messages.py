"""Rated pairs as the templates of the loss and the gradient model show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from collide.corpus.pairs import Pair
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
    if any(name.lower() in reason.lower() for name in criteria if name not in shown):
        # Naming another criterion would leak it into a separate call.
        reason = "another part of the reply was not as asked for"
    return {"pair": judgement.pair, "prediction": dict.fromkeys(shown, "missing"), "unreadable": reason}


def describe_human_scores(pairs: Sequence[Pair]) -> str:
    """Return the kind of number that the human scores of these pairs are, as the end of a sentence.

    It is derived from the scores: they may be one expert's ratings, or means of a number of experts that no file tells.
    """
    scores = [score for pair in pairs for score in pair.human.values()]
    for experts in range(1, MOST_EXPERTS + 1):
        if all(abs(score * experts - round(score * experts)) <= ROUNDING for score in scores):
            return f"means of {experts} ratings" if experts > 1 else "whole numbers, too"
    return "means of several ratings"
