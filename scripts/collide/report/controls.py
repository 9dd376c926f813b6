"""Controls of gradient specificity as tables and figures show them: the text of each group of modes, labels, explanation."""

from __future__ import annotations

from collections.abc import Sequence

from collide.analysis.estimates import CROSS_TASK, GRADIENT_GROUPS, PER_TASK
from collide.experiment.modes import SINGLE_TASK
from collide.optimize.rated_texts import JOINED, PART

# The control text of each group of modes.
CONTROLS = {PER_TASK: JOINED, CROSS_TASK: PART}
CONTROL_LABELS = {JOINED: "joined over criteria", PART: "part about the criterion"}
EXPLANATIONS = {
    JOINED: "the gradients on all criteria joined, which speak of as many criteria as a joint gradient does",
    PART: "the sentences of a joint gradient that are about the criterion",
}


def list_controlled(modes: Sequence[str]) -> list[str]:
    """Return the modes that have a control: all but Single-Task, whose runs have one criterion each."""
    return [mode for mode in modes if mode != SINGLE_TASK]


def label_control(group: str, modes: Sequence[str]) -> str:
    """Return the label of the control of these modes of a group.

    >>> label_control(PER_TASK, ["SSS", "SSC"])
    'SSS, SSC: joined over criteria'
    """
    return f"{', '.join(modes)}: {CONTROL_LABELS[CONTROLS[group]]}"


def explain_controls(modes: Sequence[str]) -> str:
    """Return a sentence on the controls of these modes; empty if they have none."""
    texts = [CONTROLS[group] for group, members in GRADIENT_GROUPS.items() if set(list_controlled(modes)) & set(members)]
    return f"Controls: {'; '.join(f'{CONTROL_LABELS[text]}, {EXPLANATIONS[text]}' for text in texts)}." if texts else ""
