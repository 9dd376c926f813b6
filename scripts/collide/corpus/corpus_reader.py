"""Read a corpus file: parse it, check its pairs, and describe them in a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from collide.corpus.file_formats import parse_records, read_bytes
from collide.corpus.layouts import LocatedPair, Scales, read_layout
from collide.corpus.pairs import Pair
from collide.corpus.summeval import check_origin, is_summeval
from collide.errors import InputError


def read_corpus_file(path: Path, origin: str, scales: Scales) -> tuple[list[Pair], dict[str, Any]]:
    """Return the pairs of a corpus file and their manifest, a JSON object of where they come from and what they are.

    `origin` is the value of `corpus` in config.yaml (`embedded`, a path or a URL). Raises InputError with the location of the
    first defect of the file.
    """
    content = read_bytes(path)
    checksum = hashlib.sha256(content).hexdigest()
    # Printed before anything is checked: a user with a refused file can still compare its checksum.
    print(f"{origin}: {len(content):,} bytes, sha256 {checksum}")
    layout, located = read_layout(parse_records(content, str(path)), scales)
    pairs = check_pairs(located)
    description = describe_pairs(pairs, scales)
    check_origin(origin, description)
    manifest = {
        "corpus": origin,
        "sha256": checksum,
        "bytes": len(content),
        "layout": layout,
        "is_summeval": is_summeval(description),
        **description,
    }
    return pairs, manifest


def check_pairs(located: Sequence[LocatedPair]) -> list[Pair]:
    """Return the pairs without their locations. Raises InputError for a repeated pair or a document with two articles."""
    locations: dict[str, str] = {}
    articles: dict[str, LocatedPair] = {}
    for item in located:
        pair = item.pair
        if pair.id in locations:
            raise InputError(f"{item.location}: the pair {pair.id} is also at {locations[pair.id]}; expected each pair once")
        locations[pair.id] = item.location
        first = articles.setdefault(pair.document, item)
        if first.pair.inputs != pair.inputs:
            raise InputError(
                f"{item.location}: the article of document {pair.document} differs from that at {first.location}; expected one"
                " article per document, use different document names"
            )
    return [item.pair for item in located]


def describe_pairs(pairs: Sequence[Pair], scales: Scales) -> dict[str, Any]:
    """Return the number of documents and pairs, the systems, and the mean human score of each criterion (means of the experts).

    `share_of_highest` is the share of pairs (0 to 1) whose score is the highest of the scale. Where it is large, a judge that
    always gives the highest score has a small mean absolute error.
    """
    human = {criterion: [pair.human[criterion] for pair in pairs] for criterion in scales}
    return {
        "documents": len({pair.document for pair in pairs}),
        "systems": list(dict.fromkeys(pair.system for pair in pairs)),
        "pairs": len(pairs),
        "criteria": {
            criterion: {
                "scale": [scales[criterion].low, scales[criterion].high],
                "mean": round(fmean(scores), 6),
                "share_of_highest": round(sum(s == scales[criterion].high for s in scores) / len(scores), 6),
            }
            for criterion, scores in human.items()
        },
    }
