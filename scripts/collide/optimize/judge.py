"""The judge: a prompt rates pairs. Used by the batches and the gate of an optimization, and by the evaluation."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collide.corpus.pairs import Pair
from collide.errors import InputError
from collide.llm.parsing import parse_scores
from collide.llm.request import Call, CallOrigin, ModelClient, derive_seed
from collide.optimize.known_predictions import KnownPredictions, Outcome
from collide.optimize.prompts import JudgePrompt


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of a judge's call on one pair: the fields of `Outcome`, and the pair itself."""

    pair: Pair
    scores: dict[str, int] | None
    attempts: int
    reason: str


async def rate_pair(
    client: ModelClient, prompt: JudgePrompt, pair: Pair, seed: int, known: KnownPredictions, step: int | None = None
) -> Judgement:
    """Rate one pair, without a call if the outcome is in `known`; a new outcome is added to `known`."""
    outcome = known.find_outcome(prompt.id, pair.id)
    if outcome is None:
        # Without an occasion, the seed leaves out step and purpose. So a prompt rates a pair the same way in a batch, for the
        # gate and in the evaluation, and modes of one seed can be compared pair by pair.
        call_seed = derive_seed(seed, "task", pair.id, *([prompt.occasion] if prompt.occasion else []))
        call = Call(
            "task", prompt.render_pair(pair), call_seed, CallOrigin(step, pair.id, tuple(prompt.criteria)), prompt.schema
        )
        answer = await client.answer_call(call, lambda text: parse_scores(text, prompt.scales))
        outcome = Outcome(answer.value, answer.attempts, answer.reason)
        known.add_outcome(prompt.id, pair.id, outcome)
    return Judgement(pair, *outcome)


async def rate_pairs(
    client: ModelClient,
    prompt: JudgePrompt,
    pairs: Iterable[Pair],
    seed: int,
    known: KnownPredictions,
    step: int | None = None,
) -> list[Judgement]:
    """Rate pairs concurrently and return their judgements in the order of the pairs."""
    return await asyncio.gather(*(rate_pair(client, prompt, pair, seed, known, step) for pair in pairs))


def describe_missing(judgements: Sequence[Judgement]) -> str:
    """Return how many of the predictions are missing, and the most frequent reason, as the beginning of a sentence."""
    reasons = Counter(judgement.reason for judgement in judgements if judgement.scores is None)
    ((reason, _),) = reasons.most_common(1) or [("", 0)]
    return f"{reasons.total()} of {len(judgements)} predictions are missing (most frequent reason: {reason})"


def exceeds_share(judgements: Sequence[Judgement], limit: float) -> bool:
    """Return whether more than the share `limit` of the predictions is missing."""
    return sum(judgement.scores is None for judgement in judgements) > limit * len(judgements)


def check_endpoint(judgements: Sequence[Judgement], limit: float, title: str) -> None:
    """Raise InputError if more than the share `limit` of the predictions, or all of them, are missing.

    For predictions of which enough must be usable, whatever the optimization made of the instructions: if they are not, the
    model or its endpoint is at fault. `title` names the work in the message.
    """
    if exceeds_share(judgements, limit):
        why = f"That is more than the share of {limit:g} allowed by replies.max_missing_share in config.yaml"
    elif judgements and all(judgement.scores is None for judgement in judgements):
        why = "No rewritten instruction explains this"
    else:
        return
    raise InputError(
        f"{title}: {describe_missing(judgements)}. {why}. Look at the replies in the journal, then check the task model, its"
        " max_tokens and replies.attempts"
    )


def check_prompts(
    grid: Sequence[tuple[JudgePrompt, str]], judged: Sequence[Sequence[Judgement]], limit: float, title: str
) -> None:
    """Report the prompts of an evaluation, with their splits in `grid`, of which more than the share `limit` is missing.

    Raises InputError if an initial prompt is among them, or if several prompts have no prediction at all. A single rewritten
    prompt may be at fault itself.
    """
    for (prompt, split), judgements in zip(grid, judged, strict=True):
        if prompt.is_initial:
            check_endpoint(judgements, limit, f"{title}, initial prompt, {split}")
        elif exceeds_share(judgements, limit):
            print(f"prompt {prompt.id}, {split}: {describe_missing(judgements)}; its scores are undefined", flush=True)
    if len({prompt.id for prompt, _ in grid}) > 1:
        check_endpoint([judgement for judgements in judged for judgement in judgements], 1.0, title)
