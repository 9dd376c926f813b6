"""Diagnostics of an optimization run: gradient specificity and feedback adherence (paper, section 6; Appendix F).

An evaluator model rates each step and criterion of a run with a whole number from 1 to 10. The two diagnostics share the
code and differ in their rubrics, `prompts/specificity.jinja` and `prompts/adherence.jinja`. Step records are the only input.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.experiment.criteria import Criterion
from collide.llm.parsing import parse_rating
from collide.llm.replies.forms import build_rating_schema
from collide.llm.request import Call, CallOrigin, ModelClient, derive_seed
from collide.optimize.prompts import render_messages

DIAGNOSTICS = ("specificity", "adherence")
# Lowest and highest rating, as the rubrics state them.
SCALE = (1, 10)
SCHEMA = build_rating_schema(*SCALE)
# A rating needs one number. The start of a longer reply is enough to see why it was unusable; the journal holds all of it.
REPLY_CHARACTERS = 1000


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


def join_gradients(record: Mapping[str, Any], criterion: str) -> str:
    """Return the textual gradients of a step's batch on a criterion as one text, which is empty if there are none.

    A gradient over several criteria counts as the gradient of each of them (paper, section 3).
    """
    gradients = record["gradients"]
    return "\n\n".join(g["text"] for g in gradients if criterion in g["criteria"] and g["text"] is not None)


def find_rewrite(record: Mapping[str, Any], criterion: str) -> str | None:
    """Return the optimizer's new instruction for a criterion, accepted or not; None if its reply was unusable."""
    return next(
        (r["instructions"][criterion] for r in record["rewrites"] if r["instructions"] and criterion in r["criteria"]),
        None,
    )


async def rate_steps(
    client: ModelClient, records: Sequence[Mapping[str, Any]], criteria: Mapping[str, Criterion], seed: int
) -> list[Rating]:
    """Rate all steps but step 0. The ratings are ordered by step, then by criterion, then by diagnostic."""
    return await asyncio.gather(
        *(
            _rate_step(client, diagnostic, criteria[name], before["instructions"][name], record, seed)
            for before, record in itertools.pairwise(records)
            for name in record["instructions"]
            for diagnostic in DIAGNOSTICS
        )
    )


async def _rate_step(
    client: ModelClient, diagnostic: str, criterion: Criterion, old: str, record: Mapping[str, Any], seed: int
) -> Rating:
    """Return one rating of a step; `old` is the instruction in force before it."""
    step, name = record["step"], criterion.name
    gradient, new = join_gradients(record, name), find_rewrite(record, name)
    # Nothing to rate: adherence compares two versions of the instruction, specificity reads the gradient alone.
    if not gradient or (diagnostic == "adherence" and new is None):
        reason = "no rewrite" if gradient else "no gradient"
        return Rating(step, name, diagnostic, None, "", None, None, 0, reason)
    messages = render_messages(diagnostic, criterion=criterion, gradient=gradient, old=old, new=new)
    call = Call("evaluator", messages, derive_seed(seed, diagnostic, step, name), CallOrigin(step, "", (name,)), SCHEMA)
    answer = await client.answer_call(call, lambda text: parse_rating(text, *SCALE))
    return Rating(
        step,
        name,
        diagnostic,
        answer.value,
        answer.text[:REPLY_CHARACTERS],
        answer.tokens_in,
        answer.tokens_out,
        answer.attempts,
        answer.reason,
    )
