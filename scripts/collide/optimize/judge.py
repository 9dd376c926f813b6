"""Judging: a prompt and pairs in, one judgement a pair out. Shared by the optimizer's batches, its gate and evaluation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collide.corpus.pairs import Pair
from collide.errors import InputError
from collide.llm.parsing import parse_scores
from collide.llm.request import Call, CallOrigin, ModelClient, derive_seed
from collide.optimize.prompts import JudgePrompt


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judge's whole-number rating per criterion for one pair; `scores` is None, with a reason, where there is none."""

    pair: Pair
    scores: dict[str, int] | None
    attempts: int
    reason: str


async def judge(client: ModelClient, prompt: JudgePrompt, pair: Pair, seed: int, step: int | None = None) -> Judgement:
    """Rate one pair. The call's seed names the run's seed and the pair alone, so that a prompt judges a pair once in a
    run, whether for a batch, for the gate or for evaluation, and modes of the same seed can be compared pair by pair."""
    call = Call(
        "task",
        prompt.messages(pair),
        derive_seed(seed, "task", pair.id),
        CallOrigin(step, pair.id, tuple(prompt.criteria)),
    )
    answer = await client.answer_call(call, lambda text: parse_scores(text, prompt.scales))
    return Judgement(pair, answer.value, answer.attempts, answer.reason)


async def judge_all(
    client: ModelClient, prompt: JudgePrompt, pairs: Iterable[Pair], seed: int, step: int | None = None
) -> list[Judgement]:
    """Rate pairs, in their order; what can run at once runs at once."""
    return await asyncio.gather(*(judge(client, prompt, pair, seed, step) for pair in pairs))


def check_missing(judgements: Sequence[Judgement], limit: float, where: str) -> None:
    """Raise InputError when more than the share `limit` of the judgements has no scores."""
    missing = [judgement for judgement in judgements if judgement.scores is None]
    if len(missing) > limit * len(judgements):
        raise InputError(
            f"{where}: {len(missing)} of {len(judgements)} predictions are missing (the last because: {missing[-1].reason}),"
            f" more than the share of {limit:g} that replies.max_missing_share in config.yaml allows; look at the replies in"
            " the journal, and check the task model, its token limit and replies.attempts"
        )
