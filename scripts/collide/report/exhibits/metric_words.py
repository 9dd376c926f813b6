"""Words for the metrics of a data set: the scales of its criteria decide which metric takes a role."""

from __future__ import annotations

from collections.abc import Mapping

from collide.analysis.metrics import select_metric
from collide.experiment.gates import GATES
from collide.experiment.scales import Scale

AGREEMENT = "spearman"


def label_metric(role: str, scales: Mapping[str, Scale]) -> str:
    """Return the label of the metric that takes a role; of several metrics, all labels.

    >>> from collide.experiment.scales import build_scale
    >>> points, classes = build_scale([1, 5]), build_scale({"classes": ["no", "yes"]})
    >>> label_metric("spearman", {"fluency": points}), label_metric("spearman", {"fluency": points, "harm": classes})
    ('Spearman', "Spearman / Cohen's kappa")
    """
    return " / ".join(_group_by_metric(role, scales))


def label_gate(gate: str, scales: Mapping[str, Scale]) -> str:
    """Return the label of a gate, with the metric that it decides by.

    >>> label_gate("none", {}), label_gate("mae", {"harm": Scale((0, 1), ("no", "yes"), ordered=False)})
    ('No validation', 'Error rate validation')
    """
    metric = GATES[gate].metric
    return f"{label_metric(metric, scales)} validation" if metric else GATES[gate].label


def describe_agreement(scales: Mapping[str, Scale]) -> str:
    """Return the words for the metric of agreement within a sentence, or `agreement` where criteria have different ones.

    >>> describe_agreement({"fluency": Scale((1, 2, 3))})
    'Spearman correlation'
    """
    labels = list(_group_by_metric(AGREEMENT, scales))
    return _word_label(labels[0]) if len(labels) == 1 else "agreement"


def explain_agreement(scales: Mapping[str, Scale]) -> str:
    """Return a sentence on the metrics of agreement where criteria have different ones; empty where they have one.

    >>> explain_agreement({"fluency": Scale((1, 2, 3)), "harm": Scale((0, 1), ("no", "yes"), ordered=False)})
    " Agreement is Spearman correlation for fluency, and Cohen's kappa for harm."
    """
    groups = _group_by_metric(AGREEMENT, scales)
    if len(groups) == 1:
        return ""
    parts = [f"{_word_label(label)} for {', '.join(criteria)}" for label, criteria in groups.items()]
    return f" Agreement is {', and '.join(parts)}."


def _group_by_metric(role: str, scales: Mapping[str, Scale]) -> dict[str, list[str]]:
    """Return the criteria by the label of the metric that takes a role."""
    groups: dict[str, list[str]] = {}
    for name, scale in scales.items():
        groups.setdefault(select_metric(role, scale).label, []).append(name)
    return groups


def _word_label(label: str) -> str:
    # The label of a correlation is the name of a person alone.
    return f"{label} correlation" if label in ("Spearman", "Kendall") else label
