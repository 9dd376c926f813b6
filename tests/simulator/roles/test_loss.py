"""The simulated loss model: direction and size of an error, and a quotation."""

from __future__ import annotations

from tests.simulator.roles.requests import ask_critique


def test_a_critique_has_direction_and_size_of_the_error_and_quotes_the_summary():
    text = ask_critique("consistency", 5, 1.67)
    assert "too high" in text
    assert "1.67" in text
    assert "dollars" in text
    assert "fluency" not in text


def test_a_critique_of_a_missing_rating_says_that_it_cannot_be_read():
    text = ask_critique("coherence", None, 4.0, reason="the score for coherence is 4.5, no whole number from 1 to 5")
    assert "no rating for coherence that can be read" in text
    assert "right" not in text


def test_a_critique_of_a_right_rating_finds_no_error():
    text = ask_critique("coherence", 4, 4.0)
    assert "too high" not in text
    assert "too low" not in text
