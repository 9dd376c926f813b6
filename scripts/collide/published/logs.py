"""Parquet files of the authors' runs, as plain values: test predictions by step, and logs of steps."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from collide.errors import InputError
from collide.published.folders import number_files
from collide.published.pairs import NamedPair, name_pairs

GOLD, RATED = "gt_", "pred_"
# Columns of a step's log that are no JSON.
_PLAIN = {
    "step",
    "timestamp",
    "prompt_accepted",
    "meta_prompt",
    "meta_prompt_response",
    "old_prompt_template",
    "new_prompt_template",
}
NOT_PARSED, NO_NUMBER = "the reply was not parsed", "the reply has no number for the criterion"


@dataclass(frozen=True, slots=True)
class RatedPair:
    """A pair as one prompt rated it: scores by criterion, None where missing, with the reason."""

    pair: NamedPair
    scores: dict[str, float | None]
    reasons: dict[str, str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The test pairs as the prompt of one step rated them, and one of the prompts as sent.

    `whole_gold` is True if all human scores are stored as whole numbers, and `dropped` counts the rows without one.
    """

    pairs: list[RatedPair]
    prompt: str
    whole_gold: bool
    dropped: int


def read_table(path: Path) -> pa.Table:
    """Return a Parquet file as a table. Raises InputError for a file that is none.

    A part of a folder's name such as `val=mae-run_1` makes other functions of Arrow add a column of a partition.
    """
    try:
        return pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError):
        raise InputError(f"{path}: not a readable Parquet file; expected a file of the authors' logs") from None


def read_evaluations(run: Path, criteria: list[str]) -> dict[int, Evaluation]:
    """Return the evaluations of a run by the number in the file's name; `criteria` are those that its prompts rate."""
    return {step: read_evaluation(path, criteria) for step, path in number_files(run, "eval_step_*.parquet").items()}


def read_evaluation(path: Path, criteria: list[str]) -> Evaluation:
    """Return an evaluation of test pairs. Pairs without human scores are left out.

    A cherry-picked prompt's file has the texts as JSON, no errors, and the values as the reply had them.
    """
    table = read_table(path)
    rows = table.to_pylist()
    if not rows:
        raise InputError(f"{path}: no rows; expected the predictions of the test pairs")
    golds = [{name.removeprefix(GOLD): row[name] for name in row if name.startswith(GOLD)} for row in rows]
    texts = [json.loads(row["inputs"]) if isinstance(row["inputs"], str) else row["inputs"] for row in rows]
    named = name_pairs([(part["text"], part["machine_summary"], gold) for part, gold in zip(texts, golds, strict=True)])
    rated = [_rate(pair, row, criteria) for pair, row in zip(named, rows, strict=True) if pair is not None]
    gold_types = [field.type for field in table.schema if field.name.startswith(GOLD)]
    return Evaluation(rated, rows[0]["prompt"], all(pa.types.is_integer(kind) for kind in gold_types), named.count(None))


def _rate(pair: NamedPair, row: Mapping[str, Any], criteria: list[str]) -> RatedPair:
    # The error itself is a traceback with paths of the authors' machines.
    failed = row.get("parser_error") is not None
    # A column is absent where no reply of the step had the key.
    scores = {name: read_number(row.get(RATED + name)) for name in criteria}
    reason = NOT_PARSED if failed else NO_NUMBER
    return RatedPair(pair, scores, {name: "" if score is not None else reason for name, score in scores.items()})


def read_number(value: Any) -> float | None:
    """Return a score as a number, also one off the scale; None for what is no number.

    >>> read_number(4.5), read_number("5"), read_number("n/a"), read_number(True), read_number(float("nan"))
    (4.5, 5.0, None, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def read_logs(run: Path) -> dict[int, dict[str, Any]]:
    """Return the logs of the steps by number: one file per step, or in old runs one for all."""
    files = number_files(run / "run_logs", "step_*.parquet")
    tables = [read_table(path) for path in files.values()]
    if not tables and (run / "run_logs.parquet").is_file():
        tables = [read_table(run / "run_logs.parquet")]
    rows = [_parse_row(row) for table in tables for row in table.to_pylist()]
    return {row["step"]: row for row in sorted(rows, key=lambda row: row["step"])}


def _parse_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name in _PLAIN or value is None else json.loads(value) for name, value in row.items()}
