"""Import of the pairs: the folders of all runs in; the training and test pairs with their human scores, and a manifest, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.script_context import script_context
from collide.corpus.manifest_text import list_lines
from collide.corpus.pairs import write_pairs
from collide.experiment.scales import ScaleConfig, read_scales
from collide.experiment.texts import read_text_names
from collide.published.corpus import collect_pairs, describe_corpus


def import_pairs(
    runs: Sequence[Path],
    files: Sequence[Path],
    origin: str,
    texts: Mapping[str, Any],
    scales: Mapping[str, ScaleConfig],
    pairs: Path,
    manifest: Path,
) -> None:
    """Write `pairs` and `manifest` of the folders of `runs`, whose files are `files` and which lie in `origin`.

    `texts` are the data set's sections `inputs` and `output`, and `scales` those of its criteria.
    """
    found = collect_pairs(runs)
    facts = describe_corpus(found, files, origin, read_text_names(texts), read_scales(scales))
    write_pairs(pairs, found.pairs, list(scales))
    manifest.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(*list_lines(facts), sep="\n")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        params = snakemake.params
        import_pairs(
            list(map(Path, params.runs)),
            list(map(Path, snakemake.input)),
            params.origin,
            params.texts,
            params.scales,
            Path(snakemake.output.pairs),
            Path(snakemake.output.manifest),
        )
