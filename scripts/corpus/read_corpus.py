"""Reads a corpus file in any known layout, checks it, and writes its pairs and a manifest that says what they are."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import hashlib
import json
from collections.abc import Mapping
from typing import Any

from collide.common.script_context import script_context
from collide.corpus.checks import check_origin, check_pairs, describe, is_summeval
from collide.corpus.file_records import parse_records, read_bytes
from collide.corpus.pairs import write_pairs
from collide.corpus.readers import read_layout


def read_corpus(
    raw: Path,
    pairs: Path,
    manifest: Path,
    origin: str,
    criteria: Mapping[str, Mapping[str, Any]],
    human_score: str,
) -> None:
    """Write `pairs` (Parquet, one row a pair) and `manifest` (JSON) of the corpus file `raw`.

    `origin` is the configuration's word for the corpus; `criteria` and `human_score` are the configuration's.
    Raises InputError for whatever is wrong with the file.
    """
    content = read_bytes(raw)
    checksum = hashlib.sha256(content).hexdigest()
    print(f"{origin}: {len(content):,} bytes, sha256 {checksum}")
    scales = {name: (criterion["scale"][0], criterion["scale"][1]) for name, criterion in criteria.items()}
    layout, located = read_layout(parse_records(content, str(raw)), scales, human_score)
    found = check_pairs(located)
    description = describe(found, scales)
    check_origin(origin, description, human_score)
    record = {
        "corpus": origin,
        "sha256": checksum,
        "bytes": len(content),
        "layout": layout,
        "human_score": human_score,
        "is_summeval": human_score == "mean" and is_summeval(description),
        **description,
    }
    write_pairs(pairs, found)
    manifest.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{origin}: {record['pairs']:,} pairs of {record['documents']:,} documents in layout {layout}")
    for name, figures in record["criteria"].items():
        print(f"{name}: mean {figures['mean']:.3f}, {figures['share_of_highest']:.1%} at the top of the scale")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        read_corpus(
            Path(snakemake.input.raw),
            Path(snakemake.output.pairs),
            Path(snakemake.output.manifest),
            snakemake.params.origin,
            snakemake.params.criteria,
            snakemake.params.human_score,
        )
