"""The simulated optimizer model: suggestions become instructions, and present wording is kept."""

from __future__ import annotations

from collide.llm.parsing import parse_instructions
from collide.optimize.loop.step_record import Feedback
from tests.simulator.roles.requests import CRITERIA, INITIAL, INITIAL_INSTRUCTIONS, ask_writer


def test_a_rewrite_follows_suggestions_and_keeps_the_present_wording():
    suggestions = Feedback(
        "m/1",
        ("consistency",),
        "Keep it.\n\nIt is silent.\n\nAsk the judge to compare each name with the article. State that lies cost a point.",
    )
    values = {"instructions": INITIAL_INSTRUCTIONS, "gradients": [suggestions]}
    found = [parse_instructions(ask_writer("optimizer", ["consistency"], seed, **values), ["consistency"]) for seed in range(6)]
    texts = [instructions["consistency"] for instructions in found]
    assert all(text.startswith(INITIAL) for text in texts)
    assert any("Compare each name with the article." in text for text in texts)
    assert not any("Ask the judge" in text for text in texts)


def test_a_combined_rewrite_gives_each_criterion_an_instruction():
    suggestions = Feedback(
        "m/1",
        tuple(CRITERIA),
        "A.\n\nB.\n\nAsk the judge to look for fragments. Tell the judge to list the main points.",
    )
    text = ask_writer("optimizer", list(CRITERIA), instructions=INITIAL_INSTRUCTIONS, gradients=[suggestions])
    assert set(parse_instructions(text, list(CRITERIA))) == set(CRITERIA)
