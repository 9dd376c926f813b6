"""Tidy CSV files, led by a comment line where simulated replies went into them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.marks import SIMULATED


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], simulated: bool) -> None:
    """Write rows as CSV; None becomes an empty field, a float keeps all its digits."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        if simulated:
            stream.write(f"# {SIMULATED}\n")
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV that `write_rows` wrote, as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        if is_simulated(path):
            stream.readline()
        return list(csv.DictReader(stream))


def is_simulated(path: Path) -> bool:
    """Whether a CSV carries the mark of simulated replies."""
    with path.open(encoding="utf-8") as stream:
        return stream.read(len(SIMULATED) + 2) == f"# {SIMULATED}"
