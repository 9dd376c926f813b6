"""Ratings of the simulated annotators: they follow the defects and resemble expert ratings."""

from __future__ import annotations

import re
from collections import Counter
from statistics import fmean

import pytest

from collide.simulator.corpus.expert_ratings import CRITERIA
from tests.simulator.corpus.text_measures import correlate, list_trigrams, sum_defects


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
    assert correlate(sum_defects(records, *defects), means[criterion]) < -0.45


def test_ratings_resemble_expert_ratings(records, means):
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


def test_text_features_correlate_with_each_criterion(records, means):
    def support(record):
        grams = list_trigrams(record["decoded"])
        return len(grams & list_trigrams(record["text"])) / len(grams)

    def coverage(record):
        words = Counter(w for w in re.findall(r"[a-z]{4,}", record["text"].lower()) if w not in {"that", "with", "from"})
        return sum(word in record["decoded"].lower() for word, _ in words.most_common(20))

    def distinct(record):
        words = record["decoded"].lower().split()
        return len(list_trigrams(record["decoded"])) / (len(words) - 2)

    def formed(record):
        return -sum(not re.match(r'"?[A-Z0-9].*[.?!]"?$', s) for s in re.split(r"(?<=[.?!]) ", record["decoded"]))

    assert correlate([support(r) for r in records], means["consistency"]) > 0.3
    assert correlate([support(r) for r in records], means["fluency"]) > 0.15
    assert correlate([coverage(r) for r in records], means["relevance"]) > 0.2
    assert correlate([distinct(r) for r in records], means["coherence"]) > 0.15
    assert correlate([formed(r) for r in records], means["fluency"]) > 0.2
