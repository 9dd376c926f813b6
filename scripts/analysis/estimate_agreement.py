"""Estimates of a cell: steps and predictions of its runs in; agreement and run dynamics, with intervals and draws, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.corpus_resamples import resample_test_pairs
from collide.analysis.estimate_tables import write_part
from collide.analysis.estimates import Estimate
from collide.analysis.quantities.agreement import estimate_agreement
from collide.analysis.quantities.cell import read_cell
from collide.analysis.quantities.run_dynamics import estimate_dynamics
from collide.common.script_context import script_context
from collide.experiment.scales import Scale, read_scales


def write_agreement(
    test: Path,
    runs: Sequence[tuple[Path, Path]],
    name: tuple[str, str, str],
    scales: Mapping[str, Scale],
    settings: Mapping[str, Any],
    table: Path,
    draws: Path,
) -> None:
    """Estimate the cell `name` (study, mode, gate) from its runs, given as (steps, predictions), and write its part.

    `scales` are those of the criteria; `settings` is the configuration's section `bootstrap`.
    """
    resamples = resample_test_pairs(test, settings)
    cell = read_cell(runs, list(scales), resamples)
    print(f"{len(cell.trajectories)} seeds {cell.note}", flush=True)
    found: list[Estimate] = []
    if cell.trajectories:
        found += estimate_agreement(*name, cell.trajectories, resamples, scales, cell.note)
        found += estimate_dynamics(*name, cell.dynamics, resamples.run_picker)
    write_part(found, settings["level"], table, draws, cell.simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        wildcards = snakemake.wildcards
        write_agreement(
            Path(snakemake.input.test),
            [(Path(s), Path(p)) for s, p in zip(snakemake.input.steps, snakemake.input.predictions, strict=True)],
            (wildcards.study, wildcards.mode, wildcards.gate),
            read_scales(snakemake.params.scales),
            snakemake.params.bootstrap,
            Path(snakemake.output.table),
            Path(snakemake.output.draws),
        )
