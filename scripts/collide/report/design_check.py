"""Text of `snakemake check`: data sets, studies with their calls and cost, and the first prompt of each role."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collide.corpus.manifest_text import list_lines
from collide.corpus.pairs import Pair
from collide.cost.job_forecast import RoleForecast
from collide.experiment.datasets import DEFAULT_DATASET, Dataset
from collide.experiment.modes import SINGLE_TASK, name_single_mode
from collide.report.document.sent_prompts import record_prompts

SCENARIO = "middle"
# Columns from this one on hold numbers.
FIRST_NUMBER = 5
COLUMNS = ("study", "data set", "modes", "gates", "seeds", "steps", "runs", "calls", "$")


def describe_dataset(name: str, manifest: Mapping[str, Any], sizes: Mapping[str, int]) -> str:
    """Return the facts of a data set. `sizes` are the pairs of its splits."""
    split = ", ".join(f"{size} {part}" for part, size in sizes.items())
    lines = [
        f"Data set {name}: {manifest['corpus']}, sha256 {manifest['sha256'][:16]}...",
        *(f"  {line}" for line in list_lines(manifest)),
        f"  split: {split}",
    ]
    return "\n".join(lines)


def sum_by_study(forecasts: Iterable[RoleForecast]) -> dict[str, tuple[float, float]]:
    """Return the calls and the cost in US dollars of each row of the cost table, in the middle scenario."""
    sums: dict[str, list[RoleForecast]] = {}
    for forecast in forecasts:
        if forecast.scenario == SCENARIO:
            sums.setdefault(forecast.study, []).append(forecast)
    return {study: (math.fsum(row.calls for row in rows), math.fsum(row.cost for row in rows)) for study, rows in sums.items()}


def describe_studies(
    studies: Mapping[str, Mapping[str, Any]], runs: Mapping[str, int], sums: Mapping[str, tuple[float, float]]
) -> str:
    """Return a table with a row for each study, one for each further kind of calls, and their sum."""
    rows: list[Sequence[str]] = [COLUMNS]
    for study, settings in studies.items():
        calls, cost = sums.get(study, (0.0, 0.0))
        rows.append(
            (
                study,
                settings.get("dataset", DEFAULT_DATASET),
                " ".join(settings["modes"]),
                " ".join(settings["gates"]),
                " ".join(map(str, settings["seeds"])),
                str(settings["steps"]),
                str(runs[study]),
                f"{calls:,.0f}",
                f"{cost:,.2f}",
            )
        )
    rows += [(name, *[""] * 6, f"{calls:,.0f}", f"{cost:,.2f}") for name, (calls, cost) in sums.items() if name not in studies]
    totals = [math.fsum(amounts[part] for amounts in sums.values()) for part in range(2)]
    rows.append(("total", *[""] * 6, f"{totals[0]:,.0f}", f"{totals[1]:,.2f}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(_pad_cell, range(len(row)), row, widths)) for row in rows)


def _pad_cell(place: int, cell: str, width: int) -> str:
    """Return a cell as wide as its column: numbers at the right, names at the left."""
    return cell.rjust(width) if place >= FIRST_NUMBER else cell.ljust(width)


def describe_prompts(
    name: str, dataset: Dataset, modes: Sequence[str], rubrics: Sequence[str], repeat_task: bool, pair: Pair
) -> str:
    """Return the first prompt of each role, with the texts of a training pair; replies of models are in square brackets."""
    combined = next((mode for mode in modes if mode != SINGLE_TASK), name_single_mode(next(iter(dataset.criteria))))
    messages = asyncio.run(record_prompts(dataset, combined, rubrics, repeat_task, pair))
    parts = [f"Prompts of {name}, mode {combined}, pair {pair.id}; what models write is in square brackets"]
    for role, sent in messages.items():
        parts += [f"----- {role}, {message['role']} message -----\n{message['content']}" for message in sent]
    return "\n\n".join(parts)
