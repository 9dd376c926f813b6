"""All estimates: the parts in; one table, and one file of draws, with the paired differences added, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.analysis.estimate_tables import merge_parts
from collide.common.script_context import script_context

if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        merge_parts(
            [(Path(t), Path(d)) for t, d in zip(snakemake.input.tables, snakemake.input.draws, strict=True)],
            snakemake.params.level,
            Path(snakemake.output.table),
            Path(snakemake.output.draws),
        )
