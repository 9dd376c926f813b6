"""Read the file of a data set: parse it, check its pairs, and describe them in a manifest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from collide.corpus.files.content import read_bytes
from collide.corpus.files.folder import digest_listing, list_files
from collide.corpus.files.formats import add_file_column, parse_records
from collide.corpus.files.record import Record
from collide.corpus.pairs import Pair
from collide.corpus.records.description import Description, read_descriptions
from collide.corpus.records.layouts import choose_description
from collide.corpus.records.pair_reader import BuiltPairs, LocatedPair, Scales, build_pairs
from collide.corpus.summeval import check_origin, is_summeval
from collide.errors import InputError
from collide.experiment.scales import Scale
from collide.experiment.texts import TextNames


def read_corpus_file(
    path: Path, origin: str, records: Mapping[str, Any] | Sequence[Mapping[str, Any]], texts: TextNames, scales: Scales
) -> tuple[list[Pair], dict[str, Any]]:
    """Return the pairs of a corpus file, or of all files of a folder, and their manifest, a JSON object that describes them.

    origin: the value of `file` in config.yaml (`embedded`, a path or a URL)
    records: the data set's section `records`

    Raises InputError with the location of the first defect of the file, or if no pair is left.
    """
    facts, found = _read_files(path, origin)
    chosen, read = pair_records(found, records, texts, scales)
    if not read.pairs:
        reasons = "; ".join(f"{count:,} rows: {reason}" for reason, count in read.dropped.most_common(3))
        raise InputError(f"{path}: no pair is left of {len(found):,} records ({reasons}); check `records` of the data set")
    pairs = check_pairs(read.pairs)
    description = describe_pairs(pairs, scales)
    check_origin(origin, description)
    manifest = {
        "corpus": origin,
        **facts,
        "layout": chosen.layout,
        "is_summeval": is_summeval(description),
        "documents_are_rows": not chosen.document and not chosen.rows,
        **_describe_texts(chosen, texts),
        **description,
        **_describe_rest(read, chosen),
    }
    return pairs, manifest


def pair_records(
    found: Sequence[Record], records: Mapping[str, Any] | Sequence[Mapping[str, Any]], texts: TextNames, scales: Scales
) -> tuple[Description, BuiltPairs]:
    """Return the description in a data set's section `records` that fits the records of a file, and the pairs.

    Raises InputError with the location of the first defect.
    """
    nouns = [name.noun for name in texts.inputs]
    chosen = choose_description(read_descriptions(records, nouns, texts.output.noun, list(scales)), found)
    return chosen, build_pairs(found, chosen, scales)


def check_pairs(located: Sequence[LocatedPair]) -> list[Pair]:
    """Return the pairs without their locations.

    Raises InputError for a repeated pair, and for a document with two different inputs.
    """
    locations: dict[str, str] = {}
    documents: dict[str, LocatedPair] = {}
    for item in located:
        pair = item.pair
        if pair.id in locations:
            raise InputError(
                f"{item.location}: the pair {pair.id} is also at {locations[pair.id]}; expected each pair once, or"
                " rows_per_rater: true in `records` if each rater has a row"
            )
        locations[pair.id] = item.location
        first = documents.setdefault(pair.document, item)
        if first.pair.inputs != pair.inputs:
            raise InputError(
                f"{item.location}: the inputs of document {pair.document} differ from those at {first.location}; expected the"
                " same inputs in all rows of a document, use different document names"
            )
    return [item.pair for item in located]


def describe_pairs(pairs: Sequence[Pair], scales: Scales) -> dict[str, Any]:
    """Return the number of documents and pairs, the systems, and a summary of the human scores of each criterion."""
    return {
        "documents": len({pair.document for pair in pairs}),
        "systems": [name for name in dict.fromkeys(pair.system for pair in pairs) if name],
        "pairs": len(pairs),
        "criteria": {name: _describe_criterion(pairs, name, scale) for name, scale in scales.items()},
    }


def _read_files(path: Path, origin: str) -> tuple[dict[str, Any], list[Record]]:
    """Return checksum, size and format of a file or folder, and its records."""
    files = list_files(path)
    contents = {file: read_bytes(file) for file in files}
    digests = [hashlib.sha256(content).hexdigest() for content in contents.values()]
    names = [file.name for file in files]
    checksum = digest_listing(zip(names, digests, strict=True)) if path.is_dir() else digests[0]
    size = sum(map(len, contents.values()))
    # Printed before anything is checked: a user with a refused file can still compare its checksum.
    print(f"{origin}: {size:,} bytes, sha256 {checksum}")
    formats: dict[str, None] = {}
    records: list[Record] = []
    for file, content in contents.items():
        kind, found = parse_records(content, str(file))
        formats[kind] = None
        records += add_file_column(found, file) if path.is_dir() else found
    return {"sha256": checksum, "bytes": size, "format": "; ".join(formats)}, records


def _describe_criterion(pairs: Sequence[Pair], name: str, scale: Scale) -> dict[str, Any]:
    """Return the scale and the distribution of a criterion's human scores; every criterion has the same keys.

    scale: [lowest, highest], with the step as a third number unless it is 1; or the names of the classes
    raters: smallest and largest number of raters of a pair; None without single ratings
    mean: mean score; None for classes without an order
    share_of_highest: share of pairs (0 to 1) whose score is the highest of the scale; None for classes without an order.
        Where it is large, a judge that always gives the highest score has a small mean absolute error.
    shares: share of pairs whose score is a class, by class; classes with an order may have means between two of them
    """
    scores = [pair.human[name] for pair in pairs]
    raters = [len(pair.ratings[name]) for pair in pairs if name in pair.ratings]
    counts = Counter(scores)
    steps = [] if scale.step == 1 else [scale.step]
    return {
        "scale": list(scale.classes) or [scale.low, scale.high, *steps],
        "raters": [min(raters), max(raters)] if raters else None,
        "mean": None if scale.is_nominal else round(fmean(scores), 6),
        "share_of_highest": None if scale.is_nominal else round(counts[scale.high] / len(scores), 6),
        "shares": {name: round(counts[place] / len(scores), 6) for place, name in enumerate(scale.classes)},
    }


def _describe_texts(chosen: Description, texts: TextNames) -> dict[str, Any]:
    inputs = zip(texts.inputs, chosen.inputs, strict=True)
    return {
        "inputs": [{"noun": name.noun, "columns": list(columns)} for name, columns in inputs],
        "output": {"noun": texts.output.noun, "columns": list(chosen.output)},
    }


def _describe_rest(read: BuiltPairs, chosen: Description) -> dict[str, Any]:
    return {
        "dropped": dict(read.dropped.most_common()),
        "incomplete_ratings": read.incomplete,
        "split": dict(Counter(item.pair.split for item in read.pairs)) if chosen.split else {},
    }
