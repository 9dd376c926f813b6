"""Ratings of a run's steps as a CSV file: one row per step, criterion and diagnostic."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from collide.common.csv_json import write_csv
from collide.experiment.runs import RunId
from collide.optimize.diagnostics import Rating


def write_ratings(path: Path, ratings: Sequence[Rating], run: RunId, simulated: bool) -> None:
    """Write ratings as CSV, with the run's name in the first columns; a missing score is an empty field."""
    columns = [*RunId._fields, *(field.name for field in dataclasses.fields(Rating))]
    write_csv(path, columns, (run._asdict() | dataclasses.asdict(rating) for rating in ratings), simulated)
