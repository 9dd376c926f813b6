"""Read the file of a data set and write its pairs and a manifest that describes them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.script_context import script_context
from collide.corpus.corpus_reader import describe_scores, read_corpus_file
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
    layout = f" in layout {facts['layout']}" if facts["layout"] else ""
    documents = "; each row is a document" if facts["documents_are_rows"] else f" of {facts['documents']:,} documents"
    print(f"{origin}: {facts['format']}, {facts['pairs']:,} pairs{documents}{layout}")
    for name, summary in facts["criteria"].items():
        print(f"{name}: {describe_scores(summary)}")
    for reason, count in facts["dropped"].items():
        print(f"left out: {count:,} rows, because {reason}")
    if facts["incomplete_ratings"]:
        print(f"left out: {facts['incomplete_ratings']:,} single ratings of raters who did not rate all criteria")


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
