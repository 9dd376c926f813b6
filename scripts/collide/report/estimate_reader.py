"""Estimates and ratings as tables and figures read them: looked up by name; missing ones are None."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collide.analysis.estimates import CONSTANT, EstimateName
from collide.common.csv_json import SOURCE_COLUMN, is_simulated, read_csv
from collide.experiment.runs import RunId
from collide.experiment.sources import PUBLISHED
from collide.optimize.rated_texts import SPECIFICITY

# Ratings from 1 to 10 by study, mode (`single` for all Single-Task runs) and diagnostic, such as `specificity_joined`.
SpecificityRatings = Mapping[tuple[str, str, str], Sequence[float]]


@dataclass(frozen=True, slots=True)
class ShownEstimate:
    """A quantity with its interval and its number of runs. Undefined numbers are None, with the reason in `note`.

    `documents` is the number of documents behind it, None for a quantity whose file does not say it.
    """

    value: float | None
    low: float | None
    high: float | None
    runs: int
    note: str
    documents: int | None = None

    @property
    def error_bar(self) -> tuple[float, float]:
        """Return the distances from the value down and up to the ends of its interval; zeros where there is none."""
        if self.value is None or self.low is None or self.high is None:
            return 0.0, 0.0
        # A percentile interval of a maximum need not hold the value, and matplotlib refuses negative lengths.
        return max(0.0, self.value - self.low), max(0.0, self.high - self.value)


class Estimates:
    """The estimates of several CSV files. `simulated` is True if simulated replies went into one of them.

    `published` is True if one of them is about the authors' logs.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        paths = list(paths)
        self.simulated = any(map(is_simulated, paths))
        self.published = any(row[SOURCE_COLUMN] == PUBLISHED for path in paths for row in read_csv(path)[:1])
        self._shown = {
            EstimateName(*(row[part] for part in EstimateName._fields)): ShownEstimate(
                _parse_number(row["value"]),
                _parse_number(row["low"]),
                _parse_number(row["high"]),
                int(row["runs"]),
                row["note"],
                int(row["documents"]) if "documents" in row else None,
            )
            for path in paths
            for row in read_csv(path)
        }

    def find(self, name: EstimateName) -> ShownEstimate | None:
        """Return an estimate, or None where no run gave it."""
        return self._shown.get(name)

    def find_constant_judge(self) -> dict[str, ShownEstimate]:
        """Return the mean absolute error of the best constant rating on the test pairs, by criterion."""
        return {name.criterion: shown for name, shown in self._shown.items() if (name.mode, name.quantity) == (CONSTANT, "mae")}

    def find_with_prefix(self, start: EstimateName) -> dict[str, ShownEstimate]:
        """Return the estimates whose quantities start as that of `start` does, by the rest of the quantity."""
        return {
            name.quantity.removeprefix(start.quantity): shown
            for name, shown in self._shown.items()
            if name[:-1] == start[:-1] and name.quantity.startswith(start.quantity)
        }

    def find_trajectory(self, cell: EstimateName) -> list[ShownEstimate]:
        """Return the quantities step0, step1, ... of a cell and criterion, up to the first missing step."""
        # Not the number of steps of the study: runs that stopped early have fewer.
        found: list[ShownEstimate] = []
        while shown := self.find(cell._replace(quantity=f"step{len(found)}")):
            found.append(shown)
        return found


def read_specificity(paths: Iterable[Path]) -> dict[tuple[str, str, str], list[float]]:
    """Return all specificity ratings in the files, those of controls included; missing ratings are left out."""
    ratings: dict[tuple[str, str, str], list[float]] = {}
    for path in paths:
        for row in read_csv(path):
            if row["diagnostic"].startswith(SPECIFICITY) and row["score"]:
                run = RunId(row["study"], row["mode"], row["gate"], int(row["seed"]))
                ratings.setdefault((run.study, run.shown_mode, row["diagnostic"]), []).append(float(row["score"]))
    return ratings


def _parse_number(text: str) -> float | None:
    return float(text) if text else None
