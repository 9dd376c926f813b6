"""Table of measures of a study's judges: one row per prompt, criterion, level and metric."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from collide.analysis.bootstrap import percentile_interval
from collide.analysis.estimates import name_measure
from collide.analysis.quality.measure import Measure
from collide.analysis.quality.pooled import ZERO
from collide.analysis.quality.rated_pairs import TestPairs
from collide.common.csv_json import write_csv

# `quantity` joins prompt, level and metric: the name by which tables and figures look a measure up.
COLUMNS = (
    *("study", "mode", "gate", "criterion", "quantity", "prompt", "level", "metric", "value", "low", "high"),
    *("documents", "systems", "runs", "n", "missing", "undefined", "note"),
)
# Value of the column `prompt` in rows of the experts.
EXPERT = "expert"


class RowName(NamedTuple):
    """Name of a measure within a study."""

    mode: str
    gate: str
    prompt: str
    criterion: str
    level: str
    metric: str


class Row(NamedTuple):
    """A measure with its name, and the number of seeds or experts that it is the mean of."""

    name: RowName
    measure: Measure
    runs: int


def write_quality(path: Path, study: str, pairs: TestPairs, rows: Iterable[Row], level: float, simulated: bool) -> None:
    """Write the measures of a study with intervals that cover the share `level`."""
    write_csv(path, COLUMNS, _format_rows(study, pairs, rows, level), simulated)


def _format_rows(study: str, pairs: TestPairs, rows: Iterable[Row], level: float) -> Iterator[dict[str, Any]]:
    for name, measure, runs in rows:
        # The experts' biases add up to 0 but for a rounding error.
        draws = np.where(np.abs(measure.draws) < ZERO, 0.0, measure.draws)
        low, high = percentile_interval(draws, level)
        yield {
            "study": study,
            **name._asdict(),
            "quantity": name_measure(name.prompt, name.level, name.metric),
            "value": None if np.isnan(draws[0]) else float(draws[0]),
            "low": low,
            "high": high,
            "documents": pairs.count_documents(),
            "systems": pairs.count_systems(),
            "runs": runs,
            "n": measure.n,
            "missing": measure.missing,
            "undefined": measure.undefined,
            "note": measure.note,
        }
