"""Names and values of estimates: each quantity that a table, figure or claim shows has one five-part name.

All draws of all estimates use the same resamples of documents and seeds (`bootstrap`). The difference of the draws of two
estimates is therefore the paired bootstrap of their difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from collide.experiment.modes import SINGLE_TASK

if TYPE_CHECKING:
    # Rules look up part files by name: without this guard planning would import numpy.
    import numpy as np
    from numpy.typing import NDArray

AVERAGE = "average"
ALL_GATES = "all"
PER_TASK, CROSS_TASK = "per-task", "cross-task"
# Modes by the criteria that their gradient model sees at once: one, or all (paper, section 6.2).
GRADIENT_GROUPS = {PER_TASK: (SINGLE_TASK, "SSS", "SSC"), CROSS_TASK: ("SCC", "CCC")}
GROUP_LABELS = {PER_TASK: "per-task gradient", CROSS_TASK: "cross-task gradient"}

# Values of the field `study` for estimates that belong to no run, with the name of the study that a variant picks from
# (cherrypick:main), or of a data set (corpus:summeval). The configuration reserves both study names.
CHERRYPICK, CORPUS = "cherrypick", "corpus"
CONSTANT = "constant"
# Values of the fields `mode` and `criterion` for measures of the experts, and of all criteria at once, in the judge evaluation.
HUMANS, ALL_AT_ONCE = "humans", "all"
# Ends of the quantities of annotated diagnostics: mean of the evaluator's ratings, prediction-powered mean, and number of items
# with a human rating.
PLAIN_SUFFIX, PPI_SUFFIX, ANNOTATED_SUFFIX = "_plain", "_ppi", "_annotated"

# Opening of the note of a cherry-picked variant whose instructions are those of another one, which the note names.
SAME_PICKS = "same picks as"


class EstimateName(NamedTuple):
    """Name of an estimate.

    `mode` is a mode, a group of modes, or the difference a-b of two modes. `gate` and `criterion` may be `all` and `average`.
    For the study `cherrypick:<study>`, `mode` is the label of a variant that picks from this study, and `gate` the gate of the
    runs that it picks from.
    """

    study: str
    mode: str
    gate: str
    criterion: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity in the sample (row 0) and in every resample, the number of runs and of values behind it, and a note.

    `metric` names the metric that an agreement is measured with, which depends on the scale of the criterion.
    `run_draws` resample the runs alone and count every document once: the part of the spread that more runs would reduce.
    """

    name: EstimateName
    draws: NDArray[np.float64]
    run_draws: NDArray[np.float64]
    runs: int
    n: int
    note: str = ""
    metric: str = ""


def name_picked_study(study: str) -> str:
    """Return the field `study` of the estimates of the variants that pick from a study; no study has such a name.

    >>> name_picked_study("main")
    'cherrypick:main'
    """
    return f"{CHERRYPICK}:{study}"


def find_picked_study(name: EstimateName) -> str:
    """Return the study that the variant of an estimate picks from; empty for an estimate of no variant.

    >>> find_picked_study(EstimateName("cherrypick:main", "mae", "none", "average", "spearman"))
    'main'
    """
    return name.study.removeprefix(f"{CHERRYPICK}:") if name.study.startswith(f"{CHERRYPICK}:") else ""


def name_measure(prompt: str, level: str, metric: str) -> str:
    """Return the quantity of a measure of the judge evaluation; the slashes tell it from all other quantities.

    >>> name_measure("initial", "document", "kendall")
    'initial/document/kendall'
    """
    return f"{prompt}/{level}/{metric}"
