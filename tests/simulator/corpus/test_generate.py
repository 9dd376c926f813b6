"""The embedded corpus: articles are as long as news and differ, and a seed always gives the same records."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

from collide.corpus.human_score import apply_human_score
from collide.simulator.corpus.expert_ratings import CRITERIA
from collide.simulator.corpus.generate import generate_records
from tests.corpus.sample_files import read_content
from tests.simulator.corpus.text_measures import list_trigrams

SCRIPTS = Path(__file__).parents[3] / "scripts"


def digest_records(records):
    return hashlib.sha256("\n".join(map(json.dumps, records)).encode()).hexdigest()


def test_articles_are_as_long_as_news_and_no_two_are_similar(articles):
    assert len(articles) == 100
    assert all(150 <= len(text.split()) <= 500 for text in articles.values())
    grams = [list_trigrams(text) for text in articles.values()]
    assert max(len(a & b) / len(a | b) for a, b in combinations(grams, 2)) < 0.25


def test_a_seed_gives_the_same_corpus_in_another_process(records):
    code = (
        "import hashlib, json; from collide.simulator.corpus.generate import generate_records;"
        "print(hashlib.sha256('\\n'.join(map(json.dumps, generate_records(0, 20))).encode()).hexdigest())"
    )
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS), "PYTHONHASHSEED": "7"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest_records(records[: 20 * 16])


def test_another_seed_gives_other_articles(articles):
    assert not set(articles.values()) & {record["text"] for record in generate_records(seed=1, articles=60)}


def test_the_reader_of_release_files_accepts_the_corpus(records):
    content = "\n".join(map(json.dumps, records)).encode()
    layout, found = read_content(content, {name: [1, 5] for name in CRITERIA})
    pairs = apply_human_score(found, "expert2")
    assert layout == "release" and len(pairs) == 1600
    assert pairs[17].human == records[17]["expert_annotations"][1]
