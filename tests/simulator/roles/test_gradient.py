"""The simulated gradient model: three paragraphs, less specific the more criteria share them."""

from __future__ import annotations

import pytest

from collide.experiment.scales import build_scale
from collide.simulator.aspects import GENERIC_SUGGESTIONS
from collide.simulator.knowledge import name_texts
from collide.simulator.models import find_model
from collide.simulator.parsed_request import ParsedRequest
from collide.simulator.roles.gradient import write_gradient
from tests.simulator.roles.requests import CRITERIA, ask_critique, ask_evaluator, ask_gradient


def rate_specificity(name, text):
    """Return the mean rating over seeds: a single one has an error of the model's misreading."""
    return sum(ask_evaluator("specificity", name, seed, gradient=text) for seed in range(20)) / 20


def test_a_gradient_has_three_paragraphs_about_its_criterion():
    text = ask_gradient(["consistency"], [(("consistency",), ask_critique("consistency", 5, 1.67))])
    assert len(text.split("\n\n")) == 3
    assert rate_specificity("consistency", text) >= 6
    assert rate_specificity("fluency", text) <= 3


def write_gradients(names, word_limit, critique):
    """Return 40 gradients of one batch pair with this critique of each criterion."""
    request = ParsedRequest(
        role="gradient",
        scales=dict.fromkeys(names, build_scale([1, 5])),
        instructions=dict.fromkeys(names, "Rate from 1 to 5."),
        feedback=[((name,), critique.format(name=name)) for name in names],
        word_limit=word_limit,
    )
    return [write_gradient(request, find_model("simulated/large"), seed) for seed in range(40)]


REMARKS = [text.format(**name_texts(())) for text in GENERIC_SUGGESTIONS]


def count_remarks(texts):
    return sum(remark in text for text in texts for remark in REMARKS) / len(texts)


WRONG = "The rating of 5 for {name} is too high."
RIGHT = "The rating of 4 for {name} is about right."


@pytest.mark.parametrize("names", [["fluency"], list(CRITERIA)])
def test_generic_remarks_fill_the_room_that_is_left(names):
    counts = [count_remarks(write_gradients(names, limit, WRONG)) for limit in (50, 200, 800)]
    assert counts[0] < 0.2
    assert counts[0] < counts[1] < counts[2] or counts[1] < 0.2 < counts[2]


def test_the_less_there_is_to_say_the_more_remarks_are_generic():
    assert (
        count_remarks(write_gradients(["fluency"], 200, RIGHT)) > count_remarks(write_gradients(["fluency"], 200, WRONG)) + 0.5
    )


def test_a_gradient_uses_part_of_the_words_that_the_request_permits():
    for names, limit in ((["fluency"], 200), (list(CRITERIA), 400)):
        lengths = [len(text.split()) for text in write_gradients(names, limit, WRONG)]
        assert max(lengths) <= 0.7 * limit
        assert len(set(lengths)) > 10


def test_the_specificity_of_gradients_on_one_criterion_has_a_spread():
    critiques = [(("fluency",), ask_critique("fluency", 4, 4.0))]
    texts = [ask_gradient(["fluency"], critiques, seed=seed) for seed in range(20)]
    scores = [ask_evaluator("specificity", "fluency", gradient=text) for text in texts]
    assert max(scores) - min(scores) >= 3


def test_several_criteria_share_the_sentences_of_one_gradient():
    critiques = [((name,), ask_critique(name, 5, 2.0)) for name in CRITERIA]
    combined = ask_gradient(list(CRITERIA), critiques)
    alone = ask_gradient(["consistency"], critiques[-1:])
    assert rate_specificity("consistency", combined) < rate_specificity("consistency", alone)
    assert len(combined.split("\n\n")) == 3


def test_a_gradient_of_an_unreadable_reply_asks_for_a_rating():
    critiques = [(("fluency",), ask_critique("fluency", None, 4.0, reason="no JSON object"))]
    text = ask_gradient(["fluency"], critiques, judge=None, reason="no JSON object")
    assert len(text.split("\n\n")) == 3
    assert "one whole number" in text.split("\n\n")[2]
