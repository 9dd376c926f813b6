"""Words for the metrics of a data set: the scales of its criteria decide which metric takes a role."""

from __future__ import annotations

from collections.abc import Mapping

from collide.analysis.metrics import select_metric
from collide.experiment.gates import GATES
from collide.experiment.scales import Scale
from collide.report.exhibits.design import capitalize

# The roles of the metrics of agreement and of error.
AGREEMENT, ERROR = "spearman", "mae"


def label_metric(role: str, scales: Mapping[str, Scale]) -> str:
    """Return the label of the metric that takes a role; of several metrics, all labels.

    >>> from collide.experiment.scales import build_scale
    >>> points, classes = build_scale([1, 5]), build_scale({"classes": ["no", "yes"]})
    >>> label_metric("spearman", {"fluency": points}), label_metric("spearman", {"fluency": points, "harm": classes})
    ('Spearman', "Spearman / Cohen's kappa")
    """
    return " / ".join(list_labels(role, scales))


def list_labels(role: str, scales: Mapping[str, Scale]) -> list[str]:
    """Return the labels of the metrics that take a role on these criteria."""
    return list(_group_by_metric(role, scales))


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
    labels = list_labels(AGREEMENT, scales)
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


def describe_constant_error(scales: Mapping[str, Scale]) -> str:
    """Return the words for the error of the best constant rating, with its unit where that is not a point of the scale.

    >>> describe_constant_error({"fluency": Scale((1, 2, 3))})
    'Mean absolute error of the best constant rating'
    >>> describe_constant_error({"tone": Scale((0, 1, 2), ("a", "b", "c"), ordered=False)})
    'Error rate of the best constant rating'
    """
    errors = list_labels(ERROR, scales)
    in_widths = any(scale.error_unit != 1 for scale in scales.values())
    words = {"MAE": "mean absolute error" + (", in widths of the scales," if in_widths else ""), "Error rate": "error rate"}
    named = capitalize(" or ".join(words[error] for error in errors))
    return f"{named} of the best constant rating"


def _group_by_metric(role: str, scales: Mapping[str, Scale]) -> dict[str, list[str]]:
    """Return the criteria by the label of the metric that takes a role."""
    groups: dict[str, list[str]] = {}
    for name, scale in scales.items():
        groups.setdefault(select_metric(role, scale).label, []).append(name)
    return groups


def _word_label(label: str) -> str:
    # The label of a correlation is the name of a person alone.
    return f"{label} correlation" if label in ("Spearman", "Kendall") else label
