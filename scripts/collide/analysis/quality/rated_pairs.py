"""Test pairs and the ratings of judges as arrays in one order, so that criteria and judges can be compared pair by pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from collide.analysis.bootstrap import Resamples
from collide.analysis.formulas.counts import Floats, Indices
from collide.corpus.pairs import HUMAN_PREFIX, RATINGS_PREFIX
from collide.experiment.scales import Scale

# Ratings of all test pairs, nan where missing, by criterion.
Ratings = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class TestPairs:
    """The test pairs, one element per pair: name, column of the document in the resamples, and number of the system.

    `scales` are those of the criteria. `humans` holds the human scores by criterion, `experts` the single ratings as experts x
    pairs. `experts` is empty where the corpus has only means. A corpus without systems names none: all systems are empty.
    """

    scales: Mapping[str, Scale]
    names: Sequence[str]
    documents: Indices
    systems: Indices
    humans: Ratings
    experts: Ratings
    weights: Floats
    has_systems: bool = True

    def count_documents(self) -> int:
        """Return the number of documents."""
        return self.weights.shape[1]

    def count_systems(self) -> int:
        """Return the number of systems."""
        return len(np.unique(self.systems)) if self.has_systems else 0

    def has_comparisons(self) -> bool:
        """Return True if a document has several pairs."""
        return len(np.unique(self.documents)) < len(self.documents)


def read_test_pairs(test: Path, scales: Mapping[str, Scale], resamples: Resamples) -> TestPairs:
    """Read the test pairs of a split.

    Single ratings are read only if all pairs have the same number of them, at least two: an expert must have rated all pairs.
    """
    table = pq.read_table(test)
    names, systems = np.unique(np.array(table["system"].to_pylist(), dtype=object), return_inverse=True)
    experts = {}
    for name in scales:
        single = table[RATINGS_PREFIX + name].to_pylist()
        if len({len(ratings) for ratings in single}) == 1 and len(single[0]) > 1:
            experts[name] = np.array(single, dtype=np.float64).T
    return TestPairs(
        scales=scales,
        names=table["pair"].to_pylist(),
        documents=resamples.locate_documents(table["document"].to_pylist()),
        systems=systems,
        humans={name: table[HUMAN_PREFIX + name].to_numpy() for name in scales},
        experts=experts if len(experts) == len(scales) else {},
        weights=resamples.weights,
        has_systems=any(names),
    )


def read_ratings(predictions: Path, names: Sequence[str]) -> Mapping[str, Ratings]:
    """Return the ratings of the test pairs `names` by prompt and criterion."""
    table = pq.read_table(predictions, columns=["prompt", "split", "pair", "criterion", "score"])
    table = table.filter(pc.equal(table["split"], "test"))
    position = {name: index for index, name in enumerate(names)}
    found: dict[str, dict[str, Floats]] = {}
    columns = (table[name].to_pylist() for name in ("prompt", "criterion", "pair", "score"))
    for prompt, criterion, pair, score in zip(*columns, strict=True):
        by_criterion = found.setdefault(prompt, {})
        if criterion not in by_criterion:
            by_criterion[criterion] = np.full(len(names), np.nan)
        if score is not None:
            by_criterion[criterion][position[pair]] = score
    return found


def is_simulated(predictions: Path) -> bool:
    """Return True if simulated replies went into a predictions file."""
    return b"simulated" in (pq.read_schema(predictions).metadata or {})
