"""Requests to the simulated models in each role, with the pipeline's own prompts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import yaml

from collide.corpus.pairs import Pair
from collide.experiment.criteria import read_criteria
from collide.llm.parsing import parse_rating
from collide.llm.request import Request
from collide.optimize.judge import Judgement
from collide.optimize.pair_messages import render_pair_messages
from collide.optimize.prompts import JudgePrompt, render_messages
from collide.optimize.step_record import Feedback
from collide.simulator import Simulator

ROOT = Path(__file__).parents[3]
CRITERIA = read_criteria(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["criteria"])
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
    return Pair("m/1", "m", "1", ARTICLE, SUMMARY, human)


def make_prompt(instructions, criteria=CRITERIA):
    return JudgePrompt([criteria[name] for name in instructions], instructions)


def ask_judge(prompt, pair, model="simulated/small", seed=1, temperature=0.1, broken_rate=0.0):
    return send_messages(prompt.render_pair(pair), model, temperature, 256, seed, broken_rate)


def ask_writer(role, names, seed=1, **values):
    """Return the reply of an optimizer model."""
    messages = render_messages(role, criteria=[CRITERIA[name] for name in names], **values)
    return send_messages(messages, "simulated/large", temperature=0.3, seed=seed).text


def ask_about_pair(role, names, pair, prediction, reason="", **values):
    """Return the reply of a loss or gradient model about a rated pair."""
    judgement = Judgement(pair, prediction, 1, reason)
    criteria = [CRITERIA[name] for name in names]
    messages = render_pair_messages(role, criteria, judgement, INITIAL_INSTRUCTIONS, **values)
    return send_messages(messages, "simulated/large", temperature=0.3).text


def ask_critique(name, judge, human, reason=""):
    prediction = None if judge is None else {name: judge}
    return ask_about_pair("loss", [name], make_pair(**{name: human}), prediction, reason, human_scores="means of 3 ratings")


def ask_gradient(names, critiques):
    feedback = [Feedback("m/1", criteria, text) for criteria, text in critiques]
    return ask_about_pair("gradient", names, make_pair(), dict.fromkeys(names, 4), critiques=feedback)


def ask_evaluator(role, name, **texts):
    """Return the rating from 1 to 10 of a diagnostic."""
    messages = render_messages(role, criterion=CRITERIA[name], **texts)
    return parse_rating(send_messages(messages, "simulated/xlarge", max_tokens=10).text, 1, 10)
