"""Estimates of both diagnostics from a filled sheet: mean by evaluator, prediction-powered mean, number of rated items."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collide.analysis.estimates import ALL_GATES, ANNOTATED_SUFFIX, AVERAGE, PLAIN_SUFFIX, PPI_SUFFIX, EstimateName
from collide.annotation.items import ANNOTATED
from collide.annotation.ppi import Mean, Stratum, average_evaluator, choose_tuning, estimate_mean
from collide.common.csv_json import read_csv
from collide.experiment.runs import RunId

# Study, mode (`single` for all Single-Task runs), gate and diagnostic.
StratumKey = tuple[str, str, str, str]
ItemKey = tuple[str, ...]

# Number of ratings of the evaluator in a stratum, of items on the sheet, and of scores in the filled sheet.
Counts = tuple[int, int, int]


class RatedItems:
    """All items that the evaluator has rated, with the human scores of some of them, by stratum."""

    def __init__(self, ratings: Sequence[Path], key: Path, scores: Mapping[str, int]) -> None:
        sampled = {_identify(row): row["item"] for row in read_csv(key)}
        rows: dict[StratumKey, list[tuple[RunId, float, float]]] = {}
        self._sampled: dict[StratumKey, int] = {}
        for path in ratings:
            run = RunId.parse(path)
            for row in read_csv(path):
                if row["diagnostic"] not in ANNOTATED or not row["score"]:
                    continue
                stratum = (run.study, run.shown_mode, run.gate, row["diagnostic"])
                item = sampled.get(_identify(row))
                self._sampled[stratum] = self._sampled.get(stratum, 0) + (item is not None)
                human = float(scores.get(item, np.nan)) if item is not None else np.nan
                rows.setdefault(stratum, []).append((run, float(row["score"]), human))
        self.strata = {key: _make_stratum(found) for key, found in rows.items()}

    def count(self, keys: Sequence[StratumKey]) -> Counts:
        """Return the number of rated items, of items on the sheet, and of items with a human score."""
        items = sum(len(self.strata[key].evaluator) for key in keys)
        return items, sum(self._sampled[key] for key in keys), sum(int(self.strata[key].rated.sum()) for key in keys)


def _identify(row: Mapping[str, str]) -> ItemKey:
    return tuple(row[field] for field in (*RunId._fields, "step", "criterion", "diagnostic"))


def _make_stratum(rows: Sequence[tuple[RunId, float, float]]) -> Stratum:
    runs = {run: number for number, run in enumerate(dict.fromkeys(run for run, _, _ in rows))}
    return Stratum(
        np.array([runs[run] for run, _, _ in rows], dtype=np.int64),
        np.array([evaluator for _, evaluator, _ in rows]),
        np.array([human for _, _, human in rows]),
    )


def estimate_annotated(items: RatedItems, level: float) -> Iterator[dict[str, Any]]:
    """Yield the rows of ppi.csv: for each study, mode, gate (and all gates) and diagnostic the two means and the count."""
    for diagnostic in ANNOTATED:
        kept = {key: stratum for key, stratum in items.strata.items() if key[3] == diagnostic}
        tuning = choose_tuning(list(kept.values()))
        for (study, mode), group in itertools.groupby(kept, key=lambda key: key[:2]):
            cells = list(group)
            for gate in (*(key[2] for key in cells), ALL_GATES):
                keys = [key for key in cells if gate in (key[2], ALL_GATES)]
                name = EstimateName(study, mode, gate, AVERAGE, diagnostic)
                yield from _estimate_cell(name, [kept[key] for key in keys], items.count(keys), tuning, level)


def _estimate_cell(
    name: EstimateName, strata: Sequence[Stratum], counts: Counts, tuning: float, level: float
) -> Iterator[dict[str, Any]]:
    total, sampled, rated = counts
    runs = sum(len(np.unique(stratum.runs)) for stratum in strata)
    partial = f"{rated} of {sampled} items of the sheet rated" if rated < sampled else ""
    means = {
        PLAIN_SUFFIX: (average_evaluator(strata, level), total, ""),
        PPI_SUFFIX: (estimate_mean(strata, tuning, level), rated, partial),
        ANNOTATED_SUFFIX: (Mean(float(rated), None, None), rated, ""),
    }
    for suffix, (mean, number, note) in means.items():
        quantity = {"quantity": name.quantity + suffix}
        notes = {"runs": runs, "n": number, "note": "; ".join(filter(None, [mean.note, note]))}
        yield name._asdict() | quantity | {"value": mean.value, "low": mean.low, "high": mean.high} | notes
