"""The split: sizes, sides that do not overlap, and the same choice everywhere."""

from __future__ import annotations

from random import Random

import pytest

from collide.corpus.pairs import Pair
from collide.corpus.split import split_pairs
from collide.errors import InputError

PAIRS = [
    Pair(f"doc{document}/M{system}", f"doc{document}", f"M{system}", "Text.", "Sum.", {})
    for document in range(20)
    for system in range(16)
]
SIZES = {"train": 40, "validation": 20, "test": 100}


def ids(pairs):
    return [pair.id for pair in pairs]


def documents(pairs):
    return {pair.document for pair in pairs}


@pytest.mark.parametrize("unit", ["pair", "document"])
def test_sides_have_their_sizes_and_share_no_pair(unit):
    split = split_pairs(PAIRS, SIZES, seed=0, unit=unit)
    assert {name: len(side) for name, side in split.items()} == SIZES
    assert len(set().union(*(ids(side) for side in split.values()))) == sum(SIZES.values())


def test_by_document_no_document_stands_on_two_sides():
    split = split_pairs(PAIRS, SIZES, seed=0, unit="document")
    train, validation, test = (documents(side) for side in split.values())
    assert not train & validation and not train & test and not validation & test
    # 40, 20 and 100 pairs of documents with 16 pairs each: only the last document of a side is trimmed.
    assert [len(train), len(validation), len(test)] == [3, 2, 7]


def test_by_pair_documents_stand_on_several_sides():
    split = split_pairs(PAIRS, SIZES, seed=0)
    assert documents(split["train"]) & documents(split["test"])


@pytest.mark.parametrize("unit", ["pair", "document"])
def test_validation_from_train_is_a_part_of_it(unit):
    split = split_pairs(PAIRS, SIZES, seed=0, unit=unit, validation_from="train")
    assert len(set(ids(split["validation"]))) == 20
    assert set(ids(split["validation"])) < set(ids(split["train"]))
    assert not set(ids(split["train"])) & set(ids(split["test"]))


def test_the_choice_is_the_same_on_every_machine_and_in_every_order():
    split = split_pairs(PAIRS, SIZES, seed=0)
    assert split == split_pairs(Random(1).sample(PAIRS, len(PAIRS)), SIZES, seed=0)
    # The order of hashes: it must never change, or runs of different machines could not be compared.
    assert ids(split["train"])[:3] == ["doc14/M9", "doc0/M15", "doc0/M7"]


def test_seed_and_corpus_change_the_choice():
    train = ids(split_pairs(PAIRS, SIZES, seed=0)["train"])
    assert train != ids(split_pairs(PAIRS, SIZES, seed=1)["train"])
    other = ids(split_pairs(PAIRS[:-1], SIZES, seed=0)["train"])
    assert len(set(train) & set(other)) < 20


def test_another_test_size_leaves_training_and_validation_alone():
    one, two = (split_pairs(PAIRS, SIZES | {"test": size}, seed=0) for size in (100, 160))
    assert one["train"] == two["train"] and one["validation"] == two["validation"]
    assert two["test"][:100] == one["test"]


def test_too_few_pairs_are_counted():
    with pytest.raises(InputError, match=r"40 train \+ 20 validation \+ 300 test = 360 pairs are needed, the corpus has 320"):
        split_pairs(PAIRS, SIZES | {"test": 300}, seed=0)
    with pytest.raises(InputError, match=r"whole documents \(20 are there\)"):
        # 3 + 2 + 16 documents: enough pairs, too few documents.
        split_pairs(PAIRS, SIZES | {"test": 250}, seed=0, unit="document")
    with pytest.raises(InputError, match=r"50 validation pairs are to come from 40 training pairs"):
        split_pairs(PAIRS, SIZES | {"validation": 50}, seed=0, validation_from="train")
