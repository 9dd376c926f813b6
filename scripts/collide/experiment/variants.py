"""Variants of cherry-picking: the Single-Task instructions that each variant combines, and the rule that picks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.experiment.modes import SINGLE_TASK

# Label of a balanced choice without a limit on the lengths. The other balanced choices pick from the same instructions, so
# their difference to it is due to the limit alone.
UNLIMITED = "balanced-inf"


def choose_shown_gate(study: Mapping[str, Any]) -> str:
    """Return the gate that represents a study where only one is shown: mae, as in the paper, or the study's first."""
    return "mae" if "mae" in study["gates"] else study["gates"][0]


def list_narrower_variants(variants: Mapping[str, Mapping[str, Any]], variant: str) -> list[str]:
    """Return the balanced choices whose limit on the length ratio is below that of `variant`, the narrowest first.

    Their choice is also that of `variant` where the limit of `variant` excludes nothing better.
    """
    limits = {name: settings["ratio"] for name, settings in variants.items() if settings["ratio"] is not None}
    narrower = [name for name, ratio in limits.items() if variant in limits and ratio < limits[variant]]
    return sorted(narrower, key=lambda name: limits[name])


def list_variants(config: Mapping[str, Any], study_name: str) -> dict[str, dict[str, Any]]:
    """Return the settings of each variant that picks from a study, by name.

    Empty where the study has no Single-Task runs to pick from, or says `cherrypick: false`. In source `published` only the
    variants that were found.
    """
    settings, study = config["cherrypick"], config["studies"][study_name]
    if SINGLE_TASK not in study["modes"] or not study.get("cherrypick", True):
        return {}
    common = {
        "study": study_name,
        "solver_seconds": settings["solver_seconds"],
        "together": True,
        "ratio": None,
    }
    by_metric = {
        f"{gate}-{metric}": {"label": metric, "gate": gate, "gates": [gate], "metric": metric}
        for gate in study["gates"]
        for metric in settings["metrics"]
    }
    balanced = {
        f"balanced-{ratio:g}": {
            "label": f"balanced-{ratio:g}",
            "gate": "all",
            "gates": study["gates"],
            "metric": "spearman",
            "ratio": ratio,
        }
        for ratio in settings["ratios"]
    }
    gate = choose_shown_gate(study)
    single = {"label": "per-criterion", "gate": gate, "gates": [gate], "metric": "spearman", "together": False}
    found = by_metric | balanced | {"per-criterion": single}
    made = {name: common | variant | {"name": name} for name, variant in found.items()}
    return {name: made[name] for name in made if name in study["found_variants"]} if "found_variants" in study else made


def list_variant_seeds(config: Mapping[str, Any], study: str) -> list[int]:
    """Return the seeds with which each variant is evaluated. The authors evaluated theirs once, which counts as the first."""
    settings = config["studies"][study]
    return settings["seeds"][:1] if "found_variants" in settings else settings["seeds"]
