"""Divides the pairs of a corpus into training, validation and test pairs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import csv
from collections.abc import Mapping
from typing import Any

from collide.common.script_context import script_context
from collide.corpus.pairs import read_pairs, write_pairs
from collide.corpus.split import split_pairs


def split_corpus(pairs: Path, table: Path, sides: Mapping[str, Path], split: Mapping[str, Any]) -> None:
    """Write the split as a table (pair, document, system, split) and each side's pairs, in the table's order.

    `sides` maps train, validation and test to Parquet files; `split` is the section of that name of the configuration.
    Raises InputError where there are too few pairs.
    """
    drawn = split_pairs(
        read_pairs(pairs),
        sizes={name: split[name] for name in sides},
        seed=split["seed"],
        unit=split["unit"],
        validation_from=split["validation_from"],
    )
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["pair", "document", "system", "split"])
        writer.writerows([pair.id, pair.document, pair.system, name] for name, side in drawn.items() for pair in side)
    for name, side in drawn.items():
        write_pairs(sides[name], side)
        print(f"{name}: {len(side):,} pairs of {len({pair.document for pair in side}):,} documents")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        split_corpus(
            Path(snakemake.input.pairs),
            Path(snakemake.output.table),
            {name: Path(snakemake.output[name]) for name in ("train", "validation", "test")},
            snakemake.params.split,
        )
