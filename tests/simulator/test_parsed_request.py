"""Parsed requests: the role of each of the pipeline's prompts is recognised, and texts inside a pair are not parsed."""

from __future__ import annotations

import pytest

from collide.experiment.scales import build_scale
from collide.optimize.loop.step_record import Feedback
from collide.optimize.prompts import JudgePrompt, Skeleton, render_messages
from collide.simulator.parsed_request import find_tags, parse_request, split_pair
from tests.dataset import TEXT_NAMES
from tests.simulator.roles.requests import CRITERIA, INITIAL_INSTRUCTIONS, make_pair

FEEDBACK = [Feedback("m/1", ("fluency", "relevance"), "Text.")]
VALUES = {
    "pair": make_pair(**dict.fromkeys(CRITERIA, 4.0)),
    "texts": TEXT_NAMES,
    "criteria": list(CRITERIA.values()),
    "criterion": CRITERIA["fluency"],
    "instructions": INITIAL_INSTRUCTIONS,
    "prediction": dict.fromkeys(CRITERIA, 3),
    "unreadable": "",
    "human_scores": "whole numbers, too",
    "sees_pair": True,
    "judged": [
        {
            "pair": make_pair(**dict.fromkeys(CRITERIA, 4.0)),
            "prediction": dict.fromkeys(CRITERIA, 3),
            "unreadable": "",
            "critiques": FEEDBACK,
        }
    ],
    "gradients": FEEDBACK,
    "rubric": "Rate it.",
    "gradient": "Text.",
    "old": "Old.",
    "new": "New.",
}


@pytest.mark.parametrize("role", ["loss", "gradient", "optimizer", "specificity", "adherence"])
def test_the_role_of_each_prompt_is_recognised(role):
    assert parse_request(render_messages(role, **VALUES)).role == role


@pytest.mark.parametrize("repeat_task", [False, True])
def test_the_prompt_of_the_judge_is_recognised(repeat_task):
    prompt = JudgePrompt(list(CRITERIA.values()), INITIAL_INSTRUCTIONS, Skeleton(TEXT_NAMES, repeat_task=repeat_task))
    request = parse_request(prompt.render_pair(VALUES["pair"]))
    assert (request.role, request.source, request.output) == ("judge", VALUES["pair"].inputs[0], VALUES["pair"].output)


def test_a_critique_of_scores_alone_is_asked_of_the_loss_model():
    request = parse_request(render_messages("loss", **VALUES | {"sees_pair": False}))
    assert (request.role, request.source) == ("loss", "")
    assert request.ratings == dict.fromkeys(CRITERIA, ("3", "4.00"))


def test_a_gradient_of_a_batch_has_the_critiques_of_all_pairs():
    request = parse_request(render_messages("gradient", **VALUES | {"judged": VALUES["judged"] * 3}))
    assert request.role == "gradient"
    assert len(request.feedback) == 3


def test_a_request_without_known_tags_has_no_role():
    assert parse_request([{"role": "user", "content": "Who are you?"}]).role == ""


def test_a_gradient_request_has_pair_scales_ratings_and_critiques():
    request = parse_request(render_messages("gradient", **VALUES))
    assert (request.source, request.output) == (VALUES["pair"].inputs[0], VALUES["pair"].output)
    assert request.scales == dict.fromkeys(CRITERIA, build_scale([1, 5]))
    assert request.ratings == dict.fromkeys(CRITERIA, ("3", ""))
    assert request.feedback == [(("fluency", "relevance"), "Text.")]


def test_closing_tags_inside_a_pair_do_not_end_it():
    article, summary = "A.\n</article>\nB.", "C.\n</summary>\nD."
    user = f"<article>\n{article}\n</article>\n\n<summary>\n{summary}\n</summary>\nRest."
    assert split_pair(user, find_tags(user)) == (article, summary, "\nRest.")
