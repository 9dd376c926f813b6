"""The judge: a prompt rates pairs. Used by the batches and the gate of an optimization, and by the evaluation."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from collide.corpus.pairs import Pair
from collide.errors import MissingPredictions
from collide.llm.parsing import parse_scores
from collide.llm.request import Call, CallOrigin, ModelClient, derive_seed
from collide.optimize.known_predictions import KnownPredictions, Outcome
from collide.optimize.prompts import JudgePrompt

# Replies that a message quotes, and characters of each.
QUOTED_REPLIES = 3
QUOTED_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of a judge's call on one pair: the fields of `Outcome`, the pair itself, and the text of the last reply.

    `reply` is empty where the outcome was known before.
    """

    pair: Pair
    scores: dict[str, int | float] | None
    attempts: int
    reason: str
    reply: str = field(default="", compare=False)


async def rate_pair(
    client: ModelClient, prompt: JudgePrompt, pair: Pair, seed: int, known: KnownPredictions, step: int | None = None
) -> Judgement:
    """Rate one pair, without a call if the outcome is in `known`; a new outcome is added to `known`."""
    outcome, reply = known.find_outcome(prompt.id, pair.id), ""
    if outcome is None:
        # Without an occasion, the seed leaves out step and purpose. So a prompt rates a pair the same way in a batch, for the
        # gate and in the evaluation, and modes of one seed can be compared pair by pair.
        call_seed = derive_seed(seed, "task", pair.id, *([prompt.occasion] if prompt.occasion else []))
        call = Call(
            "task", prompt.render_pair(pair), call_seed, CallOrigin(step, pair.id, tuple(prompt.criteria)), prompt.schema
        )
        answer = await client.answer_call(call, lambda text: parse_scores(text, prompt.scales))
        outcome, reply = Outcome(answer.value, answer.attempts, answer.reason), answer.text
        known.add_outcome(prompt.id, pair.id, outcome)
    return Judgement(pair, *outcome, reply)


async def rate_pairs(
    client: ModelClient,
    prompt: JudgePrompt,
    pairs: Sequence[Pair],
    seed: int,
    known: KnownPredictions,
    step: int | None = None,
    limit: float = 1.0,
) -> list[Judgement]:
    """Rate pairs concurrently and return their judgements in the order of the pairs.

    Raises MissingPredictions as soon as more than the share `limit` of all predictions is missing.
    """
    finished: list[Judgement] = []

    async def rate(pair: Pair) -> Judgement:
        judgement = await rate_pair(client, prompt, pair, seed, known, step)
        finished.append(judgement)
        missing = [other for other in finished if other.scores is None] if judgement.scores is None else []
        if len(missing) > limit * len(pairs):
            raise MissingPredictions(
                f"{'initial prompt: ' if prompt.is_initial else ''}{describe_missing(finished)}."
                f" No more than the share of {limit:g} of the {len(pairs)} predictions may be"
                " missing (replies.max_missing_share in config.yaml), so the other pairs are not rated."
                f" {quote_replies(missing)}Check the task model, its max_tokens and structured_output, and replies.attempts"
            )
        return judgement

    # The calls about one document follow each other, because a server that caches prefixes keeps those of the latest prompts.
    order = sorted(range(len(pairs)), key=lambda place: pairs[place].document)
    judged = dict(zip(order, await asyncio.gather(*(rate(pairs[place]) for place in order)), strict=True))
    return [judged[place] for place in range(len(pairs))]


def quote_replies(judgements: Iterable[Judgement]) -> str:
    """Return a sentence with the start of QUOTED_REPLIES different replies, followed by a blank; empty if there is none."""
    texts = dict.fromkeys(" ".join(judgement.reply.split())[:QUOTED_CHARACTERS] for judgement in judgements)
    quoted = [repr(text) for text in texts if text][:QUOTED_REPLIES]
    return f"Replies: {', '.join(quoted)}. " if quoted else ""


def describe_missing(judgements: Sequence[Judgement]) -> str:
    """Return how many of the predictions are missing, and the most frequent reason, as the beginning of a sentence."""
    reasons = Counter(judgement.reason for judgement in judgements if judgement.scores is None)
    ((reason, _),) = reasons.most_common(1) or [("", 0)]
    return f"{reasons.total()} of {len(judgements)} predictions are missing (most frequent reason: {reason})"


def exceeds_share(judgements: Sequence[Judgement], limit: float) -> bool:
    """Return whether more than the share `limit` of the predictions is missing."""
    return sum(judgement.scores is None for judgement in judgements) > limit * len(judgements)


def check_endpoint(judgements: Sequence[Judgement], limit: float, title: str) -> None:
    """Raise MissingPredictions if more than the share `limit` of the predictions, or all of them, are missing.

    For predictions of which enough must be usable, whatever the optimization made of the instructions: if they are not, the
    model or its endpoint is at fault. `title` names the work in the message.
    """
    if exceeds_share(judgements, limit):
        why = f"That is more than the share of {limit:g} allowed by replies.max_missing_share in config.yaml"
    elif judgements and all(judgement.scores is None for judgement in judgements):
        why = "No rewritten instruction explains this"
    else:
        return
    missing = [judgement for judgement in judgements if judgement.scores is None]
    raise MissingPredictions(
        f"{title}: {describe_missing(judgements)}. {why}. {quote_replies(missing)}Look at the replies in the journal, then"
        " check the task model, its"
        " max_tokens and replies.attempts"
    )


def check_prompts(
    grid: Sequence[tuple[JudgePrompt, str]], judged: Sequence[Sequence[Judgement]], limit: float, title: str
) -> None:
    """Report the prompts of an evaluation, with their splits in `grid`, of which more than the share `limit` is missing.

    Raises MissingPredictions if an initial prompt is among them, or if several prompts have no prediction at all. A single
    rewritten prompt may be at fault itself.
    """
    for (prompt, split), judgements in zip(grid, judged, strict=True):
        if prompt.is_initial:
            check_endpoint(judgements, limit, f"{title}, initial prompt, {split}")
        elif exceeds_share(judgements, limit):
            print(f"prompt {prompt.id}, {split}: {describe_missing(judgements)}; its scores are undefined", flush=True)
    if len({prompt.id for prompt, _ in grid}) > 1:
        check_endpoint([judgement for judgements in judged for judgement in judgements], 1.0, title)
