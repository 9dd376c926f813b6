"""Cherry-picking: steps and predictions of Single-Task runs in; picked instructions, and the prompts made of them, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.instructions.picked_files import read_candidates, write_choice, write_no_choice
from collide.analysis.instructions.picking import pick_variant
from collide.common.script_context import script_context
from collide.experiment.scales import Scale, read_scales


def pick_instructions(
    runs: Sequence[tuple[Path, Path]],
    variant: Mapping[str, Any],
    scales: Mapping[str, Scale],
    table: Path,
    prompts: Path,
) -> None:
    """Pick the instructions of `variant` from Single-Task runs, given as (steps, predictions), and write both files.

    `scales` are those of the criteria.
    """
    candidates, simulated = read_candidates(runs, variant["metric"], scales)
    try:
        choice = pick_variant(candidates, variant, list(scales))
    except ValueError as error:
        print(f"cherry-pick {variant['name']}: {error}; it is left out", flush=True)
        write_no_choice(str(error), table, prompts, simulated)
    else:
        write_choice(choice, variant, scales, table, prompts, simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        pick_instructions(
            [(Path(s), Path(p)) for s, p in zip(snakemake.input.steps, snakemake.input.predictions, strict=True)],
            snakemake.params.variant,
            read_scales(snakemake.params.scales),
            Path(snakemake.output.picked),
            Path(snakemake.output.prompts),
        )
