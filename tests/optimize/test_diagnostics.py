"""Diagnostics: the texts that the evaluator sees, and the ratings that come of its replies."""

import asyncio

from collide.experiment.criteria import Criterion
from collide.llm.request import Answer, UnusableReply
from collide.optimize.diagnostics import find_rewrite, join_gradients, rate_steps

CRITERIA = {name: Criterion(name, f"About {name}.", (1, 5), "Rate.") for name in ("fluency", "relevance")}
START = {"step": 0, "instructions": {"fluency": "old fluency", "relevance": "old relevance"}}
STEP = {
    "step": 1,
    "instructions": {"fluency": "old fluency", "relevance": "old relevance"},
    "gradients": [
        {"pair": "a", "criteria": ["fluency"], "text": "fluency advice"},
        {"pair": "b", "criteria": ["fluency", "relevance"], "text": "joint advice"},
        {"pair": "c", "criteria": ["relevance"], "text": None},
    ],
    "rewrites": [
        {"criteria": ["fluency"], "instructions": {"fluency": "new fluency"}},
        {"criteria": ["relevance"], "instructions": None},
    ],
}


class Evaluator:
    """Rates every text with 7 and records the calls."""

    def __init__(self, text="7"):
        self.text, self.calls = text, []

    async def answer_call(self, call, parse):
        self.calls.append(call)
        try:
            return Answer(parse(self.text), self.text, 1, "m", "", 10, 1)
        except UnusableReply as error:
            return Answer(None, self.text, 5, "m", str(error), 10, 1)


def rate(records, evaluator):
    return asyncio.run(rate_steps(evaluator, records, CRITERIA, seed=0))


def shown(evaluator, diagnostic_word, criterion):
    return [
        c.messages[1]["content"]
        for c in evaluator.calls
        if diagnostic_word in c.messages[0]["content"] and c.origin.criteria == (criterion,)
    ]


def test_the_gradients_of_a_criterion_are_joined_and_a_joint_one_is_everyones():
    assert join_gradients(STEP, "fluency") == "fluency advice\n\njoint advice"
    assert join_gradients(STEP, "relevance") == "joint advice"


def test_the_candidate_is_judged_accepted_or_not():
    assert find_rewrite(STEP, "fluency") == "new fluency"
    assert find_rewrite(STEP, "relevance") is None


def test_adherence_sees_old_and_new_instruction_and_specificity_sees_neither():
    evaluator = Evaluator()
    rate([START, STEP], evaluator)
    (adherence,) = shown(evaluator, "two versions", "fluency")
    (specificity,) = shown(evaluator, "nothing else. \n", "fluency") or shown(evaluator, "about that criterion", "fluency")
    assert all(part in adherence for part in ("old fluency", "new fluency", "joint advice", "About fluency."))
    assert "new fluency" not in specificity
    assert "joint advice" in specificity


def test_what_cannot_be_rated_is_missing_with_its_reason():
    rated = {(r.criterion, r.diagnostic): r for r in rate([START, STEP], Evaluator())}
    assert rated["fluency", "adherence"].score == 7
    assert (rated["relevance", "adherence"].score, rated["relevance", "adherence"].reason) == (None, "no rewrite")
    bare = {**STEP, "gradients": []}
    assert {r.reason for r in rate([START, bare], Evaluator())} == {"no gradient"}


def test_an_unusable_reply_is_kept_and_is_no_score():
    rated = rate([START, STEP], Evaluator("seven or eight: 7, 8"))
    assert {r.score for r in rated} == {None}
    assert rated[0].reply == "seven or eight: 7, 8"
    assert "expected one rating" in rated[0].reason
