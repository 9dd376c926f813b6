"""Length ratios of cherry-picked prompts: picked instructions and predictions in; a row per variant and seed out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence

from collide.analysis.instructions.lengths import VARIANT_COLUMNS, measure_variants
from collide.common.csv_json import is_simulated, write_csv
from collide.common.script_context import script_context
from collide.experiment.scales import Scale, read_scales


def write_length_ratios(
    variants: Mapping[str, Path], predictions: Sequence[Path], scales: Mapping[str, Scale], table: Path
) -> None:
    """Write the table; `variants` are files of picked instructions by name, `scales` are those of the criteria."""
    rows = measure_variants(variants, predictions, scales)
    write_csv(table, VARIANT_COLUMNS, rows, any(map(is_simulated, variants.values())))


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_length_ratios(
            {path.parent.name: path for path in map(Path, snakemake.input.picked)},
            [Path(path) for path in snakemake.input.predictions],
            read_scales(snakemake.params.scales),
            Path(snakemake.output.asymmetry),
        )
