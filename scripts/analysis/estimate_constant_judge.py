"""Estimates of the constant judge: test pairs in; the error of the best constant rating of each criterion out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping
from typing import Any

from collide.analysis.corpus_resamples import read_documents, read_human_scores, resample_test_pairs
from collide.analysis.estimate_tables import write_part
from collide.analysis.quantities.constant_judge import estimate_constant_judge
from collide.common.script_context import script_context
from collide.experiment.scales import Scale, read_scales


def write_constant_judge(
    test: Path,
    dataset: str,
    scales: Mapping[str, Scale],
    settings: Mapping[str, Any],
    simulated: bool,
    table: Path,
    draws: Path,
) -> None:
    """Estimate the constant judge and write its part.

    `scales` are those of the criteria; `settings` is the configuration's section `bootstrap`. Human scores are no replies of a
    model, so the caller says if the part belongs to `simulated` results.
    """
    humans = read_human_scores(test, list(scales))
    resamples = resample_test_pairs(test, settings)
    found = list(estimate_constant_judge(dataset, read_documents(test), humans, scales, resamples))
    write_part(found, settings["level"], table, draws, simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_constant_judge(
            Path(snakemake.input.test),
            snakemake.params.dataset,
            read_scales(snakemake.params.scales),
            snakemake.params.bootstrap,
            snakemake.wildcards.source == "simulated",
            Path(snakemake.output.table),
            Path(snakemake.output.draws),
        )
