"""Estimates as files: value and interval as CSV, draws as Parquet; parts with all digits, merged files with float32 draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from collide.analysis.bootstrap import percentile_interval
from collide.analysis.differences import estimate_differences, is_compared
from collide.analysis.estimates import Estimate, EstimateName
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.simulated_notice import SIMULATED_NOTICE

COLUMNS = (*EstimateName._fields, "metric", "value", "low", "high", "runs", "n", "note")
DRAWS = ("draws", "run_draws")


def write_part(estimates: Sequence[Estimate], level: float, table: Path, draws: Path, simulated: bool) -> None:
    """Write value and interval of each estimate as CSV, and its draws (without the sample) as Parquet."""
    write_csv(table, COLUMNS, [_describe_estimate(estimate, level) for estimate in estimates], simulated)
    _write_draws([_tabulate_draws(estimates)], draws, pa.float64(), simulated)


def merge_parts(parts: Sequence[tuple[Path, Path]], level: float, table: Path, draws: Path) -> None:
    """Write the estimates of all parts, given as (CSV, Parquet), and their differences as one table and one file of draws."""
    rows = [{column: row[column] for column in COLUMNS} for csv_path, _ in parts for row in read_csv(csv_path)]
    simulated = any(is_simulated(csv_path) for csv_path, _ in parts)
    named = {EstimateName(*(row[field] for field in EstimateName._fields)): row for row in rows}
    differences: list[Estimate] = []

    def stream_draws() -> Iterator[pa.Table]:
        compared: list[Estimate] = []
        for _, path in parts:
            stored = pq.read_table(path)
            # Differences are taken before the draws are rounded to float32.
            compared += _read_compared(named, stored)
            yield stored
        differences.extend(estimate_differences(compared))
        yield _tabulate_draws(differences)

    # float32 halves the file, and its seven digits are more than any table prints.
    _write_draws(stream_draws(), draws, pa.float32(), simulated)
    write_csv(table, COLUMNS, [*rows, *(_describe_estimate(estimate, level) for estimate in differences)], simulated)


def _read_compared(rows: Mapping[EstimateName, Mapping[str, str]], stored: pa.Table) -> Iterator[Estimate]:
    """Yield, with all digits, the estimates of a part that differences are made of."""
    names = zip(*(stored[field].to_pylist() for field in EstimateName._fields), strict=True)
    for row_number, name in enumerate(EstimateName(*fields) for fields in names):
        if is_compared(name):
            row = rows[name]
            sample = float(row["value"]) if row["value"] else np.nan
            drawn, run_drawn = (np.r_[sample, stored[column][row_number].values.to_numpy()] for column in DRAWS)
            yield Estimate(name, drawn, run_drawn, int(row["runs"]), int(row["n"]), row["note"], row["metric"])


def _describe_estimate(estimate: Estimate, level: float) -> dict[str, object]:
    low, high = percentile_interval(estimate.draws, level)
    value = None if np.isnan(estimate.draws[0]) else float(estimate.draws[0])
    numbers = {"value": value, "low": low, "high": high, "runs": estimate.runs, "n": estimate.n, "note": estimate.note}
    return estimate.name._asdict() | {"metric": estimate.metric} | numbers


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
