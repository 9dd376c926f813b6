"""Estimates and their bootstrap draws, as claims are checked against them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from collide.analysis.bootstrap import Floats
from collide.analysis.estimates import EstimateName
from collide.analysis.quantities.diagnostics import PARTIAL
from collide.common.csv_json import SOURCE_COLUMN, read_csv
from collide.experiment.sources import PUBLISHED


@dataclass(frozen=True, slots=True)
class Evidence:
    """Draws and numbers of runs by name of the estimate.

    `draws` vary documents and runs, and `run_draws` the runs alone; both hold the sample in row 0. `level` is the coverage of
    the intervals. `partial` are estimates of mode groups that lack a mode. `published` is True for the authors' logs.
    """

    draws: Mapping[EstimateName, Floats]
    run_draws: Mapping[EstimateName, Floats]
    runs: Mapping[EstimateName, int]
    level: float
    partial: Collection[EstimateName] = ()
    published: bool = False


def read_evidence(estimates: Path, draws: Path, level: float) -> Evidence:
    """Return the estimates of a CSV file with their draws of a Parquet file."""
    rows = {EstimateName(*(row[part] for part in EstimateName._fields)): row for row in read_csv(estimates)}
    table = pq.read_table(draws)
    names = [EstimateName(*parts) for parts in zip(*(table[part].to_pylist() for part in EstimateName._fields), strict=True)]
    all_draws, run_draws = (
        {
            name: np.concatenate([[float(rows[name]["value"] or "nan")], np.asarray(drawn.as_py(), dtype=np.float64)])
            for name, drawn in zip(names, table[column], strict=True)
        }
        for column in ("draws", "run_draws")
    )
    # The notes of a mode group name the modes that it lacks.
    partial = {name for name, row in rows.items() if any(part.startswith(PARTIAL) for part in row["note"].split("; "))}
    published = any(row[SOURCE_COLUMN] == PUBLISHED for row in rows.values())
    return Evidence(all_draws, run_draws, {name: int(row["runs"]) for name, row in rows.items()}, level, partial, published)
