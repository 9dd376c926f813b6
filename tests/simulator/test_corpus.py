"""The embedded corpus: it reads as text, its defects are true, its ratings follow them, and a seed always gives the same."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import fmean

import pytest
from scipy.stats import spearmanr

from collide.corpus.corpus_reader import check_pairs
from collide.corpus.file_formats import parse_records
from collide.corpus.layouts import read_layout
from collide.simulator.corpus.generate import generate_records
from collide.simulator.corpus.slot_values import Person, Phrase, fill_slots, format_number
from collide.simulator.corpus.story_files import FACT_WEIGHTS, parse_stories, read_stories
from collide.simulator.corpus.systems import SYSTEMS
from collide.simulator.corpus.text_writer import SLOT, TextWriter, polish_text, replace_value
from collide.simulator.random_draws import RandomStream

SCRIPTS = Path(__file__).parents[2] / "scripts"
CRITERIA = ("fluency", "relevance", "coherence", "consistency")
STORIES = {story.name: story for story in read_stories()}


@pytest.fixture(scope="module")
def records():
    return list(generate_records(seed=0, articles=100))


@pytest.fixture(scope="module")
def articles(records):
    return {record["id"]: record["text"] for record in records}


@pytest.fixture(scope="module")
def means(records):
    """Mean rating of each criterion, in the order of `records`."""
    return {name: [fmean(e[name] for e in record["expert_annotations"]) for record in records] for name in CRITERIA}


def column(records, *defects):
    return [sum(record["defects"][defect] for defect in defects) for record in records]


def correlation(left, right):
    return spearmanr(left, right).statistic


def trigrams(text):
    words = text.lower().split()
    return set(zip(words, words[1:], words[2:], strict=False))


def digest(records):
    return hashlib.sha256("\n".join(map(json.dumps, records)).encode()).hexdigest()


# Text


def sentences(text):
    return re.split(r'(?<=[.?!]) (?=["A-Z0-9])|(?<=[.?!]") (?=["A-Z0-9])', text)


def test_articles_are_as_long_as_news_and_no_two_are_alike(articles):
    assert len(articles) == 100
    assert all(150 <= len(text.split()) <= 500 for text in articles.values())
    grams = [trigrams(text) for text in articles.values()]
    assert max(len(a & b) / len(a | b) for a, b in combinations(grams, 2)) < 0.25


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
            assert all(re.match(r'"?[A-Z]', sentence) for sentence in sentences(text)), text


@pytest.mark.parametrize("name", STORIES)
def test_a_story_defines_the_slots_that_it_uses_and_words_what_matters_twice(name):
    story = STORIES[name]
    texts = [w for fact in story.facts for w in [*fact.wordings, fact.gist]] + list(story.slots.values())
    used = {match[1] for text in texts for match in SLOT.finditer(text)} - {"name"}
    used |= {rule.split()[1] for rule in story.slots.values() if rule.startswith("after:")}
    assert used == set(story.slots)
    assert all(len(fact.wordings) == 2 for fact in story.facts if fact.weight >= FACT_WEIGHTS["+"])
    main = [fact for fact in story.facts if fact.weight == FACT_WEIGHTS["!"]]
    assert len(main) >= 3 and all(fact.gist for fact in main)


def test_people_are_introduced_once_and_then_called_by_their_last_name():
    values = {"chair": Person("Rosa", "Lind", True, "{name}, who chairs it,"), "n": Phrase(("11",))}
    writer = TextWriter()
    told = [
        writer.write_sentence('"Yes," said {chair}.', values),
        writer.write_sentence("{chair} and {chair.his} a {n}-year-old.", values),
    ]
    assert told == ['"Yes," said Rosa Lind, who chairs it.', "Lind and her an 11-year-old."]


def test_wording_mends_articles_and_capitals():
    assert polish_text("a hour, an unit and a 80-metre a apple") == "An hour, a unit and an 80-metre an apple"
    assert polish_text('it ended. "it is over," he said. nobody left') == 'It ended. "It is over," he said. Nobody left'
    assert [format_number(number) for number in (0, 9, 10, 12500)] == ["zero", "nine", "10", "12,500"]


def test_an_exchanged_value_leaves_other_numbers_alone():
    assert replace_value("12 of 120 paid 12,000.", Phrase(("12",)), Phrase(("eight",))) == "Eight of 120 paid 8,000."
    person, other = Person("Rosa", "Lind", True, ""), Person("Mei", "Oakes", True, "")
    assert (
        replace_value("Rosa Lind spoke. Lind's friend left Linden.", person, other)
        == "Mei Oakes spoke. Oakes's friend left Linden."
    )


def test_a_line_out_of_the_format_of_stories_is_named():
    with pytest.raises(ValueError, match=r"line 3: '\? what' is neither a slot nor a fact"):
        parse_stories("story x\n! A fact.\n? what")
    with pytest.raises(ValueError, match=r"line 1: expected `story <name>` before anything else"):
        parse_stories("! A fact.")


# Defects


def test_a_lead_extractor_without_defects_is_a_part_of_its_article(records):
    clean = [r for r in records if r["model_id"] == "E01" and not r["defects"]["broken_grammar"]]
    assert len(clean) > 60
    assert all(record["text"].startswith(record["decoded"]) for record in clean)


def names_and_numbers(text):
    """Words with a capital inside sentences, and numbers written in digits."""
    return set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]+|\d[\d,]*\d|\d", text))


def test_summaries_without_false_details_name_what_the_article_names(records):
    faithful = [r for r in records if not column([r], "false_details", "inventions", "broken_grammar")[0]]
    assert len(faithful) > 800
    for record in faithful:
        assert all(word in record["text"] for word in names_and_numbers(record["decoded"])), record["decoded"]


def test_false_details_can_be_found_in_the_text(records):
    false = [r for r in records if r["defects"]["false_details"] and not r["defects"]["broken_grammar"]]
    caught = [r for r in false if not trigrams(r["decoded"]) <= trigrams(" ".join([r["text"], *r["references"]]))]
    assert len(false) > 80 and len(caught) / len(false) > 0.95


def test_repeats_and_cut_offs_can_be_seen(records):
    repeats = [r for r in records if r["model_id"] == "E02" and r["defects"]["repeats"]]
    verbatim = [r for r in repeats if max(Counter(sentences(r["decoded"])).values()) > 1]
    assert len(repeats) > 40 and len(verbatim) > 0.5 * len(repeats)  # the others repeat in short
    once = [r for r in records if not column([r], "repeats", "broken_grammar")[0]]
    assert all(max(Counter(sentences(r["decoded"])).values()) == 1 for r in once)
    cut = [r for r in records if r["defects"]["cut_off"]]
    assert len(cut) > 50 and all(not r["decoded"].endswith(".") for r in cut)


@pytest.mark.parametrize(
    ("system", "defect"),
    [
        ("E02", "repeats"),
        ("E04", "disorder"),
        ("E05", "minor_points"),
        ("E09", "false_details"),
        ("E10", "inventions"),
        ("E11", "repeats"),
        ("E12", "broken_grammar"),
        ("E13", "broken_grammar"),
        ("E14", "cut_off"),
        ("E15", "inventions"),
        ("E16", "lost_main_points"),
    ],
)
def test_systems_have_the_defects_that_they_stand_for(records, system, defect):
    strength = {s.name: fmean(column([r for r in records if r["model_id"] == s.name], defect)) for s in SYSTEMS}
    assert strength[system] > 4 * strength["E07"] + 0.2


# Ratings


@pytest.mark.parametrize(
    ("criterion", "defects"),
    [
        ("fluency", ("broken_grammar", "cut_off")),
        ("relevance", ("lost_main_points", "minor_points")),
        ("coherence", ("disorder", "repeats", "minor_points")),
        ("consistency", ("false_details", "inventions")),
    ],
)
def test_ratings_follow_the_defects(records, means, criterion, defects):
    assert correlation(column(records, *defects), means[criterion]) < -0.45


def test_ratings_look_like_those_of_experts(records, means):
    assert {type(v) for r in records for e in r["expert_annotations"] for v in e.values()} == {int}
    assert {len(record["expert_annotations"]) for record in records} == {3}
    highest = {name: fmean(value == 5 for value in values) for name, values in means.items()}
    assert 0.7 < highest["consistency"] < 0.9 and 0.6 < highest["fluency"] < 0.8
    assert 3.5 < fmean(means["relevance"]) < 4.1 and 3.1 < fmean(means["coherence"]) < 3.7
    apart = [
        max(e[name] for e in r["expert_annotations"]) - min(e[name] for e in r["expert_annotations"])
        for r in records
        for name in CRITERIA
    ]
    assert 0.05 < fmean(a > 0 for a in apart) < 0.6 and max(apart) <= 2


def test_text_alone_tells_something_about_each_criterion(records, means):
    def support(record):
        grams = trigrams(record["decoded"])
        return len(grams & trigrams(record["text"])) / len(grams)

    def coverage(record):
        words = Counter(w for w in re.findall(r"[a-z]{4,}", record["text"].lower()) if w not in {"that", "with", "from"})
        return sum(word in record["decoded"].lower() for word, _ in words.most_common(20))

    def distinct(record):
        words = record["decoded"].lower().split()
        return len(trigrams(record["decoded"])) / (len(words) - 2)

    def formed(record):
        return -sum(not re.match(r'"?[A-Z0-9].*[.?!]"?$', s) for s in re.split(r"(?<=[.?!]) ", record["decoded"]))

    assert correlation([support(r) for r in records], means["consistency"]) > 0.3
    assert correlation([support(r) for r in records], means["fluency"]) > 0.15
    assert correlation([coverage(r) for r in records], means["relevance"]) > 0.2
    assert correlation([distinct(r) for r in records], means["coherence"]) > 0.15
    assert correlation([formed(r) for r in records], means["fluency"]) > 0.2


# Sameness


def test_a_seed_gives_the_same_corpus_in_another_process(records):
    code = (
        "import hashlib, json; from collide.simulator.corpus.generate import generate_records;"
        "print(hashlib.sha256('\\n'.join(map(json.dumps, generate_records(0, 20))).encode()).hexdigest())"
    )
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS), "PYTHONHASHSEED": "7"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(records[: 20 * 16])


def test_another_seed_gives_other_articles(articles):
    assert not set(articles.values()) & {record["text"] for record in generate_records(seed=1, articles=60)}


def test_the_reader_for_release_files_reads_it(records):
    content = "\n".join(map(json.dumps, records)).encode()
    layout, located = read_layout(parse_records(content, "embedded"), dict.fromkeys(CRITERIA, (1, 5)), "expert2")
    pairs = check_pairs(located)
    assert layout == "release" and len(pairs) == 1600
    assert pairs[17].human == records[17]["expert_annotations"][1]
