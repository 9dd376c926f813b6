"""Split of a corpus into training, validation and test pairs, and few-shot examples. It depends on the corpus and a seed."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from collide.corpus.pairs import Pair, corpus_digest
from collide.errors import InputError

# Splits with a size in config.yaml, in the order in which they are drawn. The examples are taken out of the training pairs.
DRAWN = ("train", "validation", "test")
SPLITS = (*DRAWN, "examples")


def split_pairs(
    pairs: Sequence[Pair],
    sizes: Mapping[str, int],
    seed: int,
    unit: str = "pair",
    validation_from: str = "outside",
    examples: int = 0,
) -> dict[str, list[Pair]]:
    """Draw `sizes["train"]`, `sizes["validation"]` and `sizes["test"]` pairs at random, without replacement.

    Pairs are drawn in the order of hashes of (pair ids of the corpus, seed, id), which is the same on every machine and for
    every order of `pairs`. Training pairs are drawn first and test pairs last, so that a different test size changes neither
    training nor validation pairs.

    unit: "pair" draws single pairs. "document" draws documents with all their pairs, so that no document is in two splits;
        the sizes are exact, surplus pairs of the last document of each split are unused.
    validation_from: "outside" draws validation pairs that are neither training nor test pairs; "train" draws them from
        the training pairs, as the authors' code does.
    examples: number of training pairs, the last ones drawn, that become the few-shot examples of the judge prompt instead.
        They are neither training nor validation pairs then. Test pairs are the same with and without examples.

    Where the corpus says which split a pair belongs to, each split is drawn from its own pairs, and its size is a limit: a
    larger one takes them all. A split that the corpus does not have is drawn from the training pairs that are left.

    Raises InputError if the corpus is too small.
    """
    names = ["train", "test"] if validation_from == "train" else list(DRAWN)
    key = f"{corpus_digest(pairs)}/{seed}"
    wanted = {name: sizes[name] for name in names}
    given = any(pair.split for pair in pairs)
    drawn = _draw_given_splits(pairs, wanted, key, unit) if given else _draw_splits(pairs, wanted, key, unit)
    left = len(drawn["train"]) - examples
    drawn |= {"train": drawn["train"][:left], "examples": drawn["train"][left:]}
    if validation_from == "train":
        if sizes["validation"] > left:
            raise InputError(
                f"config.yaml, split: cannot draw {sizes['validation']} validation pairs from {left} training pairs;"
                " lower split.validation or raise split.train"
            )
        drawn |= _draw_splits(drawn["train"], {"validation": sizes["validation"]}, f"{key}/validation", unit)
    return {name: drawn[name] for name in SPLITS}


def _draw_given_splits(pairs: Sequence[Pair], sizes: Mapping[str, int], key: str, unit: str) -> dict[str, list[Pair]]:
    """Draw each split from the pairs that the corpus puts in it, at most as many as its size."""
    own = {name: [pair for pair in pairs if pair.split == name] for name in sizes}
    limits = {name: min(size, len(own[name])) if own[name] else size for name, size in sizes.items()}
    from_train = {name: size for name, size in limits.items() if name == "train" or not own[name]}
    drawn = _draw_splits(own["train"], from_train, key, unit)
    for name in limits.keys() - from_train.keys():
        drawn |= _draw_splits(own[name], {name: limits[name]}, key, unit)
    return drawn


def write_split_table(path: Path, splits: Mapping[str, Sequence[Pair]]) -> None:
    """Write a CSV with the columns pair, document, system and split, in the order in which the pairs were drawn."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["pair", "document", "system", "split"])
        writer.writerows([pair.id, pair.document, pair.system, name] for name, pairs in splits.items() for pair in pairs)


def _draw_splits(pairs: Sequence[Pair], sizes: Mapping[str, int], key: str, unit: str) -> dict[str, list[Pair]]:
    """Fill one split after the other with units (single pairs, or all pairs of a document) in hash order."""
    by_document = unit == "document"
    ranked = sorted(pairs, key=lambda pair: (_hash_name(key, pair.document) if by_document else "", _hash_name(key, pair.id)))
    units = iter([list(group) for _, group in groupby(ranked, key=lambda pair: pair.document if by_document else pair.id)])
    drawn: dict[str, list[Pair]] = {}
    for name, size in sizes.items():
        chosen: list[Pair] = []
        while len(chosen) < size:
            unit_pairs = next(units, None)
            if unit_pairs is None:
                raise InputError(_describe_shortage(pairs, sizes, by_document))
            chosen += unit_pairs
        drawn[name] = chosen[:size]
    return drawn


def _hash_name(key: str, name: str) -> str:
    return hashlib.blake2b(f"{key}/{name}".encode(), digest_size=16).hexdigest()


def _describe_shortage(pairs: Sequence[Pair], sizes: Mapping[str, int], by_document: bool) -> str:
    parts = " + ".join(f"{size} {name}" for name, size in sizes.items())
    documents = len({pair.document for pair in pairs})
    whole = f" in whole documents (the corpus has {documents})" if by_document else ""
    return (
        f"config.yaml, split: {parts} = {sum(sizes.values())} pairs are needed{whole}, but the corpus has {len(pairs)} pairs;"
        " lower the sizes of the split or use a larger corpus"
    )
