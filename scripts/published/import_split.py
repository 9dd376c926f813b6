"""The split of the authors' pairs: all pairs in; a table and a file for each split out. No validation pair is logged."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence

from collide.common.script_context import script_context
from collide.corpus.pairs import read_pairs, write_pairs
from collide.corpus.split import SPLITS, write_split_table


def import_split(pairs: Path, table: Path, files: Mapping[str, Path], criteria: Sequence[str]) -> None:
    """Write the pairs of each split to a Parquet file, and all splits to `table`."""
    found = read_pairs(pairs)
    splits = {name: [pair for pair in found if pair.split == name] for name in SPLITS}
    write_split_table(table, splits)
    for name, own in splits.items():
        write_pairs(files[name], own, criteria)
        print(f"{name}: {len(own):,} pairs of {len({pair.document for pair in own}):,} documents")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        output = snakemake.output
        files = {name: Path(output[name]) for name in SPLITS}
        import_split(Path(snakemake.input.pairs), Path(output.table), files, snakemake.params.criteria)
