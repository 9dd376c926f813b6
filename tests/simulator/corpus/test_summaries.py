"""Summaries: the recorded defects are in the text, and each system has the defects that it stands for."""

from __future__ import annotations

import re
from collections import Counter
from statistics import fmean

import pytest

from collide.simulator.corpus.systems import SYSTEMS
from tests.simulator.corpus.text_measures import list_trigrams, split_sentences, sum_defects


def test_a_lead_extractor_without_defects_is_a_part_of_its_article(records):
    clean = [r for r in records if r["model_id"] == "E01" and not r["defects"]["broken_grammar"]]
    assert len(clean) > 60
    assert all(record["text"].startswith(record["decoded"]) for record in clean)


def names_and_numbers(text):
    """Words with a capital inside sentences, and numbers written in digits."""
    return set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]+|\d[\d,]*\d|\d", text))


def test_summaries_without_false_details_have_only_names_of_the_article(records):
    faithful = [r for r in records if not sum_defects([r], "false_details", "inventions", "broken_grammar")[0]]
    assert len(faithful) > 800
    for record in faithful:
        assert all(word in record["text"] for word in names_and_numbers(record["decoded"])), record["decoded"]


def test_false_details_are_in_the_text(records):
    false = [r for r in records if r["defects"]["false_details"] and not r["defects"]["broken_grammar"]]
    caught = [r for r in false if not list_trigrams(r["decoded"]) <= list_trigrams(" ".join([r["text"], *r["references"]]))]
    assert len(false) > 80 and len(caught) / len(false) > 0.95


def test_repeats_and_cut_offs_are_in_the_text(records):
    repeats = [r for r in records if r["model_id"] == "E02" and r["defects"]["repeats"]]
    verbatim = [r for r in repeats if max(Counter(split_sentences(r["decoded"])).values()) > 1]
    assert len(repeats) > 40 and len(verbatim) > 0.5 * len(repeats)  # the others repeat in short
    once = [r for r in records if not sum_defects([r], "repeats", "broken_grammar")[0]]
    assert all(max(Counter(split_sentences(r["decoded"])).values()) == 1 for r in once)
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
    strength = {s.name: fmean(sum_defects([r for r in records if r["model_id"] == s.name], defect)) for s in SYSTEMS}
    assert strength[system] > 4 * strength["E07"] + 0.2
