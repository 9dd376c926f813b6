"""Estimates as files: value and interval as CSV, draws as Parquet; parts with all digits, merged files with float32 draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from collide.analysis.bootstrap import percentile_interval
from collide.analysis.estimates import Estimate, EstimateName
from collide.analysis.quantities.differences import estimate_differences, is_compared
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.simulated_notice import SIMULATED_NOTICE

COLUMNS = (*EstimateName._fields, "value", "low", "high", "runs", "n", "note")
DRAWS = ("draws", "run_draws")


def write_part(estimates: Sequence[Estimate], level: float, table: Path, draws: Path, simulated: bool) -> None:
    """Write value and interval of each estimate as CSV, and its draws (without the sample) as Parquet."""
    write_csv(table, COLUMNS, [_describe_estimate(estimate, level) for estimate in estimates], simulated)
    _write_draws([_tabulate_draws(estimates)], draws, pa.float64(), simulated)


def read_part(table: Path, draws: Path, compared: bool = False) -> list[Estimate]:
    """Read the estimates of a part with all digits; only those that differences are made of if `compared`."""
    rows = {EstimateName(*(row[part] for part in EstimateName._fields)): row for row in read_csv(table)}
    stored = pq.read_table(draws)
    names = [EstimateName(*parts) for parts in zip(*(stored[part].to_pylist() for part in EstimateName._fields), strict=True)]
    found = []
    for place, name in enumerate(names):
        if not compared or is_compared(name):
            row = rows[name]
            sample = float(row["value"]) if row["value"] else np.nan
            drawn, run_drawn = (np.r_[sample, stored[column][place].values.to_numpy()] for column in DRAWS)
            found.append(Estimate(name, drawn, run_drawn, int(row["runs"]), int(row["n"]), row["note"]))
    return found


def merge_parts(parts: Sequence[tuple[Path, Path]], level: float, picked_study: str, table: Path, draws: Path) -> None:
    """Write the estimates of all parts, given as (CSV, Parquet), and their differences as one table and one file of draws.

    `picked_study` is the study whose Single-Task runs the cherry-picked variants are compared with.
    """
    # Differences are taken before the draws are rounded to float32.
    compared = [estimate for paths in parts for estimate in read_part(*paths, compared=True)]
    differences = list(estimate_differences(compared, picked_study))
    rows = [{column: row[column] for column in COLUMNS} for csv_path, _ in parts for row in read_csv(csv_path)]
    simulated = any(is_simulated(csv_path) for csv_path, _ in parts)
    write_csv(table, COLUMNS, [*rows, *(_describe_estimate(estimate, level) for estimate in differences)], simulated)
    # float32 halves the file, and its seven digits are more than any table prints.
    tables = (pq.read_table(path) for _, path in parts)
    _write_draws((*tables, _tabulate_draws(differences)), draws, pa.float32(), simulated)


def _describe_estimate(estimate: Estimate, level: float) -> dict[str, object]:
    low, high = percentile_interval(estimate.draws, level)
    value = None if np.isnan(estimate.draws[0]) else float(estimate.draws[0])
    numbers = {"value": value, "low": low, "high": high, "runs": estimate.runs, "n": estimate.n, "note": estimate.note}
    return estimate.name._asdict() | numbers


def _draws_schema(number: pa.DataType) -> pa.Schema:
    names = [(field, pa.string()) for field in EstimateName._fields]
    return pa.schema([*names, *((column, pa.list_(number)) for column in DRAWS)])


def _tabulate_draws(estimates: Sequence[Estimate]) -> pa.Table:
    columns: dict[str, list] = {
        field: [getattr(estimate.name, field) for estimate in estimates] for field in EstimateName._fields
    }
    # Row 0, the sample, is the value in the CSV.
    columns |= {column: [getattr(estimate, column)[1:] for estimate in estimates] for column in DRAWS}
    return pa.table(columns, schema=_draws_schema(pa.float64()))


def _write_draws(tables: Iterable[pa.Table], path: Path, number: pa.DataType, simulated: bool) -> None:
    """Write one row group per table, so that no more than one table is in memory."""
    schema = _draws_schema(number)
    with pq.ParquetWriter(
        path, schema.with_metadata({"simulated": SIMULATED_NOTICE} if simulated else None), compression="zstd"
    ) as file:
        for table in tables:
            file.write_table(table.replace_schema_metadata(None).cast(schema).replace_schema_metadata(file.schema.metadata))
