"""Paired differences of estimates: of modes (SCC minus SSC in each study), and of cherry-picked variants.

A variant that picks from one gate is compared with Single-Task of the same study under this gate. A balanced choice is
compared with the choice from the same instructions without a limit on their lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collide.analysis.estimates import ALL_GATES, Estimate, EstimateName, find_picked_study
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.variants import UNLIMITED
from collide.optimize.rated_texts import GRADIENT, JOINED, PART, name_specificity

OWN = name_specificity(GRADIENT)
# Quantities of SCC and SSC that are compared, by the quantity of their difference. The controls compare texts that speak of the
# same criteria: a joint gradient with per-criterion gradients joined, and its part about a criterion with the gradient of SSC.
COMPARED = {
    **{quantity: (quantity, quantity) for quantity in ("best", "final", OWN, "adherence")},
    name_specificity(JOINED): (OWN, name_specificity(JOINED)),
    name_specificity(PART): (name_specificity(PART), OWN),
}


def is_compared(name: EstimateName) -> bool:
    """Return whether a difference may use this estimate, so that a caller need not load the draws of all others."""
    if find_picked_study(name):
        return name.quantity == "spearman"
    by_mode = {"SCC": {first for first, _ in COMPARED.values()}, "SSC": {second for _, second in COMPARED.values()}}
    return name.quantity in by_mode.get(name.mode, {"best"} if name.mode == SINGLE_TASK else ())


def estimate_differences(estimates: Sequence[Estimate]) -> Iterator[Estimate]:
    """Yield the differences that these estimates allow, under the mode `a-b`.

    A variant that picks from one gate is compared with the best step of the Single-Task runs of the study that it picks from.
    """
    known = {estimate.name: estimate for estimate in estimates}
    for estimate in known.values():
        for quantity, name in _list_counterparts(estimate.name):
            other = known.get(name)
            if other is None or other is estimate:
                continue
            # Row by row: both have drawn the same documents and seeds.
            draws, run_draws = estimate.draws - other.draws, estimate.run_draws - other.run_draws
            difference = estimate.name._replace(mode=f"{estimate.name.mode}-{name.mode}", quantity=quantity)
            yield Estimate(difference, draws, run_draws, min(estimate.runs, other.runs), estimate.n, metric=estimate.metric)


def _list_counterparts(name: EstimateName) -> Iterator[tuple[str, EstimateName]]:
    """Yield each estimate that is subtracted from this one, after the quantity of the difference."""
    if name.mode == "SCC":
        for quantity, (first, second) in COMPARED.items():
            if name.quantity == first:
                yield quantity, name._replace(mode="SSC", quantity=second)
    elif (picked_study := find_picked_study(name)) and name.quantity == "spearman":
        single = EstimateName(picked_study, SINGLE_TASK, name.gate, name.criterion, "best")
        # Only balanced choices pick from all gates; Single-Task is estimated by gate.
        yield name.quantity, name._replace(mode=UNLIMITED) if name.gate == ALL_GATES else single
