"""Sentences from wordings: introductions of people, articles, capitals, numbers, and replaced values."""

from __future__ import annotations

from collide.simulator.corpus.slot_values import Person, Phrase, format_number
from collide.simulator.corpus.text_writer import TextWriter, polish_text, replace_value


def test_people_are_introduced_once_and_then_called_by_their_last_name():
    values = {"chair": Person("Rosa", "Lind", True, "{name}, who chairs it,"), "n": Phrase(("11",))}
    writer = TextWriter()
    told = [
        writer.write_sentence('"Yes," said {chair}.', values),
        writer.write_sentence("{chair} and {chair.his} a {n}-year-old.", values),
    ]
    assert told == ['"Yes," said Rosa Lind, who chairs it.', "Lind and her an 11-year-old."]


def test_articles_capitals_and_numbers_are_corrected():
    assert polish_text("a hour, an unit and a 80-metre a apple") == "An hour, a unit and an 80-metre an apple"
    assert polish_text('it ended. "it is over," he said. nobody left') == 'It ended. "It is over," he said. Nobody left'
    assert [format_number(number) for number in (0, 9, 10, 12500)] == ["zero", "nine", "10", "12,500"]


def test_a_replaced_value_does_not_change_other_numbers():
    assert replace_value("12 of 120 paid 12,000.", Phrase(("12",)), Phrase(("eight",))) == "Eight of 120 paid 8,000."
    person, other = Person("Rosa", "Lind", True, ""), Person("Mei", "Oakes", True, "")
    assert (
        replace_value("Rosa Lind spoke. Lind's friend left Linden.", person, other)
        == "Mei Oakes spoke. Oakes's friend left Linden."
    )
