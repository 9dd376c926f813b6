"""Diagnostics: the texts that the evaluator sees, and the ratings that come of its replies."""

import asyncio

import pytest

from collide.experiment.modes import MODES, parse_mode
from collide.llm.request import Answer, UnusableReply
from collide.optimize.diagnostics import find_rewrite, list_diagnostics, rate_steps
from collide.optimize.prompts import list_rubrics, load_rubric
from collide.optimize.rated_texts import join_all_gradients, join_gradients, join_parts
from tests.dataset import make_criterion

NAMES = ["fluency", "relevance"]
CRITERIA = {name: make_criterion(name, f"About {name}.", [1, 5], "Rate.") for name in NAMES}
RUBRICS = ["paper", "topics"]
START = {"step": 0, "instructions": {"fluency": "old fluency", "relevance": "old relevance"}}
STEP = {
    "step": 1,
    "instructions": {"fluency": "old fluency", "relevance": "old relevance"},
    "gradients": [
        {"pair": "a", "criteria": ["fluency"], "text": "fluency advice"},
        {"pair": "b", "criteria": ["fluency", "relevance"], "text": "Joint advice. On fluency this. On relevance that."},
        {"pair": "c", "criteria": ["relevance"], "text": None},
    ],
    "rewrites": [
        {"criteria": ["fluency"], "instructions": {"fluency": "new fluency"}},
        {"criteria": ["relevance"], "instructions": None},
    ],
}
JOINT = STEP["gradients"][1]["text"]


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


def rate(records, evaluator, mode="SSS", rubrics=RUBRICS):
    diagnostics = list_diagnostics(parse_mode(mode, NAMES), rubrics)
    return asyncio.run(rate_steps(evaluator, records, CRITERIA, diagnostics, seed=0))


def names(mode, rubrics=RUBRICS, criteria=NAMES):
    return [diagnostic.name for diagnostic in list_diagnostics(parse_mode(mode, criteria), rubrics)]


def test_the_gradients_of_a_criterion_are_joined_and_a_joint_one_is_everyones():
    assert join_gradients(STEP, "fluency") == f"fluency advice\n\n{JOINT}"
    assert join_gradients(STEP, "relevance") == JOINT


def test_controls_join_the_gradients_of_all_criteria_or_the_parts_about_one():
    assert join_all_gradients(STEP, "relevance") == f"fluency advice\n\n{JOINT}"
    assert join_parts(STEP, "fluency") == "fluency advice\n\nOn fluency this."
    assert join_parts(STEP, "relevance") == "On relevance that."
    alone = STEP | {"gradients": STEP["gradients"][:1]}
    assert join_all_gradients(alone, "relevance") == ""


def test_the_candidate_is_judged_accepted_or_not():
    assert find_rewrite(STEP, "fluency") == "new fluency"
    assert find_rewrite(STEP, "relevance") is None


def test_a_mode_with_separate_gradients_joins_them_and_one_with_joint_gradients_divides_them():
    assert names("SSC", ["paper"]) == ["specificity", "specificity_joined", "adherence"]
    assert names("CCC", ["paper"]) == ["specificity", "specificity_part", "adherence"]
    assert names("single-fluency", ["paper"]) == ["specificity", "adherence"]
    # With one criterion, separate and joint gradients are the same.
    assert names("SSC", ["paper"], ["fluency"]) == names("CCC", ["paper"], ["fluency"]) == ["specificity", "adherence"]


def test_each_rubric_rates_each_text_and_the_first_one_has_the_plain_name():
    joined = ["specificity_joined", "specificity_joined_topics"]
    assert names("SSS") == ["specificity", "specificity_topics", *joined, "adherence"]
    assert names("SSS", ["topics", "paper"])[1] == "specificity_paper"


@pytest.mark.parametrize("mode", [*MODES, "single-fluency"])
def test_no_rubric_makes_two_quantities_of_the_same_name(mode):
    found = names(mode, list_rubrics())
    quantities = [f"{name}{suffix}" for name in found for suffix in ("", "_sd", "_min", "_max")]
    assert len(set(quantities)) == len(quantities)


def test_adherence_sees_old_and_new_instruction_and_specificity_sees_neither():
    evaluator = Evaluator()
    rate([START, STEP], evaluator)
    shown = [call.messages for call in evaluator.calls if call.origin.criteria == ("fluency",)]
    (adherence,) = (user["content"] for system, user in shown if "two versions" in system["content"])
    specificity = [user["content"] for system, user in shown if "two versions" not in system["content"]]
    assert all(part in adherence for part in ("old fluency", "new fluency", JOINT, "About fluency."))
    assert len(specificity) == 4
    assert all("new fluency" not in text and JOINT in text for text in specificity)


def test_the_evaluator_may_be_asked_for_a_form_and_a_reply_in_it_is_read():
    evaluator = Evaluator('{"rating": 7}')
    ratings = rate([START, STEP], evaluator)
    assert all(call.schema["properties"]["rating"]["enum"] == list(range(1, 11)) for call in evaluator.calls)
    assert {rating.score for rating in ratings if rating.attempts} == {7}


def test_the_evaluator_sees_the_rubric_of_the_diagnostic():
    evaluator = Evaluator()
    rate([START, STEP], evaluator)
    systems = [call.messages[0]["content"] for call in evaluator.calls if call.origin.criteria == ("fluency",)]
    for rubric in RUBRICS:
        assert sum(load_rubric(rubric) in system for system in systems) == 2


def test_what_cannot_be_rated_is_missing_with_its_reason():
    rated = {(r.criterion, r.diagnostic): r for r in rate([START, STEP], Evaluator())}
    assert rated["fluency", "adherence"].score == 7
    assert (rated["relevance", "adherence"].score, rated["relevance", "adherence"].reason) == (None, "no rewrite")
    bare = {**STEP, "gradients": []}
    assert {r.reason for r in rate([START, bare], Evaluator())} == {"no gradient"}
    general = {**STEP, "gradients": [{"pair": "a", "criteria": NAMES, "text": "Be exact."}]}
    reasons = {r.diagnostic: r.reason for r in rate([START, general], Evaluator(), "CCC") if r.criterion == "fluency"}
    assert reasons.pop("specificity_part") == reasons.pop("specificity_part_topics") == "no part about the criterion"
    assert set(reasons.values()) == {""}


def test_an_unusable_reply_is_kept_and_is_no_score():
    rated = rate([START, STEP], Evaluator("seven or eight: 7, 8"))
    assert {r.score for r in rated} == {None}
    assert rated[0].reply == "seven or eight: 7, 8"
    assert "expected one rating" in rated[0].reason
