"""Test pairs as the estimates need them: resamples of their documents, and their human scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from collide.analysis.bootstrap import Resamples, draw_resamples
from collide.analysis.formulas.counts import Floats
from collide.corpus.pairs import HUMAN_PREFIX


def read_documents(test: Path) -> list[str]:
    """Return the document of each test pair."""
    return pq.read_table(test, columns=["document"])["document"].to_pylist()


def read_human_scores(test: Path, criteria: Sequence[str]) -> dict[str, Floats]:
    """Return the human scores of the test pairs by criterion."""
    table = pq.read_table(test, columns=[HUMAN_PREFIX + name for name in criteria])
    return {name: table[HUMAN_PREFIX + name].to_numpy() for name in criteria}


def resample_test_pairs(test: Path, settings: Mapping[str, Any]) -> Resamples:
    """Draw the documents of the test pairs; `settings` is the configuration's section `bootstrap`."""
    # Draw documents from the corpus, not from a run's predictions: all jobs must draw from the same documents.
    return draw_resamples(read_documents(test), settings["resamples"], settings["seed"])
