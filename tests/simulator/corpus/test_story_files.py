"""Story files: every wording gives clean sentences, every slot is defined, and an invalid line is reported."""

from __future__ import annotations

import re

import pytest

from collide.simulator.corpus.slot_values import fill_slots
from collide.simulator.corpus.story_files import FACT_WEIGHTS, parse_stories, read_stories
from collide.simulator.corpus.text_writer import SLOT, TextWriter
from collide.simulator.random_draws import RandomStream
from tests.simulator.corpus.text_measures import split_sentences

STORIES = {story.name: story for story in read_stories()}


@pytest.mark.parametrize("name", STORIES)
def test_every_wording_of_a_story_gives_clean_sentences(name):
    story = STORIES[name]
    for draw in range(3):
        values = fill_slots(story.slots, RandomStream("test", name, draw))
        for wording in (w for fact in story.facts for w in [*fact.wordings, fact.gist] if w):
            text = TextWriter().write_sentence(wording, values)
            assert re.search(r'[.?!]"?$', text), text
            assert not re.search(r"[{}]|  | [,.]|,,|\.\.|,\.|\b(\w+) \1\b", text), text
            assert not re.search(r"\b[Aa] [aeio]|\b[Aa]n [bcdfgjklmnpqrstvwxyz]", text), text
            assert text.count('"') % 2 == 0, text
            assert all(re.match(r'"?[A-Z]', sentence) for sentence in split_sentences(text)), text


@pytest.mark.parametrize("name", STORIES)
def test_a_story_defines_its_slots_and_has_two_wordings_of_important_facts(name):
    story = STORIES[name]
    texts = [w for fact in story.facts for w in [*fact.wordings, fact.gist]] + list(story.slots.values())
    used = {match[1] for text in texts for match in SLOT.finditer(text)} - {"name"}
    used |= {rule.split()[1] for rule in story.slots.values() if rule.startswith("after:")}
    assert used == set(story.slots)
    assert all(len(fact.wordings) == 2 for fact in story.facts if fact.weight >= FACT_WEIGHTS["+"])
    main = [fact for fact in story.facts if fact.weight == FACT_WEIGHTS["!"]]
    assert len(main) >= 3 and all(fact.gist for fact in main)


def test_an_invalid_line_of_a_story_file_is_reported():
    with pytest.raises(ValueError, match=r"line 3: '\? what' is neither a slot nor a fact"):
        parse_stories("story x\n! A fact.\n? what")
    with pytest.raises(ValueError, match=r"line 1: expected `story <name>` before anything else"):
        parse_stories("! A fact.")
