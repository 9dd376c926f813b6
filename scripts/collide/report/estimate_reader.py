"""The estimates as tables and figures read them: by name, with what is not there said and never made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collide.analysis.estimates import CONSTANT, EstimateName
from collide.common.csv_json import is_simulated, read_csv
from collide.experiment.modes import SINGLE_TASK


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
            EstimateName(*(row[part] for part in EstimateName._fields)): Shown(
                _number(row["value"]), _number(row["low"]), _number(row["high"]), int(row["runs"]), row["note"]
            )
            for row in read_csv(path)
        }

    def get(self, name: EstimateName) -> Shown | None:
        """A quantity; None where no run gave it."""
        return self._shown.get(name)

    def constant_judge(self) -> dict[str, Shown]:
        """Mean absolute error of the best constant rating on the test pairs, by criterion."""
        return {name.criterion: shown for name, shown in self._shown.items() if (name.mode, name.quantity) == (CONSTANT, "mae")}

    def trajectory(self, study: str, mode: str, gate: str, criterion: str) -> list[Shown]:
        """The quantities step0, step1, ... of a cell; empty where there is no run."""
        return list(self._steps(study, mode, gate, criterion))

    def _steps(self, study: str, mode: str, gate: str, criterion: str) -> Iterator[Shown]:
        step = 0
        while shown := self.get(EstimateName(study, mode, gate, criterion, f"step{step}")):
            yield shown
            step += 1


def specificity_ratings(paths: Sequence[Path], study: str, gates: Sequence[str]) -> dict[str, list[float]]:
    """All specificity ratings of a study's gates, by mode (Single-Task as one); missing ones are left out."""
    ratings: dict[str, list[float]] = {}
    for path in paths:
        for row in read_csv(path):
            if row["study"] == study and row["gate"] in gates and row["diagnostic"] == "specificity" and row["score"]:
                mode = SINGLE_TASK if row["mode"].startswith(SINGLE_TASK) else row["mode"]
                ratings.setdefault(mode, []).append(float(row["score"]))
    return ratings


def _number(text: str) -> float | None:
    return float(text) if text else None
