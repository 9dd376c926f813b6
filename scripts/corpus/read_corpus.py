"""Read the file of a data set and write its pairs and a manifest that describes them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.script_context import script_context
from collide.corpus.corpus_reader import read_corpus_file
from collide.corpus.manifest_text import list_lines
from collide.corpus.pairs import write_pairs
from collide.experiment.scales import ScaleConfig, read_scales
from collide.experiment.texts import read_text_names


def read_corpus(
    raw: Path,
    pairs: Path,
    manifest: Path,
    origin: str,
    records: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    texts: Mapping[str, Any],
    scales: Mapping[str, ScaleConfig],
) -> None:
    """Write `pairs` (Parquet, one row per pair) and `manifest` (JSON) of the file or folder `raw`.

    origin, records, scales: the data set's `file`, its section `records`, and the scales of its criteria
    texts: the data set's sections `inputs` and `output`

    Raises InputError for an error in the file; then nothing is written.
    """
    found, facts = read_corpus_file(raw, origin, records, read_text_names(texts), read_scales(scales))
    write_pairs(pairs, found, list(scales))
    manifest.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(*list_lines(facts), sep="\n")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        read_corpus(
            Path(snakemake.params.raw),
            Path(snakemake.output.pairs),
            Path(snakemake.output.manifest),
            snakemake.params.origin,
            snakemake.params.records,
            snakemake.params.texts,
            snakemake.params.scales,
        )
