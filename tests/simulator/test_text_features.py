"""Lexical features: each aspect falls with the defect that it measures."""

from __future__ import annotations

import pytest

from collide.simulator.text_features import measure_summary, split_sentences

ARTICLE = (
    "The council of Marlow voted on Tuesday to close the old bridge. The work on the bridge will last eight months."
    " Traders fear for their business while the bridge is closed. The mayor of Marlow promised a ferry for people on foot."
)
GOOD = "The council of Marlow voted to close the old bridge. The work on the bridge will last eight months."
WORSE = {
    "form": "The council of Marlow voted to close the the old bridge. the work on the bridge will last eight months.",
    "fragments": "The council of Marlow voted to close the old bridge. The work on the",
    "coverage": "People fear for it. The ferry is a promise of his.",
    "lead": "Traders fear for their business. The mayor promised a ferry for people on foot.",
    "order": "The work on the bridge will last eight months. The council of Marlow voted to close the old bridge.",
    "repetition": f"{GOOD} {GOOD}",
    "support": "The council of Marlow has decided that its oldest bridge must be shut. Repairs need eight months of labour.",
    "facts": "The council of Henley voted to close the old bridge. The work on the bridge will last 12 months.",
}


@pytest.mark.parametrize("aspect", WORSE)
def test_an_aspect_falls_with_its_defect(aspect):
    assert measure_summary(ARTICLE, WORSE[aspect]).aspects[aspect] < measure_summary(ARTICLE, GOOD).aspects[aspect]


def test_quotations_are_words_that_show_a_defect():
    features = measure_summary(ARTICLE, f"Henley voted. {GOOD} The work on the")
    assert features.unsupported == ("henley",)
    assert features.left_out == ("tuesday", "traders", "fear")
    assert features.repeated == "The work on the"
    assert features.incomplete == "Henley voted."  # a sentence has at least four words


@pytest.mark.parametrize("summary", ["", "...", "\u2028 12,000 ?!"])
def test_every_text_has_features(summary):
    assert all(-3 <= value <= 1.5 for value in measure_summary("", summary).aspects.values())


def test_sentences_are_split_after_closing_quotes():
    assert split_sentences('He said "yes." She left. ') == ['He said "yes.', "She left."]
