"""Time and memory of the jobs, summed by rule from the benchmark files that Snakemake writes."""

from __future__ import annotations

import csv
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

COLUMNS = (
    "rule",
    "jobs",
    "sampled",
    "seconds",
    "seconds_median",
    "seconds_max",
    "processor_seconds",
    "memory_median",
    "memory_max",
)


def sum_benchmarks(folder: Path) -> list[dict[str, Any]]:
    """Return a row per rule, the one with most seconds first, from the files `folder`/RULE/**.tsv.

    Times are in seconds and memory is in MiB. Snakemake samples a job's memory and processor time when it starts and then each
    half second, later each half minute: `sampled` counts the jobs for which it has any, and only these count for memory and
    processor time, which lacks the time after the last sample.
    """
    rows = [_sum_rule(path.name, map(_read_benchmark, sorted(path.rglob("*.tsv")))) for path in sorted(folder.glob("*"))]
    return sorted((row for row in rows if row["jobs"]), key=lambda row: -row["seconds"])


def _read_benchmark(path: Path) -> dict[str, str]:
    """Return the only row of a benchmark file; an empty dictionary if its writing was interrupted."""
    with path.open(encoding="utf-8", newline="") as stream:
        return next(csv.DictReader(stream, delimiter="\t"), {})


def _sum_rule(rule: str, benchmarks: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    complete = [benchmark for benchmark in benchmarks if benchmark.get("s")]
    sampled = [benchmark for benchmark in complete if benchmark.get("max_rss") not in ("NA", "-", None)]
    seconds = [float(benchmark["s"]) for benchmark in complete]
    memory = [float(benchmark["max_rss"]) for benchmark in sampled]
    return {
        "rule": rule,
        "jobs": len(complete),
        "sampled": len(sampled),
        "seconds": _round(math.fsum(seconds)),
        "seconds_median": _round(statistics.median(seconds)) if seconds else None,
        "seconds_max": max(seconds, default=None),
        "processor_seconds": _round(math.fsum(float(benchmark["cpu_time"]) for benchmark in sampled)) if sampled else None,
        "memory_median": _round(statistics.median(memory)) if memory else None,
        "memory_max": max(memory, default=None),
    }


def _round(value: float) -> float:
    # Snakemake writes two decimals; further digits are those of floating-point sums.
    return round(value, 2)


def describe_benchmarks(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows of `sum_benchmarks` as text, or a sentence if there are none."""
    if not rows:
        return "No job with a benchmark has finished yet."
    line = "{:<26}{:>6}{:>12}{:>12}{:>12}{:>14}{:>14}".format
    lines = [line("rule", "jobs", "seconds", "median", "longest", "median MiB", "largest MiB")]
    for row in rows:
        shown = (row[name] for name in ("seconds", "seconds_median", "seconds_max", "memory_median", "memory_max"))
        lines.append(line(row["rule"], row["jobs"], *("" if value is None else f"{value:,.1f}" for value in shown)))
    return "\n".join(lines)
