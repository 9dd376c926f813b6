"""The results of an optimization step, and their form in steps.jsonl."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from collide.experiment.modes import Group
from collide.optimize.judge import Judgement


@dataclass(frozen=True, slots=True)
class Feedback:
    """A critique or a textual gradient on a group of criteria; `text` is None, with a reason, if it is missing.

    `pair` is the name of the pair that it is about. A gradient about several pairs has their names, separated by commas.
    `cut_off` is True if the endpoint cut the text off, at the longest reply that it may write.
    """

    pair: str
    criteria: Group
    text: str | None
    reason: str = ""
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class Rewrite:
    """New instructions for a group of criteria; `instructions` is None, with a reason, if they are missing."""

    criteria: Group
    instructions: dict[str, str] | None
    attempts: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Validation:
    """A prompt's judgements of the validation pairs, and its metrics on them: metric -> criterion -> value."""

    judgements: list[Judgement]
    values: dict[str, dict[str, float | None]]


def make_gradient_record(gradient: Feedback) -> dict:
    """Return a textual gradient as steps.jsonl holds it, with its number of paragraphs; None if it is missing."""
    paragraphs = None if gradient.text is None else count_paragraphs(gradient.text)
    return dataclasses.asdict(gradient) | {"paragraphs": paragraphs}


def count_paragraphs(text: str) -> int:
    """Return the number of paragraphs of a text, which blank lines separate.

    >>> count_paragraphs("One.\\n \\nTwo, line one.\\nLine two.\\n\\n\\nThree.\\n")
    3
    """
    return len(re.split(r"\n\s*\n", text.strip()))


def make_validation_record(validation: Validation | None) -> dict | None:
    """Return a validation as steps.jsonl holds it: the metrics and every pair's scores; None without a validation.

    `attempts` holds only numbers above 1, and `reasons` only those of missing scores: nearly all pairs have neither.
    """
    if validation is None:
        return None
    judgements = validation.judgements
    scores = {judgement.pair.id: judgement.scores for judgement in judgements}
    return {
        "n": len(scores),
        "missing": sum(value is None for value in scores.values()),
        **validation.values,
        "scores": scores,
        "attempts": {judgement.pair.id: judgement.attempts for judgement in judgements if judgement.attempts != 1},
        "reasons": {judgement.pair.id: judgement.reason for judgement in judgements if judgement.scores is None},
    }


def make_prediction_record(judgement: Judgement) -> dict:
    """Return a prediction on a batch pair as steps.jsonl holds it, with the human scores for comparison."""
    pair = judgement.pair
    return {
        "pair": pair.id,
        "scores": judgement.scores,
        "human": pair.human,
        "attempts": judgement.attempts,
        "reason": judgement.reason,
    }
