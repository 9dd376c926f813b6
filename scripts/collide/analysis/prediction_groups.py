"""Predictions files read by prompt group: the scores of one prompt on one split and criterion, as arrays and count tables.

Grouping is done with pyarrow and numpy: importing pandas would take longer than all the work of an estimate job.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from collide.analysis.bootstrap import Resamples
from collide.analysis.formulas.counts import Floats, PairCounts, count_pairs
from collide.errors import InputError

KEYS = ("prompt", "split", "criterion")


class GroupKey(NamedTuple):
    """Key of a prompt group: a prompt's identifier, a split and a criterion."""

    prompt: str
    split: str
    criterion: str


@dataclass(frozen=True, slots=True)
class Group:
    """A prompt group: the pairs of a split rated by one prompt on one criterion.

    Holds the document, rating (nan where missing) and human score of each pair. `missing` is the number of missing ratings. If
    it is above the allowed share, all ratings are nan and `refused` is the reason: the pairs with a rating are then a selection
    whose score could not be compared with others.
    """

    documents: list[str]
    ratings: Floats
    humans: Floats
    missing: int
    refused: str = ""

    def list_ratings(self) -> list[float | None]:
        """Return the ratings as plain numbers, None where missing."""
        return [None if np.isnan(rating) else float(rating) for rating in self.ratings]


@dataclass(frozen=True, slots=True)
class PredictionGroups:
    """A predictions file; `simulated` is true if any simulated reply went in. Prompt groups are in order of appearance."""

    path: Path
    simulated: bool
    groups: dict[GroupKey, Group]


def read_prediction_groups(path: Path) -> PredictionGroups:
    """Read a predictions file by prompt group."""
    # The other columns, such as the reasons of missing ratings, are of no use here and would take memory.
    table = pq.read_table(path, columns=[*KEYS, "document", "score", "human"])
    scores = table["score"].cast(pa.float64()).to_numpy()
    humans = table["human"].to_numpy()
    documents = np.array(table["document"].to_pylist(), dtype=object)
    metadata = table.schema.metadata or {}
    # A file that states no limit has none.
    limit = float(metadata.get(b"max_missing_share", 1))
    groups = {
        GroupKey(*key): _make_group(documents[rows].tolist(), scores[rows], humans[rows], limit)
        for key, rows in _group_rows(table, KEYS)
    }
    return PredictionGroups(path, b"simulated" in metadata, groups)


def _make_group(documents: list[str], ratings: Floats, humans: Floats, limit: float) -> Group:
    missing = int(np.isnan(ratings).sum())
    if missing <= limit * len(ratings):
        return Group(documents, ratings, humans, missing)
    refused = f"{missing} of {len(ratings)} predictions missing, more than the allowed share of {limit:g}"
    return Group(documents, np.full(len(ratings), np.nan), humans, missing, refused)


class PredictionCounts:
    """Count tables of a predictions file: test pairs under all resamples, validation pairs in the sample alone."""

    def __init__(self, predictions: PredictionGroups, resamples: Resamples) -> None:
        self.simulated = predictions.simulated
        self._predictions = predictions
        self._resamples = resamples
        self._known: dict[GroupKey, PairCounts] = {}

    def __bool__(self) -> bool:
        return bool(self._predictions.groups)

    def list_rated(self) -> list[tuple[str, str]]:
        """Return each prompt with each criterion that it rates, in order of appearance."""
        return list(dict.fromkeys((key.prompt, key.criterion) for key in self._predictions.groups))

    def list_splits(self) -> set[str]:
        """Return the splits whose pairs are rated."""
        return {key.split for key in self._predictions.groups}

    def count_group(self, prompt: str, split: str, criterion: str) -> PairCounts:
        """Return the counts of a prompt group, which are computed once. Raises InputError for one that is not in the file."""
        key = GroupKey(prompt, split, criterion)
        if key not in self._known:
            self._known[key] = self._count(key)
        return self._known[key]

    def _count(self, key: GroupKey) -> PairCounts:
        group = self._predictions.groups.get(key)
        if group is None:
            raise InputError(
                f"{self._predictions.path}: no {key.split} predictions of prompt {key.prompt} on {key.criterion}, which a step"
                " of its run has in force; make the predictions again, they are not those of these steps"
            )
        if key.split == "test":
            columns, weights = self._resamples.locate_documents(group.documents), self._resamples.weights
        else:
            # One row that counts all validation pairs once, as if they were of one document.
            columns, weights = np.zeros(len(group.documents), dtype=np.int64), np.ones((1, 1))
        return dataclasses.replace(count_pairs(columns, group.ratings, group.humans, weights), missing=group.missing)


def _group_rows(table: pa.Table, names: Sequence[str]) -> list[tuple[tuple[str, ...], np.ndarray]]:
    """Return the values of these text columns and the rows that have them, in order of appearance."""
    if not len(table):
        return []
    encoded = [table[name].combine_chunks().dictionary_encode() for name in names]
    codes = np.ravel_multi_index(
        [column.indices.to_numpy() for column in encoded], [len(column.dictionary) for column in encoded]
    )
    # Stable, so that each group keeps the order of the file, and the first row of a group is its first appearance.
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(codes[order]) > 0])
    rows = sorted(np.split(order, starts[1:]), key=lambda part: part[0])
    return [(tuple(column[int(part[0])].as_py() for column in encoded), part) for part in rows]
