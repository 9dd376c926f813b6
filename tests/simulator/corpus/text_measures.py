"""Simple measures of texts and records for the tests of the embedded corpus."""

from __future__ import annotations

import re

from scipy.stats import spearmanr


def split_sentences(text):
    return re.split(r'(?<=[.?!]) (?=["A-Z0-9])|(?<=[.?!]") (?=["A-Z0-9])', text)


def list_trigrams(text):
    words = text.lower().split()
    return set(zip(words, words[1:], words[2:], strict=False))


def sum_defects(records, *defects):
    """Return the sum of these defects for each record."""
    return [sum(record["defects"][defect] for defect in defects) for record in records]


def correlate(left, right):
    return spearmanr(left, right).statistic
