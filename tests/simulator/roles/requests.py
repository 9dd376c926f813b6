"""Requests to the simulated models in each role, with the pipeline's own prompts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from collide.corpus.pairs import Pair
from collide.llm.parsing import parse_rating
from collide.llm.request import Request
from collide.optimize.judge import Judgement
from collide.optimize.loop.pair_messages import describe_judgement
from collide.optimize.loop.step_record import Feedback
from collide.optimize.prompts import JudgePrompt, Skeleton, load_rubric, render_messages
from collide.simulator import Simulator
from tests.dataset import DATASET, TEXT_NAMES

ROOT = Path(__file__).parents[3]
CRITERIA = DATASET.criteria
INITIAL = "Rate from 1 to 5."
INITIAL_INSTRUCTIONS = dict.fromkeys(CRITERIA, INITIAL)
ARTICLE = (
    "The council of Marlow voted on Tuesday to close the old bridge for repairs. The work will last eight months and cost"
    " 2.4 million. Traders fear for their business. The mayor promised a ferry for people on foot."
)
SUMMARY = "The council of Marlow voted to close the bridge. It will cost 9 million dollars and"


def send_messages(messages, model, temperature=0.0, max_tokens=8192, seed=1, broken_rate=0.0):
    extra = {"simulator": {"seed": 0, "broken_reply_rate": broken_rate}}
    request = Request("x", model, messages, temperature, max_tokens, seed, 1, extra)
    return asyncio.run(Simulator().complete(request))


def make_pair(**human):
    return Pair("m/1", "m", "1", (ARTICLE,), SUMMARY, human)


def make_prompt(instructions, criteria=CRITERIA):
    return JudgePrompt([criteria[name] for name in instructions], instructions, Skeleton(TEXT_NAMES))


def ask_judge(prompt, pair, model="simulated/small", seed=1, temperature=0.1, broken_rate=0.0):
    return send_messages(prompt.render_pair(pair), model, temperature, 256, seed, broken_rate)


def ask_writer(role, names, seed=1, **values):
    """Return the reply of an optimizer model."""
    messages = render_messages(role, texts=TEXT_NAMES, criteria=[CRITERIA[name] for name in names], **values)
    return send_messages(messages, "simulated/large", temperature=0.3, seed=seed).text


def describe_pair(names, judge, human, reason):
    """Return the values of a template for a pair with the same ratings on all criteria; `judge` None is a missing one."""
    scores = None if judge is None else dict.fromkeys(names, judge)
    return describe_judgement(Judgement(make_pair(**dict.fromkeys(names, human)), scores, 1, reason), names, CRITERIA)


def ask_critique(name, judge, human, reason=""):
    values = describe_pair([name], judge, human, reason) | {"sees_pair": True, "human_scores": "means of 3 ratings"}
    return ask_writer("loss", [name], instructions=INITIAL_INSTRUCTIONS, **values)


def ask_gradient(names, critiques, judge=4, reason="", seed=1):
    feedback = [Feedback("m/1", criteria, text) for criteria, text in critiques]
    judged = [describe_pair(names, judge, 4.0, reason) | {"critiques": feedback}]
    return ask_writer("gradient", names, seed, instructions=INITIAL_INSTRUCTIONS, judged=judged)


def ask_evaluator(role, name, seed=1, **texts):
    """Return the rating from 1 to 10 of a diagnostic."""
    messages = render_messages(role, rubric=load_rubric("paper"), criterion=CRITERIA[name], **texts)
    return parse_rating(send_messages(messages, "simulated/xlarge", max_tokens=10, seed=seed).text, 1, 10)
