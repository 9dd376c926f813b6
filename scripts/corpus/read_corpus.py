"""Read a corpus file in any supported layout and write its pairs and a manifest that describes them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping

from collide.common.script_context import script_context
from collide.corpus.corpus_reader import read_corpus_file
from collide.corpus.pairs import write_pairs
from collide.experiment.scales import ScaleConfig, read_scales


def read_corpus(raw: Path, pairs: Path, manifest: Path, origin: str, scales: Mapping[str, ScaleConfig]) -> None:
    """Write `pairs` (Parquet, one row per pair) and `manifest` (JSON) of the corpus file `raw`.

    `origin` and `scales` (by criterion) come from the configuration. Raises InputError for an
    error in the file; then nothing is written.
    """
    found, facts = read_corpus_file(raw, origin, read_scales(scales))
    write_pairs(pairs, found, list(scales))
    manifest.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{origin}: {facts['pairs']:,} pairs of {facts['documents']:,} documents in layout {facts['layout']}")
    for name, summary in facts["criteria"].items():
        print(f"{name}: mean {summary['mean']:.3f}, {summary['share_of_highest']:.1%} have the highest score")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        read_corpus(
            Path(snakemake.input.raw),
            Path(snakemake.output.pairs),
            Path(snakemake.output.manifest),
            snakemake.params.origin,
            snakemake.params.scales,
        )
