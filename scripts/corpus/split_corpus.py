"""Split the pairs of a corpus into training, validation and test pairs and few-shot examples, as a protocol says."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping
from typing import Any

from collide.common.script_context import script_context
from collide.corpus.human_score import apply_human_score
from collide.corpus.pairs import read_pairs, write_pairs
from collide.corpus.split import DRAWN, SPLITS, split_pairs, write_split_table
from collide.experiment.scales import ScaleConfig, list_nominal, read_scales


def split_corpus(
    pairs: Path,
    table: Path,
    files: Mapping[str, Path],
    settings: Mapping[str, Any],
    protocol: Mapping[str, Any],
    scales: Mapping[str, ScaleConfig],
) -> None:
    """Write the split as a CSV table, and the pairs of train, validation, test and the examples to a Parquet file each.

    settings, scales: the data set's section `split`, and the scales of its criteria
    protocol: the protocol's section of the configuration

    Raises InputError if the corpus has too few pairs, or not the single ratings that the protocol's human score needs.
    """
    found = read_pairs(pairs)
    splits = split_pairs(
        apply_human_score(found, protocol["human_score"], list_nominal(read_scales(scales))),
        sizes={name: settings[name] for name in DRAWN},
        seed=settings["seed"],
        unit=settings["unit"],
        validation_from=protocol["validation_from"],
        examples=protocol["examples"],
    )
    write_split_table(table, splits)
    for name, drawn in splits.items():
        write_pairs(files[name], drawn, list(scales))
        print(f"{name}: {len(drawn):,} pairs of {len({pair.document for pair in drawn}):,} documents")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        split_corpus(
            Path(snakemake.input.pairs),
            Path(snakemake.output.table),
            {name: Path(snakemake.output[name]) for name in SPLITS},
            snakemake.params.settings,
            snakemake.params.protocol,
            snakemake.params.scales,
        )
