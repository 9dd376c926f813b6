"""Paired differences of estimates: of modes (SCC minus SSC in each study), and of cherry-picked variants.

A variant that picks from one gate is compared with Single-Task under this gate. A balanced choice is compared with the choice
from the same instructions without a limit on their lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collide.analysis.estimates import ALL_GATES, CHERRYPICK, Estimate, EstimateName
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.variants import UNLIMITED

MODE_QUANTITIES = ("best", "final", "specificity", "adherence")


def is_compared(name: EstimateName) -> bool:
    """Return whether a difference may use this estimate, so that a caller need not load the draws of all others."""
    return (name.mode in ("SCC", "SSC") and name.quantity in MODE_QUANTITIES) or (
        (name.study == CHERRYPICK and name.quantity == "spearman") or (name.mode == SINGLE_TASK and name.quantity == "best")
    )


def estimate_differences(estimates: Sequence[Estimate], picked_study: str) -> Iterator[Estimate]:
    """Yield the differences that these estimates allow, under the mode `a-b` and the quantity of the first one.

    A variant is compared with the best step of the Single-Task runs of `picked_study`, the study that it picks from.
    """
    known = {estimate.name: estimate for estimate in estimates}
    for name, estimate in known.items():
        if name.mode == "SCC" and name.quantity in MODE_QUANTITIES:
            other = known.get(name._replace(mode="SSC"))
        elif name.study == CHERRYPICK and name.quantity == "spearman":
            single = EstimateName(picked_study, SINGLE_TASK, name.gate, name.criterion, "best")
            # Only balanced choices pick from all gates; Single-Task is estimated by gate.
            other = known.get(name._replace(mode=UNLIMITED) if name.gate == ALL_GATES else single)
        else:
            continue
        # Row by row: both have drawn the same documents and seeds.
        if other is not None and other is not estimate:
            draws, run_draws = estimate.draws - other.draws, estimate.run_draws - other.run_draws
            runs = min(estimate.runs, other.runs)
            yield Estimate(name._replace(mode=f"{name.mode}-{other.name.mode}"), draws, run_draws, runs, estimate.n)
