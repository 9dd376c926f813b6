"""Estimates of a cherry-picked variant: its predictions and picked instructions in; agreement and lengths out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.corpus_resamples import resample_test_pairs
from collide.analysis.estimate_tables import write_part
from collide.analysis.estimates import Estimate, EstimateName, name_picked_study
from collide.analysis.instructions.picked_files import find_same_choice
from collide.analysis.prediction_groups import PredictionCounts, read_prediction_groups
from collide.analysis.quantities.variants import estimate_lengths, estimate_variant, note_same_picks
from collide.common.csv_json import read_csv
from collide.common.script_context import script_context
from collide.experiment.scales import Scale, read_scales


def write_variant_estimates(
    test: Path,
    predictions: Sequence[Path],
    picked: Path,
    narrower: Sequence[Path],
    variant: Mapping[str, Any],
    scales: Mapping[str, Scale],
    settings: Mapping[str, Any],
    table: Path,
    draws: Path,
) -> None:
    """Estimate a variant from the predictions of each seed, .../seed<seed>/<file>, and write its part.

    `narrower` are the picked instructions of the variants that this one may repeat. `variant` has its study,
    label and gate. `scales` are those of the criteria; `settings` is the configuration's section `bootstrap`.
    """
    resamples = resample_test_pairs(test, settings)
    read = {path.parent.name: PredictionCounts(read_prediction_groups(path), resamples) for path in predictions}
    counts = {
        int(folder.removeprefix("seed")): {name: found.count_group(prompt, "test", name) for prompt, name in found.list_rated()}
        for folder, found in read.items()
        if found
    }
    print(f"{len(counts)} of {len(read)} seeds", flush=True)
    estimates: list[Estimate] = []
    # Where nothing could be picked, no seed has predictions.
    if counts:
        tokens = {row["criterion"]: int(row["tokens"]) for row in read_csv(picked) if row["tokens"]}
        name = EstimateName(name_picked_study(variant["study"]), variant["label"], variant["gate"], "", "")
        estimates += estimate_variant(name, counts, resamples, scales)
        # The authors evaluated prompts whose runs may be missing among those that they published.
        estimates += estimate_lengths(name, tokens, resamples) if tokens else []
    if same := find_same_choice(picked, narrower):
        estimates = list(note_same_picks(estimates, same))
    write_part(estimates, settings["level"], table, draws, any(found.simulated for found in read.values()))


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_variant_estimates(
            Path(snakemake.input.test),
            [Path(path) for path in snakemake.input.predictions],
            Path(snakemake.input.picked),
            [Path(path) for path in snakemake.input.narrower],
            snakemake.params.variant,
            read_scales(snakemake.params.scales),
            snakemake.params.bootstrap,
            Path(snakemake.output.table),
            Path(snakemake.output.draws),
        )
