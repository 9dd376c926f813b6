"""Reading and writing of the text files between scripts: CSV tables and JSON Lines."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

# A column, not a comment above the header, so that `pandas.read_csv(path)` and spreadsheets read the file without options.
SOURCE_COLUMN = "source"


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], simulated: bool) -> None:
    """Write rows as CSV, with a last column `source` in every row: `simulated`, or another one as the path says.

    None becomes an empty field and a float keeps all its digits. A carriage return inside a text becomes a line feed.
    """
    source = {SOURCE_COLUMN: "simulated" if simulated else _name_source(path)}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*columns, SOURCE_COLUMN], lineterminator="\n")
        writer.writeheader()
        writer.writerows({column: _unify_line_ends(value) for column, value in row.items()} | source for row in rows)


def _name_source(path: Path) -> str:
    """Return the source of replies that no simulator wrote: that of the folder results/{source}, or `live` outside of one."""
    folders = set(itertools.pairwise(path.parts))
    return next((source for source in ("local", "published") if ("results", source) in folders), "live")


def _unify_line_ends(value: Any) -> Any:
    # Models write "\r" now and then, and the csv module takes a lone one for the end of a row, even within quotes.
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV as text, `source` included; an empty field is an empty string."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def is_simulated(path: Path) -> bool:
    """Return True if a CSV's rows say that simulated replies went into them; False for a CSV without rows."""
    return any(row[SOURCE_COLUMN] == "simulated" for row in read_csv(path))


def write_json_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object per line."""
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSON Lines file."""
    # Not splitlines(): a model's text may hold U+2028 and the like, which end no line of JSON Lines.
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
