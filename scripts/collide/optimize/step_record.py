"""What a step of an optimization leaves on record."""

from __future__ import annotations

from dataclasses import dataclass

from collide.experiment.modes import Group
from collide.optimize.judge import Judgement


@dataclass(frozen=True, slots=True)
class Feedback:
    """A critique or a textual gradient of one pair: text about a group of criteria, or None with the reason."""

    pair: str
    criteria: Group
    text: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """New instructions for a group of criteria, or None with the reason."""

    criteria: Group
    instructions: dict[str, str] | None
    attempts: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Validation:
    """A prompt's judgements of the validation pairs and what they are worth, metric -> criterion -> value."""

    judgements: list[Judgement]
    values: dict[str, dict[str, float | None]]


def validation_record(validation: Validation | None) -> dict | None:
    """A validation as it is written: its metrics, and every pair's scores, so that any other can be worked out."""
    if validation is None:
        return None
    scores = {judgement.pair.id: judgement.scores for judgement in validation.judgements}
    missing = sum(value is None for value in scores.values())
    return {"n": len(scores), "missing": missing, **validation.values, "scores": scores}


def prediction_record(judgement: Judgement) -> dict:
    """A judgement as it is written, with the human scores beside it."""
    pair = judgement.pair
    return {
        "pair": pair.id,
        "scores": judgement.scores,
        "human": pair.human,
        "attempts": judgement.attempts,
        "reason": judgement.reason,
    }
