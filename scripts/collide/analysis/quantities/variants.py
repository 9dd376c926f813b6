"""Cherry-picked variants: agreement of the combined prompt, and the lengths of its instructions (paper, section 6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from collide.analysis.bootstrap import Resamples
from collide.analysis.estimates import AVERAGE, SAME_PICKS, Estimate, EstimateName
from collide.analysis.formulas.counts import PairCounts
from collide.analysis.instructions.tokens import compare_lengths
from collide.analysis.metrics import METRICS, name_metrics
from collide.analysis.quantities.run_values import average_over_runs, describe_gaps, stack_metric
from collide.experiment.scales import Scale, select_scales


def estimate_variant(
    variant: EstimateName, counts: Mapping[int, Mapping[str, PairCounts]], resamples: Resamples, scales: Mapping[str, Scale]
) -> Iterator[Estimate]:
    """Yield every bootstrapped metric of a variant, by criterion and on average.

    `variant` has the study, mode and gate of the names. `counts` are by seed, then criterion. A quantity is named by its role;
    `scales` decide which metric takes the role.
    """
    # Sorted as the seeds of other cells are, so that variants and cells draw the same seeds.
    by_seed = dict(sorted(counts.items()))
    criteria = list(next(iter(by_seed.values())))
    picks = resamples.run_picker.pick_runs(list(by_seed))
    scales = select_scales(scales, criteria)
    for role in [role for role, metric in METRICS.items() if metric.of_counts]:
        values, undefined, missing = stack_metric([[run] for run in by_seed.values()], scales, role)
        values, undefined, missing = values[:, 0], undefined[:, 0], missing[:, 0]
        drawn = average_over_runs(values, picks)  # criteria x rows
        # Row 0 of the documents in every row: only the runs vary.
        run_drawn = average_over_runs(np.broadcast_to(values[..., :1], values.shape), picks)
        for criterion in (*criteria, AVERAGE):
            rows = slice(None) if criterion == AVERAGE else slice(criteria.index(criterion), criteria.index(criterion) + 1)
            name = variant._replace(criterion=criterion, quantity=role)
            note = "; ".join(describe_gaps(undefined[:, rows], missing[:, rows]))
            metric = name_metrics(role, select_scales(scales, criteria[rows]))
            draws, run_draws = drawn[rows].mean(axis=0), run_drawn[rows].mean(axis=0)
            yield Estimate(name, draws, run_draws, len(by_seed), len(by_seed), note, metric)


def estimate_lengths(variant: EstimateName, tokens: Mapping[str, int], resamples: Resamples) -> Iterator[Estimate]:
    """Yield the length of each picked instruction, in tokens, and their length ratio. They have no spread: draws are equal."""
    lengths = {(criterion, "tokens"): float(length) for criterion, length in tokens.items()}
    lengths[AVERAGE, "length_ratio"] = compare_lengths(list(tokens.values()))["ratio"]
    for (criterion, quantity), length in lengths.items():
        draws = np.full(len(resamples.weights), length)
        yield Estimate(variant._replace(criterion=criterion, quantity=quantity), draws, draws, 1, 1)


def note_same_picks(estimates: Iterable[Estimate], variant: str) -> Iterator[Estimate]:
    """Yield the estimates with the note that their instructions are those of `variant`."""
    for estimate in estimates:
        yield replace(estimate, note="; ".join(filter(None, [f"{SAME_PICKS} {variant}", estimate.note])))
