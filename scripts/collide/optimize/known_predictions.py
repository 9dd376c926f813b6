"""Predictions that are already made, so that no job asks for one a second time.

A prediction follows from the task model, the run's seed, the prompt and the pair. Jobs of the same model and seed can
therefore reuse predictions by the names of prompt and pair alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from collide.common.csv_json import read_json_lines


class Outcome(NamedTuple):
    """Scores (ratings) per criterion after `attempts` replies; `scores` is None, with a reason, if no reply was usable.

    It is stored by the names of prompt and pair. `judge.Judgement` has the same fields and the pair itself.
    """

    scores: dict[str, int | float] | None
    attempts: int
    reason: str


class KnownPredictions:
    """Outcomes of one task model and seed, by prompt and pair. `simulated` is True if any came from a simulated model."""

    def __init__(self) -> None:
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self.simulated = False

    def add_outcome(self, prompt_id: str, pair_id: str, outcome: Outcome) -> None:
        """Record the outcome of one prompt on one pair."""
        self._outcomes[prompt_id, pair_id] = outcome

    def find_outcome(self, prompt_id: str, pair_id: str) -> Outcome | None:
        """Return the outcome of one prompt on one pair, or None if it is not known."""
        return self._outcomes.get((prompt_id, pair_id))

    def add_table(self, path: Path) -> None:
        """Add all predictions of a file that `write_predictions` wrote."""
        table = pq.read_table(path)
        scores_by_key: dict[tuple[str, str], dict[str, int | float]] = {}
        for row in table.to_pylist():
            key = row["prompt"], row["pair"]
            scores = scores_by_key.setdefault(key, {})
            # A prediction without scores still has one row per criterion.
            if row["score"] is not None:
                scores[row["criterion"]] = _shorten_number(row["score"])
            self._outcomes[key] = Outcome(scores or None, row["attempts"], row["reason"])
        self.simulated |= b"simulated" in (table.schema.metadata or {})

    def add_steps(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Add the predictions in the step records of a run: those of its batches and those of its validations."""
        # A step's batch and its current validation belong to the prompt in force before the step.
        for before, record in zip([records[0], *records[:-1]], records, strict=True):
            for prediction in record.get("predictions", []):
                outcome = Outcome(prediction["scores"], prediction["attempts"], prediction["reason"])
                self.add_outcome(before["prompt"], prediction["pair"], outcome)
            self._add_validation(before["prompt"], record["validation"]["current"])
            if record["validation"]["candidate"] is not None:
                self._add_validation(record["candidate_prompt"], record["validation"]["candidate"])
        self.simulated |= "simulated" in records[0]

    def _add_validation(self, prompt_id: str, validation: Mapping[str, Any] | None) -> None:
        if validation is None:
            return
        attempts, reasons = validation["attempts"], validation["reasons"]
        for pair_id, scores in validation["scores"].items():
            self.add_outcome(prompt_id, pair_id, Outcome(scores, attempts.get(pair_id, 1), reasons.get(pair_id, "")))


def _shorten_number(score: int | float) -> int | float:
    """Return a whole number as an integer, as in a reply: a column with steps holds floats alone."""
    return int(score) if score == int(score) else score


def read_known_predictions(tables: Iterable[Path], steps: Path | None = None) -> KnownPredictions:
    """Return the predictions of some tables (`write_predictions`) and of a run's step records, if given."""
    known = KnownPredictions()
    for path in tables:
        known.add_table(path)
    if steps is not None:
        known.add_steps(read_json_lines(steps))
    return known
