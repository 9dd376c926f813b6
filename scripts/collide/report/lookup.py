"""The estimates as tables and figures read them: by name, with what is not there said and never made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collide.estimates import Name
from collide.tidy import is_simulated, read_rows


@dataclass(frozen=True, slots=True)
class Shown:
    """A quantity with its interval, and the number of runs that it rests on; None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    runs: int
    note: str


class Estimates:
    """A file of estimates. `simulated` tells whether it carries the mark."""

    def __init__(self, path: Path) -> None:
        self.simulated = is_simulated(path)
        self._shown = {
            Name(*(row[part] for part in Name._fields)): Shown(
                _number(row["value"]), _number(row["low"]), _number(row["high"]), int(row["runs"]), row["note"]
            )
            for row in read_rows(path)
        }

    def get(self, name: Name) -> Shown | None:
        """A quantity; None where no run gave it."""
        return self._shown.get(name)

    def trajectory(self, study: str, mode: str, gate: str, criterion: str) -> list[Shown]:
        """The quantities step0, step1, ... of a cell; empty where there is no run."""
        return list(self._steps(study, mode, gate, criterion))

    def _steps(self, study: str, mode: str, gate: str, criterion: str) -> Iterator[Shown]:
        step = 0
        while shown := self.get(Name(study, mode, gate, criterion, f"step{step}")):
            yield shown
            step += 1


def _number(text: str) -> float | None:
    return float(text) if text else None
