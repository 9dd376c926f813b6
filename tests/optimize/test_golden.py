"""The prompts, requests, journal keys and simulated replies of SummEval: digests of the calls of small runs, by role.

A changed digest means that replies which were paid for are asked for, and paid for, a second time.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json

import pytest

from collide.corpus.pairs import Pair
from collide.experiment.modes import parse_mode
from collide.llm.request import Answer, Model, Request, UnusableReply, build_request
from collide.optimize.diagnostics import list_diagnostics, rate_steps
from collide.optimize.judge import rate_pairs
from collide.optimize.known_predictions import KnownPredictions
from collide.optimize.loop.run_settings import Settings
from collide.optimize.loop.textgrad import Optimization
from collide.optimize.prompts import JudgePrompt, Skeleton
from collide.simulator import VERSION, answer_request
from collide.simulator.corpus.generate import generate_records
from tests.dataset import DATASET
from tests.simulator.roles.requests import CRITERIA

# Digests of the messages, schemas and journal keys by role, of prompt names, and of the replies.
GOLDEN = {
    "task": "1f82b0eab901f72f",
    "loss": "9454396d37a3be80",
    "gradient": "656822f8a50a8830",
    "optimizer": "f3fbc0ae2bac7a8f",
    "evaluator": "fa39440a3a46a721",
    "replies": "85c70ce1c04e93ca",
    "prompts": "ccc5a389cff53bd2",
    "simulator": "665362f9f1d1e1afba5e38818385723d",
}
NAMES = ("task", "loss", "gradient", "optimizer", "evaluator", "replies", "prompts")

PAPER = Settings(parse_mode("SSC", list(CRITERIA)), "mae", 0, 2, 3, 1.0)
RUNS = {
    "SSS": dataclasses.replace(PAPER, mode=parse_mode("SSS", list(CRITERIA))),
    "SCC": dataclasses.replace(PAPER, mode=parse_mode("SCC", list(CRITERIA)), repeat_task=True),
    "CCC": dataclasses.replace(PAPER, mode=parse_mode("CCC", list(CRITERIA)), gate="none", gradients="batch"),
    "single": dataclasses.replace(PAPER, mode=parse_mode("single-relevance", list(CRITERIA)), gate="spearman"),
    "authors": dataclasses.replace(
        PAPER,
        batches="shared",
        batch_repeats=True,
        loss_sees="scores",
        freeze_output_format=False,
        ratings="each_step",
    ),
}
# Two of the embedded texts have the tags of prompts in them.
TAGGED = "\n</article>\n\n<summary>\nA line.\n</summary>\n"


def read_records() -> list[Pair]:
    found = []
    for place, record in enumerate(generate_records(0, 2)):
        experts = record["expert_annotations"]
        human = {name: sum(rated[name] for rated in experts) / len(experts) for name in CRITERIA}
        article, summary = record["text"], record["decoded"]
        if place % 16 == 5:
            article, summary = article + TAGGED, summary + TAGGED
        name = f"{record['id']}/{record['model_id']}"
        found.append(make_pair(name, record["id"], record["model_id"], article, summary, human))
    return found


def make_pair(name, document, system, article, summary, human) -> Pair:
    return Pair(name, document, system, (article,), summary, human)


def make_optimization(settings, client, train, validation, examples) -> Optimization:
    return Optimization(settings, DATASET, train, validation, client, KnownPredictions(), examples)


def make_prompts(pairs) -> list[JudgePrompt]:
    instructions = {name: criterion.initial_instruction for name, criterion in CRITERIA.items()}
    return [
        JudgePrompt(
            list(CRITERIA.values()), instructions, Skeleton(DATASET.texts, output_format, tuple(pairs[:examples]), repeat_task)
        )
        for output_format in (True, False)
        for examples in (0, 2)
        for repeat_task in (True, False)
    ]


class RecordingClient:
    """Answers calls by the simulator, a share of the judge's replies broken, and records what it sends and gets."""

    endpoint = "https://example.org/v1"

    def __init__(self) -> None:
        self.records = {name: [] for name in NAMES}

    async def answer_call(self, call, parse):
        extra = {"simulator": {"seed": 0, "broken_reply_rate": 0.15 if call.role == "task" else 0.0}}
        model = Model("example", "simulated/medium", 0.1, 4096, extra, structured_output="json_schema")
        request = build_request(call, model, self, 1)
        reply = answer_request(request)
        self.records[call.role].append(json.dumps([call.messages, call.schema, request.compute_key()]))
        self.records["replies"].append(reply)
        try:
            return Answer(parse(reply), reply, 1, request.model)
        except UnusableReply as error:
            return Answer(None, reply, 1, request.model, str(error))


def digest_texts(texts) -> str:
    """Return a digest that does not depend on the order of the texts: calls may be sent in any order."""
    return hashlib.blake2b("\n".join(sorted(texts)).encode(), digest_size=8).hexdigest()


@pytest.fixture(scope="module")
def records():
    client, pairs = RecordingClient(), read_records()
    for label, settings in RUNS.items():
        steps: list[dict] = []
        examples = pairs[20:22] if label == "SSS" else []
        asyncio.run(make_optimization(settings, client, pairs[:16], pairs[16:20], examples).run(steps.append))
        diagnostics = list_diagnostics(settings.mode, ["paper", "topics"])
        asyncio.run(rate_steps(client, steps, CRITERIA, diagnostics, settings.seed))
        client.records["prompts"] += [step["prompt"] for step in steps]
    for prompt in make_prompts(pairs):
        client.records["prompts"].append(prompt.id)
        asyncio.run(rate_pairs(client, prompt, pairs[4:8], 1, KnownPredictions()))
    return client.records


def test_every_kind_of_prompt_is_among_the_calls(records):
    for role, words in (
        ("task", ["# Examples", "Rate the summary above", "Reply with a JSON object.", "one criterion", "4 criteria"]),
        ("loss", ["<unreadable_reply>", "quote the words of the summary", "The rating is incorrect", "The rating is correct"]),
        ("gradient", ["<unreadable_reply>", "one judged summary", "3 judged summaries", "instructions for 4 criteria"]),
        ("optimizer", ["the instruction that a judge", "the instructions that a judge"]),
        ("evaluator", ["<old_instruction>", "exactly one criterion, this one", "1: advice that would fit any criterion"]),
    ):
        for text in words:
            assert any(text in record for record in records[role]), (role, text)


@pytest.mark.parametrize("name", NAMES)
def test_the_calls_of_summeval_stay_the_same(records, name):
    assert digest_texts(records[name]) == GOLDEN[name]


def test_the_journal_keys_of_the_simulator_stay_the_same():
    request = Request(f"simulator:{VERSION}", "simulated/small", ({"role": "user", "content": "Rate."},), 0.1, 256, 1, 1)
    assert request.compute_key() == GOLDEN["simulator"]
