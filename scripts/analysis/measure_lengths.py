"""Instruction lengths: steps of a study's runs and its scores in; tokens by step and criterion, and length ratios, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Sequence

from collide.analysis.instructions.lengths import (
    LENGTH_COLUMNS,
    RATIO_COLUMNS,
    measure_instructions,
    measure_length_ratios,
)
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.script_context import script_context


def write_lengths(steps: Sequence[Path], scores: Path, lengths: Path, asymmetry: Path) -> None:
    """Write the lengths of a study's instructions and the length ratios of its prompts."""
    rows, simulated = list(measure_instructions(steps)), is_simulated(scores)
    write_csv(lengths, LENGTH_COLUMNS, rows, simulated)
    write_csv(asymmetry, RATIO_COLUMNS, measure_length_ratios(rows, read_csv(scores)), simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_lengths(
            [Path(path) for path in snakemake.input.steps],
            Path(snakemake.input.scores),
            Path(snakemake.output.lengths),
            Path(snakemake.output.asymmetry),
        )
