"""The files between scripts: tidy CSV, led by a comment line where simulated replies went into it, and JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.common.simulated_notice import SIMULATED


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], simulated: bool) -> None:
    """Write rows as CSV; None becomes an empty field, a float keeps all its digits, a carriage return a line feed: a reader
    would take a lone one for the end of a row."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        if simulated:
            stream.write(f"# {SIMULATED}\n")
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({column: _one_line_end(value) for column, value in row.items()} for row in rows)


def _one_line_end(value: Any) -> Any:
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV that `write_rows` wrote, as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        if is_simulated(path):
            stream.readline()
        return list(csv.DictReader(stream))


def write_json_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line."""
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file that `write_json_lines` wrote."""
    # Not splitlines(): a model's text may hold U+2028 and the like, which end no line of JSON Lines.
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def is_simulated(path: Path) -> bool:
    """Whether a CSV carries the mark of simulated replies."""
    with path.open(encoding="utf-8") as stream:
        return stream.read(len(SIMULATED) + 2) == f"# {SIMULATED}"
