"""Readable labels of estimates, made from the parts of their names."""

from __future__ import annotations

import re

from collide.analysis.estimates import ALL_GATES, AVERAGE, GROUP_LABELS, EstimateName, find_picked_study
from collide.analysis.metrics import METRICS
from collide.experiment.gates import GATES
from collide.experiment.modes import MODE_LABELS

# The main study needs no label: nearly all claims are about it.
STUDY_LABELS = {"main": "", "deepseek": "DeepSeek models", "gradient-swap": "gradient model swapped"}
VARIANT_LABELS = {name: f"instructions picked by {metric.label}" for name, metric in METRICS.items()}
VARIANT_LABELS |= {"per-criterion": "picked instructions, each in a prompt of its own"}
QUANTITY_LABELS = {
    "initial": "initial correlation",
    "best": "best correlation",
    "best_step": "best step",
    "final": "final correlation",
    "gain": "gain at the best step",
    "validation_gain": "gain at the step chosen on validation",
    "hvi": "hypervolume",
    "spearman": "correlation",
    "tokens": "tokens",
}
ENDINGS = {"_sd": "standard deviation", "_min": "lowest", "_max": "highest", "_p": "p value"}


def label_estimate(name: EstimateName) -> str:
    """Return the label of an estimate; parts without a label stand as they are.

    >>> label_estimate(EstimateName("main", "single", "mae", "average", "best_step"))
    'Single-Task, MAE gate: best step'
    >>> label_estimate(EstimateName("cherrypick:main", "spearman", "none", "fluency", "tokens"))
    'instructions picked by Spearman, no gate, fluency: tokens'
    >>> label_estimate(EstimateName("deepseek", "SCC", "all", "average", "adherence_sd"))
    'DeepSeek models, SCC: adherence, standard deviation'
    """
    picked_study = find_picked_study(name)
    modes = VARIANT_LABELS if picked_study else MODE_LABELS | GROUP_LABELS
    study = picked_study or name.study
    parts = [
        STUDY_LABELS.get(study, study),
        modes.get(name.mode, name.mode.replace("-", " ")),
        "" if name.gate == ALL_GATES else _label_gate(name.gate),
        "" if name.criterion == AVERAGE else name.criterion,
    ]
    return f"{', '.join(filter(None, parts))}: {_label_quantity(name.quantity)}"


def _label_gate(gate: str) -> str:
    if gate not in GATES or GATES[gate].metric is None:
        return "no gate" if gate in GATES else gate
    return f"{GATES[gate].label.removesuffix(' validation')} gate"


def _label_quantity(quantity: str) -> str:
    if quantity in QUANTITY_LABELS:
        return QUANTITY_LABELS[quantity]
    if found := re.fullmatch(r"(hvi_)?step(\d+)", quantity):
        return f"{'hypervolume' if found[1] else 'correlation'} at step {found[2]}"
    for ending, label in ENDINGS.items():
        if quantity.endswith(ending):
            return f"{_label_quantity(quantity.removesuffix(ending))}, {label}"
    return quantity.replace("_", " ")
