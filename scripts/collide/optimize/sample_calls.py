"""A few small calls for each role, which show whether a model can play it before a study spends money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collide.corpus.pairs import Pair
from collide.experiment.datasets import Dataset
from collide.llm.checks.probe import SampleCall
from collide.llm.parsing import parse_instructions, parse_rating, parse_scores, parse_text
from collide.llm.replies.forms import build_instructions_schema
from collide.llm.request import Call, Message, derive_seed
from collide.optimize.diagnostics import SCHEMA, Diagnostic, render_diagnostic
from collide.optimize.prompts import JudgePrompt, Skeleton, render_messages
from collide.optimize.rated_texts import SCALE, SPECIFICITY

# Replies of a role whose reply has a form. Five show a model that misses the form in half of its replies, all but 3% of the
# time. A free text is asked for once.
FORM_SAMPLES = 5

# The texts of the sample pair, whatever the prompts call them: each input, and the output.
INPUT = (
    "The town council of Elmsford voted on Tuesday to close the old bridge over the river Wey for six months. Engineers found"
    " rust in two of its pillars in March. About 3,000 cars a day will use the new bridge two kilometres to the north. The"
    " repairs cost 1.4 million and are paid for by the county. The bridge was built in 1931."
)
OUTPUT = "Elmsford closes its old bridge for six months because two pillars have rusted. The county pays for the repairs."
CRITIQUE = (
    "The rating is one point too low. The {output} names the closure, its length and its reason, which are the main points of"
    " the {input}. The judge seems to have missed that the instruction says nothing about which details may be left out."
)
GRADIENT = (
    "The instruction names the scale, which must stay. It does not say what earns a high or a low rating, so the judge guesses."
    " Add what the highest, the middle and the lowest rating stand for, in one sentence each."
)


# Roles whose replies have a form that depends on the data set.
FORMED_ROLES = ("task", "optimizer")


def build_sample_calls(datasets: Sequence[Dataset], rubric: str) -> dict[str, list[SampleCall]]:
    """Return the sample calls by role: all about the first data set, and those of `FORMED_ROLES` about each further one."""
    calls, *further = [_build_dataset_calls(dataset, rubric) for dataset in datasets]
    return {
        role: samples + [call for other in further for call in other[role]] if role in FORMED_ROLES else samples
        for role, samples in calls.items()
    }


def _build_dataset_calls(dataset: Dataset, rubric: str) -> dict[str, list[SampleCall]]:
    """Return the sample calls by role. The judge rates all criteria, and the other roles are asked about the first one."""
    criteria, texts = dataset.criteria, dataset.texts
    criterion = next(iter(criteria.values()))
    instructions = {name: one.initial_instruction for name, one in criteria.items()}
    prompt = JudgePrompt(list(criteria.values()), instructions, Skeleton(texts))
    human = {name: float(one.scale.high) for name, one in criteria.items()}
    pair = Pair("sample", "sample", "sample", (INPUT,) * len(texts.inputs), OUTPUT, human)
    shown = {"texts": texts, "criteria": [criterion], "instructions": prompt.instructions}
    rated = {"pair": pair, "prediction": {name: one.scale.low for name, one in criteria.items()}, "unreadable": ""}
    critique = CRITIQUE.format(output=texts.output.noun, input=texts.inputs[0].noun if texts.inputs else "task")
    feedback = {"criteria": (criterion.name,), "text": critique}
    specificity = Diagnostic(SPECIFICITY, SPECIFICITY, rubric=rubric)
    loss = render_messages("loss", **shown, **rated, human_scores="means of several ratings", sees_pair=True)
    gradient = render_messages("gradient", **shown, judged=[rated | {"critiques": [feedback]}])
    optimizer = render_messages("optimizer", **shown, gradients=[feedback | {"text": GRADIENT}])
    rating = render_diagnostic(specificity, criterion, GRADIENT, criterion.initial_instruction, None)
    names = [criterion.name]
    return {
        "task": _sample("task", prompt.render_pair(pair), prompt.schema, lambda text: parse_scores(text, prompt.scales)),
        "loss": _sample("loss", loss, None, parse_text),
        "gradient": _sample("gradient", gradient, None, parse_text),
        "optimizer": _sample(
            "optimizer", optimizer, build_instructions_schema(names), lambda text: parse_instructions(text, names)
        ),
        "evaluator": _sample("evaluator", rating, SCHEMA, lambda text: parse_rating(text, *SCALE)),
    }


def _sample(role: str, messages: tuple[Message, ...], schema: dict[str, object] | None, parse: Any) -> list[SampleCall]:
    """Return the sample calls of a role, each with another seed."""
    count = FORM_SAMPLES if schema else 1
    return [
        SampleCall(Call(role, messages, derive_seed("check", role, number), schema=schema), parse) for number in range(count)
    ]
