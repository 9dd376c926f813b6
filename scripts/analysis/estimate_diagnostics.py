"""Estimates of diagnostics: ratings of a cell's or a study's runs in; mean, deviation and extremes, with intervals, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.bootstrap import RunPicker
from collide.analysis.estimate_tables import write_part
from collide.analysis.quantities.cell import read_ratings
from collide.analysis.quantities.diagnostics import estimate_cell_diagnostics, estimate_study_diagnostics
from collide.common.csv_json import is_simulated
from collide.common.script_context import script_context


def write_diagnostics(paths: Sequence[Path], whole_study: bool, settings: Mapping[str, Any], table: Path, draws: Path) -> None:
    """Estimate the diagnostics from files of ratings, and write their part.

    The ratings are those of one cell or, if `whole_study`, of all runs of a study. `settings` is the configuration's section
    `bootstrap`.
    """
    ratings = [rating for path in paths for rating in read_ratings(path)]
    estimate = estimate_study_diagnostics if whole_study else estimate_cell_diagnostics
    found = list(estimate(ratings, RunPicker(settings["resamples"], settings["seed"])))
    write_part(found, settings["level"], table, draws, any(map(is_simulated, paths)))


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_diagnostics(
            [Path(path) for path in snakemake.input.ratings],
            snakemake.params.whole_study,
            snakemake.params.bootstrap,
            Path(snakemake.output.table),
            Path(snakemake.output.draws),
        )
