"""Prompts of all roles as a run sends them, recorded from one step with placeholders in place of texts and replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from collide.corpus.pairs import Pair
from collide.experiment.datasets import Dataset
from collide.experiment.modes import parse_mode
from collide.llm.request import Answer, Call, Message
from collide.optimize.diagnostics import list_diagnostics, rate_steps
from collide.optimize.known_predictions import KnownPredictions
from collide.optimize.loop.run_settings import Settings
from collide.optimize.loop.textgrad import Optimization

# All criteria share a call at each stage of this mode.
COMBINED = "CCC"
# An example of a rating by the judge, and of a mean of experts' ratings: templates print them as numbers.
RATING, EXPERTS = 3, 13 / 3


class RecordingClient:
    """A client that keeps the calls and answers each with a placeholder."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def answer_call(self, call: Call, parse: Callable[[str], Any]) -> Answer[Any]:
        """Record the call. `parse` is not used, because it refuses placeholders."""
        self.calls.append(call)
        values: Mapping[str, Any] = {
            "task": dict.fromkeys(call.origin.criteria, RATING),
            "loss": "[the critique]",
            "gradient": "[the textual gradient]",
            "optimizer": {name: f"[the new instruction for {name}]" for name in call.origin.criteria},
            "evaluator": RATING,
        }
        return Answer(values[call.role], "", 1, "")


async def record_prompts(
    dataset: Dataset, mode: str, rubrics: Sequence[str], repeat_task: bool = False
) -> dict[str, tuple[Message, ...]]:
    """Return the messages of one step of a mode on a batch of one pair. `rubrics` are those of specificity.

    `repeat_task` is the setting of the task model.

    The keys are the roles `task`, `loss`, `gradient` and `optimizer`, and the diagnostics, each rated for the first criterion.
    """
    client = RecordingClient()
    criteria, texts = dataset.criteria, dataset.texts
    inputs = tuple(f"[the {text.noun}]" for text in texts.inputs)
    human = dict.fromkeys(criteria, EXPERTS)
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
