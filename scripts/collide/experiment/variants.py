"""Variants of cherry-picking: which instructions of the main study's Single-Task runs are combined, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.experiment.modes import SINGLE


def shown_gate(study: Mapping[str, Any]) -> str:
    """The gate that stands for a study where one is shown: mae, as in the paper, or the study's first."""
    return "mae" if "mae" in study["gates"] else study["gates"][0]


def variants(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each variant is, by name; none where the main study, or its Single-Task runs, are not there."""
    main = config["studies"].get("main")
    if main is None or SINGLE not in main["modes"]:
        return {}
    settings = config["cherrypick"]
    common = {"solver_seconds": settings["solver_seconds"], "together": True, "ratio": None}
    by_value = {
        f"{gate}-{metric}": {"label": metric, "gate": gate, "gates": [gate], "metric": metric}
        for gate in main["gates"]
        for metric in settings["metrics"]
    }
    balanced = {
        f"balanced-{ratio:g}": {
            "label": f"balanced-{ratio:g}",
            "gate": "all",
            "gates": main["gates"],
            "metric": "spearman",
            "ratio": ratio,
        }
        for ratio in settings["ratios"]
    }
    gate = shown_gate(main)
    single = {"label": "per-criterion", "gate": gate, "gates": [gate], "metric": "spearman", "together": False}
    found = by_value | balanced | {"per-criterion": single}
    return {name: common | facts | {"name": name} for name, facts in found.items()}
