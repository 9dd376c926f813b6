"""The default embedded corpus, generated once for all tests of this folder."""

from __future__ import annotations

from statistics import fmean

import pytest

from collide.simulator.corpus.expert_ratings import CRITERIA
from collide.simulator.corpus.generate import generate_records


@pytest.fixture(scope="package")
def records():
    return list(generate_records(seed=0, articles=100))


@pytest.fixture(scope="package")
def articles(records):
    return {record["id"]: record["text"] for record in records}


@pytest.fixture(scope="package")
def means(records):
    """Mean rating of each criterion, in the order of `records`."""
    return {name: [fmean(e[name] for e in record["expert_annotations"]) for record in records] for name in CRITERIA}
