"""The split: which pairs train, which validate, and which test. It hangs on the corpus and a seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby

from collide.corpus.pairs import Pair, corpus_digest
from collide.errors import InputError

SPLITS = ("train", "validation", "test")


def split_pairs(
    pairs: Sequence[Pair],
    sizes: Mapping[str, int],
    seed: int,
    unit: str = "pair",
    validation_from: str = "outside",
) -> dict[str, list[Pair]]:
    """Draw `sizes["train"]`, `sizes["validation"]` and `sizes["test"]` pairs at random, without replacement.

    The order of drawing is that of hashes of (pair ids of the corpus, seed, id): it is the same on every machine and
    whatever the order of `pairs`. Training pairs are drawn first and test pairs last, so that another test size
    changes neither of the other two.

    unit: "pair" draws pair by pair. "document" draws documents with all their pairs, so that a document is on one side
        only; the sizes are met exactly, the surplus pairs of the last document of each side stay unused.
    validation_from: "outside" draws validation pairs from those that neither train nor test; "train" draws them from
        the training pairs, as the authors' code does.

    Raises InputError where the corpus is too small.
    """
    names = ["train", "test"] if validation_from == "train" else list(SPLITS)
    key = f"{corpus_digest(pairs)}/{seed}"
    sides = _draw(pairs, {name: sizes[name] for name in names}, key, unit)
    if validation_from == "train":
        if sizes["validation"] > sizes["train"]:
            raise InputError(
                f"config.yaml, split: {sizes['validation']} validation pairs are to come from"
                f" {sizes['train']} training pairs; lower split.validation or raise split.train"
            )
        sides |= _draw(sides["train"], {"validation": sizes["validation"]}, f"{key}/validation", unit)
    return {name: sides[name] for name in SPLITS}


def _draw(pairs: Sequence[Pair], sizes: Mapping[str, int], key: str, unit: str) -> dict[str, list[Pair]]:
    """Fill the sides one after the other with units (lists of pairs) in the order of their hashes."""
    by_document = unit == "document"
    ranked = sorted(pairs, key=lambda pair: (_rank(key, pair.document) if by_document else "", _rank(key, pair.id)))
    units = [list(group) for _, group in groupby(ranked, key=lambda pair: pair.document if by_document else pair.id)]
    queue = iter(units)
    sides: dict[str, list[Pair]] = {}
    for name, size in sizes.items():
        side: list[Pair] = []
        while len(side) < size:
            drawn = next(queue, None)
            if drawn is None:
                raise InputError(_too_few(pairs, sizes, by_document))
            side += drawn
        sides[name] = side[:size]
    return sides


def _rank(key: str, name: str) -> str:
    return hashlib.blake2b(f"{key}/{name}".encode(), digest_size=16).hexdigest()


def _too_few(pairs: Sequence[Pair], sizes: Mapping[str, int], by_document: bool) -> str:
    parts = " + ".join(f"{size} {name}" for name, size in sizes.items())
    documents = len({pair.document for pair in pairs})
    whole = f" in whole documents ({documents} are there)" if by_document else ""
    return (
        f"config.yaml, split: {parts} = {sum(sizes.values())} pairs are needed{whole}, the corpus has {len(pairs)};"
        " lower the sizes of the split or use a larger corpus"
    )
