"""The simulated gradient model: three paragraphs, less specific the more criteria share them."""

from __future__ import annotations

from tests.simulator.roles.requests import CRITERIA, ask_critique, ask_evaluator, ask_gradient


def rate_specificity(name, text):
    return ask_evaluator("specificity", name, gradient=text)


def test_a_gradient_has_three_paragraphs_about_its_criterion():
    text = ask_gradient(["consistency"], [(("consistency",), ask_critique("consistency", 5, 1.67))])
    assert len(text.split("\n\n")) == 3
    assert rate_specificity("consistency", text) >= 8
    assert rate_specificity("fluency", text) <= 3


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
