"""The data of one run's page, from the files of the run that exist."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.analysis.estimates import AVERAGE
from collide.analysis.prediction_groups import read_prediction_groups
from collide.analysis.scores import ScoredRun
from collide.browse.ratings import add_candidates, read_ratings
from collide.browse.trajectories import describe_roles, explain_gaps, score_batches, score_run
from collide.common.csv_json import read_csv, read_json_lines
from collide.experiment.runs import RunId
from collide.experiment.scales import Scale, read_scales, select_scales

# These parts of a validation are ratings by pair, which a page reads from `prompts`.
BY_PAIR = ("scores", "attempts", "reasons")


def read_run(root: Path, run: RunId, dataset: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a run's page. `root` is results/{source}; the file of steps must exist.

    Files that do not exist yet leave their part empty. `facts` is the data set of the run, as `collect_dataset` returns it.
    """
    folder = root / "runs" / run.path
    steps = read_json_lines(folder / "steps.jsonl")
    all_scales = read_scales({name: criterion["scale"] for name, criterion in facts["criteria"].items()})
    scales = select_scales(all_scales, steps[0]["instructions"])
    data: dict[str, Any] = {
        "run": run.path,
        **run._asdict(),
        "dataset": dataset,
        "criteria": [describe_criterion(name, scale) for name, scale in scales.items()],
        "roles": describe_roles(scales),
        "gaps": [],
        "trajectories": {"batch": score_batches(steps, scales)},
        "ratings": {"pairs": {}, "human": {}, "human_halo": {}, "prompts": {}},
        "usage": _read_usage(folder),
        "simulated": any("simulated" in step for step in steps),
    }
    predictions = folder / "predictions.parquet"
    if predictions.exists():
        groups = read_prediction_groups(predictions)
        scored = ScoredRun(run, [step["prompt"] for step in steps], groups)
        data["trajectories"] |= score_run(scored, scales)
        data["gaps"] = explain_gaps(scored, scales)
        data["ratings"] = read_ratings(predictions, scales)
        data["simulated"] |= groups.simulated
        add_candidates(data["ratings"], steps, scales)
    rated = _read_diagnostics(root / "diagnostics" / f"{run.path}.csv")
    data["steps"] = [_shorten_step(step) | {"diagnostics": rated.get(step["step"], {})} for step in steps]
    return data


def describe_criterion(name: str, scale: Scale) -> dict[str, Any]:
    """Return a criterion with the values of its scale, their labels and the unit of its errors."""
    return {
        "name": name,
        "values": list(scale.values),
        "labels": [scale.show(value) for value in scale.values],
        "nominal": scale.is_nominal,
        "unit": scale.error_unit,
    }


def summarize_run(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry of a run in the list of all runs, from the data of its page."""
    test = [part["test"] for part in data["ratings"]["prompts"].values() if "test" in part]
    ratings = [rating for part in test for values in part["ratings"].values() for rating in values]
    return {
        **{key: data[key] for key in ("run", "study", "mode", "gate", "seed", "simulated")},
        "state": "finished" if test else "optimized",
        "steps": len(data["steps"]) - 1,
        "decisions": [(step.get("gate") or {}).get("accepted") for step in data["steps"]],
        "cost": data["usage"].get("cost"),
        "calls": data["usage"].get("calls"),
        "missing": ratings.count(None) / len(ratings) if ratings else None,
        "scores": {
            split: {role: by_criterion[AVERAGE] for role, by_criterion in data["trajectories"].get(split, {}).items()}
            for split in ("test", "validation")
        },
    }


def _shorten_step(step: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in step.items() if key not in ("validation", "simulated")}
    kept["validation"] = {
        which: {key: value for key, value in (values or {}).items() if key not in BY_PAIR}
        for which, values in (step.get("validation") or {}).items()
    }
    return kept


def _read_usage(folder: Path) -> dict[str, float]:
    """Return calls and cost of a run so far: of its optimization alone, until the evaluation has ended."""
    path = next((folder / name for name in ("usage.json", "optimize.json") if (folder / name).exists()), None)
    if path is None:
        return {}
    usage = json.loads(path.read_text(encoding="utf-8"))
    totals = [usage["total"]] if "total" in usage else [part["total"] for part in usage.values()]
    # Logs from elsewhere may tell no calls or cost: their sum is then unknown, and not 0.
    return {key: sum(total[key] for total in totals) for key in ("calls", "cost") if all(key in total for total in totals)}


def _read_diagnostics(path: Path) -> dict[int, dict[str, dict[str, float | str]]]:
    """Return the evaluator's ratings by step, criterion and diagnostic; the reason as text where a rating is missing."""
    rows: Sequence[Mapping[str, str]] = read_csv(path) if path.exists() else []
    found: dict[int, dict[str, dict[str, float | str]]] = {}
    for row in rows:
        value = float(row["score"]) if row["score"] else row["reason"]
        found.setdefault(int(row["step"]), {}).setdefault(row["criterion"], {})[row["diagnostic"]] = value
    return found
