"""Prompts of all roles as a run sends them, recorded from one step with placeholders in place of texts and replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from collide.corpus.pairs import Pair
from collide.experiment.datasets import Dataset
from collide.experiment.modes import parse_mode
from collide.experiment.scales import Scale
from collide.llm.request import Answer, Call, Message
from collide.optimize.diagnostics import list_diagnostics, rate_steps
from collide.optimize.known_predictions import KnownPredictions
from collide.optimize.loop.run_settings import Settings
from collide.optimize.loop.textgrad import Optimization

# All criteria share a call at each stage of this mode.
COMBINED = "CCC"
# Positions on a scale, from 0 to 1, of an example of a rating by the judge and of a mean of experts' ratings.
RATED_AT, HUMAN_AT = 0.5, 5 / 6
# A rating by the evaluator.
DIAGNOSED = 3


class RecordingClient:
    """A client that keeps the calls and answers each with a placeholder."""

    def __init__(self, ratings: Mapping[str, float]) -> None:
        self.ratings = ratings
        self.calls: list[Call] = []

    async def answer_call(self, call: Call, parse: Callable[[str], Any]) -> Answer[Any]:
        """Record the call. `parse` is not used, because it refuses placeholders."""
        self.calls.append(call)
        values: Mapping[str, Any] = {
            "task": {name: self.ratings[name] for name in call.origin.criteria},
            "loss": "[the critique]",
            "gradient": "[the textual gradient]",
            "optimizer": {name: f"[the new instruction for {name}]" for name in call.origin.criteria},
            "evaluator": DIAGNOSED,
        }
        return Answer(values[call.role], "", 1, "")


async def record_prompts(
    dataset: Dataset, mode: str, rubrics: Sequence[str], repeat_task: bool = False, pair: Pair | None = None
) -> dict[str, tuple[Message, ...]]:
    """Return the messages of one step of a mode on a batch of one pair. `rubrics` are those of specificity.

    `repeat_task` is the setting of the task model. Without `pair`, placeholders stand for its texts.

    The keys are the roles `task`, `loss`, `gradient` and `optimizer`, and the diagnostics, each rated for the first criterion.
    """
    criteria, texts = dataset.criteria, dataset.texts
    client = RecordingClient({name: _select_rating(criterion.scale) for name, criterion in criteria.items()})
    if pair is None:
        inputs = tuple(f"[the {text.noun}]" for text in texts.inputs)
        human = {name: _place_human_score(criterion.scale) for name, criterion in criteria.items()}
        pair = Pair("document/system", "document", "system", inputs, f"[the {texts.output.noun}]", human)
    settings = Settings(
        parse_mode(mode, list(criteria)), "none", seed=0, steps=1, batch_size=1, max_missing_share=1, repeat_task=repeat_task
    )
    records: list[dict] = []
    await Optimization(settings, dataset, [pair], [], client, KnownPredictions()).run(records.append)
    messages: dict[str, tuple[Message, ...]] = {}
    # The first call of each kind is about the first criterion.
    for call in client.calls:
        messages.setdefault(call.role, call.messages)
    client.calls.clear()
    diagnostics = list_diagnostics(settings.mode, rubrics)
    ratings = await rate_steps(client, records, criteria, diagnostics, seed=0)
    # A part about the criterion is missing from the placeholder of a gradient.
    ratings = [rating for rating in ratings if not rating.reason]
    for rating, call in zip(ratings, client.calls, strict=True):
        messages.setdefault(rating.diagnostic, call.messages)
    return messages


def _select_rating(scale: Scale) -> int | float:
    """Return an example of a rating: the middle one of the scale."""
    return scale.values[int(RATED_AT * (len(scale.values) - 1))]


def _place_human_score(scale: Scale) -> float:
    """Return an example of a mean of experts' ratings, on a nominal scale the last class."""
    return scale.high if scale.is_nominal else scale.low + HUMAN_AT * (scale.high - scale.low)
