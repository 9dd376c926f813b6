"""Diagnostics of an optimization run: gradient specificity and feedback adherence (paper, section 6; Appendix F).

An evaluator model rates each step and criterion of a run with a whole number from 1 to 10. Step records are the only input.

Specificity is rated by each configured rubric, and for up to two texts (`TEXTS`): the textual gradient, and a control. A joint
gradient may be rated low because it speaks of several criteria, or because it says little about each of them. The controls
tell these apart: per-criterion gradients joined speak of all criteria, too, and the part of a joint gradient about one
criterion speaks of no other.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.experiment.criteria import Criterion
from collide.experiment.modes import Mode
from collide.llm.parsing import parse_rating
from collide.llm.replies.forms import build_rating_schema
from collide.llm.request import Call, CallOrigin, Message, ModelClient, derive_seed
from collide.optimize.prompts import load_rubric, render_messages
from collide.optimize.rated_texts import (
    ADHERENCE,
    GRADIENT,
    JOINED,
    PART,
    SCALE,
    SPECIFICITY,
    TEXTS,
    join_gradients,
    name_specificity,
)

SCHEMA = build_rating_schema(*SCALE)
# A rating needs one number. The start of a longer reply is enough to see why it was unusable; the journal holds all of it.
REPLY_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A kind of rating: its name in all files, the template of its prompt, the text that it rates, and its rubric, if any."""

    name: str
    template: str
    text: str = GRADIENT
    rubric: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """The evaluator's rating of one step and criterion; `score` is None, with a reason, if it is missing."""

    step: int
    criterion: str
    diagnostic: str
    score: int | None
    reply: str
    tokens_in: int | None
    tokens_out: int | None
    attempts: int
    reason: str


def list_diagnostics(mode: Mode, rubrics: Sequence[str]) -> list[Diagnostic]:
    """Return what is rated in each step and criterion of a run of this mode.

    The first rubric rates `specificity`, each further one `specificity_<rubric>`; ratings of a control insert its name. A
    Single-Task run has no control: its gradients speak of one criterion, and those of other criteria are in other runs.
    """
    combined, groups = any(len(group) > 1 for group in mode.gradient), len(mode.gradient)
    texts = [GRADIENT, *([PART] if combined else [JOINED] if groups > 1 else [])]
    return [
        *(
            Diagnostic(name_specificity(text, rubric if rubric != rubrics[0] else ""), SPECIFICITY, text, rubric)
            for text, rubric in itertools.product(texts, rubrics)
        ),
        Diagnostic(ADHERENCE, ADHERENCE),
    ]


def find_rewrite(record: Mapping[str, Any], criterion: str) -> str | None:
    """Return the optimizer's new instruction for a criterion, accepted or not; None if its reply was unusable."""
    return next(
        (r["instructions"][criterion] for r in record["rewrites"] if r["instructions"] and criterion in r["criteria"]),
        None,
    )


async def rate_steps(
    client: ModelClient,
    records: Sequence[Mapping[str, Any]],
    criteria: Mapping[str, Criterion],
    diagnostics: Sequence[Diagnostic],
    seed: int,
) -> list[Rating]:
    """Rate all steps but step 0. The ratings are ordered by step, then by criterion, then as `diagnostics`."""
    return await asyncio.gather(
        *(
            _rate_step(client, diagnostic, criteria[name], before["instructions"][name], record, seed)
            for before, record in itertools.pairwise(records)
            for name in record["instructions"]
            for diagnostic in diagnostics
        )
    )


async def _rate_step(
    client: ModelClient, diagnostic: Diagnostic, criterion: Criterion, old: str, record: Mapping[str, Any], seed: int
) -> Rating:
    """Return one rating of a step; `old` is the instruction in force before it."""
    step, name = record["step"], criterion.name
    text, new = TEXTS[diagnostic.text](record, name), find_rewrite(record, name)
    if reason := _explain_absence(diagnostic, text, record, name):
        return Rating(step, name, diagnostic.name, None, "", None, None, 0, reason)
    messages = render_diagnostic(diagnostic, criterion, text, old, new)
    call = Call("evaluator", messages, derive_seed(seed, diagnostic.name, step, name), CallOrigin(step, "", (name,)), SCHEMA)
    answer = await client.answer_call(call, lambda reply: parse_rating(reply, *SCALE))
    return Rating(
        step,
        name,
        diagnostic.name,
        answer.value,
        answer.text[:REPLY_CHARACTERS],
        answer.tokens_in,
        answer.tokens_out,
        answer.attempts,
        answer.reason,
    )


def render_diagnostic(
    diagnostic: Diagnostic, criterion: Criterion, text: str, old: str, new: str | None
) -> tuple[Message, ...]:
    """Return the messages that ask for a rating of `text`; only adherence shows the old and the new instruction."""
    rubric = load_rubric(diagnostic.rubric) if diagnostic.rubric else ""
    return render_messages(diagnostic.template, rubric=rubric, criterion=criterion, gradient=text, old=old, new=new)


def _explain_absence(diagnostic: Diagnostic, text: str, record: Mapping[str, Any], criterion: str) -> str:
    """Return the reason why there is nothing to rate; empty if there is something."""
    if not join_gradients(record, criterion):
        return "no gradient"
    if not text:
        return "no part about the criterion"
    # Adherence compares two versions of the instruction, specificity reads the gradient alone.
    return "no rewrite" if diagnostic.name == ADHERENCE and find_rewrite(record, criterion) is None else ""
