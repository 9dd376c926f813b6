"""Ratings of the prompts of a run, as pages show them: by prompt, split, criterion and pair, with human scores and halo."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from collide.analysis.quality.halo import correlate_criteria, place_ratings, share_equal_ratings
from collide.experiment.scales import Scale

SPLITS = ("test", "validation")
COLUMNS = ["prompt", "split", "pair", "criterion", "score", "human", "reason"]
# Digits of a human score, which may be a mean of raters, and of a measure of halo.
DIGITS = 4


def read_ratings(predictions: Path, scales: Mapping[str, Scale]) -> dict[str, Any]:
    """Return the ratings of a predictions file.

    pairs: by split, the names of the pairs; the lists below have their order.
    human: by split and criterion, the human scores.
    prompts: by prompt and split, `ratings` (by criterion, None where missing), `reasons` (by pair without a rating) and `halo`.
    """
    table = pq.read_table(predictions, columns=COLUMNS)
    rows = list(zip(*(table[name].to_pylist() for name in COLUMNS), strict=True))
    pairs = {split: list(dict.fromkeys(row[2] for row in rows if row[1] == split)) for split in SPLITS}
    human: dict[str, dict[str, list[float | None]]] = {split: {} for split in SPLITS}
    prompts: dict[str, dict[str, Any]] = {}
    places = {split: {name: index for index, name in enumerate(names)} for split, names in pairs.items()}
    for prompt, split, pair, criterion, score, known, reason in rows:
        place = places[split][pair]
        human[split].setdefault(criterion, [None] * len(pairs[split]))[place] = round(known, DIGITS)
        part = prompts.setdefault(prompt, {}).setdefault(split, {"ratings": {}, "reasons": {}})
        part["ratings"].setdefault(criterion, [None] * len(pairs[split]))[place] = score
        if score is None:
            part["reasons"][pair] = reason
    for part in _list_parts(prompts):
        part["halo"] = measure_halo(part["ratings"], scales)
    halo = {split: measure_halo(human[split], scales) for split in SPLITS}
    return {"pairs": pairs, "human": human, "human_halo": halo, "prompts": prompts}


def _list_parts(prompts: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for by_split in prompts.values():
        yield from by_split.values()


def add_candidates(found: dict[str, Any], steps: Sequence[Mapping[str, Any]], scales: Mapping[str, Scale]) -> None:
    """Add the validation ratings of rejected candidates, which only the steps hold, to the result of `read_ratings`."""
    pairs = found["pairs"]["validation"]
    for step in steps:
        candidate = (step.get("validation") or {}).get("candidate")
        if not candidate or not candidate.get("scores") or step["candidate_prompt"] in found["prompts"]:
            continue
        scores = {pair: values or {} for pair, values in candidate["scores"].items()}
        ratings = {name: [scores.get(pair, {}).get(name) for pair in pairs] for name in step["candidate"]}
        part = {"ratings": ratings, "reasons": candidate.get("reasons", {}), "halo": measure_halo(ratings, scales)}
        found["prompts"][step["candidate_prompt"]] = {"validation": part}


def measure_halo(ratings: Mapping[str, Sequence[float | None]], scales: Mapping[str, Scale]) -> dict[str, float | None]:
    """Return the share of pairs with equal ratings on all criteria and the mean correlation of criteria (`quality.halo`).

    Both are None with fewer than two criteria that have an order, and where they are undefined.
    """
    ordered = [
        place_ratings(np.array(values, dtype=np.float64), scales[name])
        for name, values in ratings.items()
        if not scales[name].is_nominal
    ]
    if len(ordered) < 2 or not len(ordered[0]):
        return {"equal_ratings": None, "criteria_correlation": None}
    documents, weights = np.zeros(len(ordered[0]), dtype=np.int64), np.ones((1, 1))
    return {
        "equal_ratings": _round(share_equal_ratings(documents, ordered, weights)[0]),
        "criteria_correlation": _round(correlate_criteria(documents, ordered, weights)[0]),
    }


def _round(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), DIGITS)
