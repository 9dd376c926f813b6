"""Messages about one rated pair: what the loss model and the gradient model are told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collide.corpus.pairs import Pair
from collide.experiment.criteria import Criterion
from collide.llm.request import Message
from collide.optimize.judge import Judgement
from collide.optimize.prompts import Instructions, render_messages

# Human scores may be rounded to two digits, as 4.33: three times that is 12.99.
ROUNDING = 0.02
# A mean of more experts is not told apart from any other number.
MOST_EXPERTS = 10


def render_pair_messages(
    role: str, criteria: Sequence[Criterion], judgement: Judgement, instructions: Instructions, **values: object
) -> tuple[Message, ...]:
    """Return the messages to the model of `role` (loss or gradient) about one pair; they show only the given criteria.

    A missing prediction is shown as such, with the reason why the judge's reply could not be read.
    """
    names = [criterion.name for criterion in criteria]
    prediction: Mapping[str, int | str] = judgement.scores or dict.fromkeys(names, "missing")
    unreadable = "" if judgement.scores else _select_reason(judgement.reason, set(instructions) - set(names))
    return render_messages(
        role,
        criteria=criteria,
        pair=judgement.pair,
        instructions=instructions,
        prediction=prediction,
        unreadable=unreadable,
        **values,
    )


def describe_human_scores(pairs: Sequence[Pair]) -> str:
    """Return the kind of number that the human scores of these pairs are, as the end of a sentence.

    It is derived from the scores: they may be one expert's ratings, or means of a number of experts that no file tells.
    """
    scores = [score for pair in pairs for score in pair.human.values()]
    for experts in range(1, MOST_EXPERTS + 1):
        if all(abs(score * experts - round(score * experts)) <= ROUNDING for score in scores):
            return f"means of {experts} ratings" if experts > 1 else "whole numbers, too"
    return "means of several ratings"


def _select_reason(reason: str, others: set[str]) -> str:
    """Return the reason of a missing prediction, or a general one if it names a criterion that must not be shown."""
    if any(other.lower() in reason.lower() for other in others):
        return "another part of the reply was not as asked for"
    return reason
