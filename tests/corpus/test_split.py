"""Split of the corpus: exact sizes, no overlap, and the same pairs on every machine."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from collide.corpus.pairs import Pair
from collide.corpus.split import split_pairs
from collide.errors import InputError

PAIRS = [
    Pair(f"doc{document}/M{system}", f"doc{document}", f"M{system}", ("Text.",), "Sum.", {})
    for document in range(20)
    for system in range(16)
]
SIZES = {"train": 40, "validation": 20, "test": 100}


def ids(pairs):
    return [pair.id for pair in pairs]


def documents(pairs):
    return {pair.document for pair in pairs}


@pytest.mark.parametrize("unit", ["pair", "document"])
def test_splits_have_their_sizes_and_share_no_pair(unit):
    split = split_pairs(PAIRS, SIZES, seed=0, unit=unit)
    assert {name: len(pairs) for name, pairs in split.items()} == SIZES | {"examples": 0}
    assert len(set().union(*(ids(pairs) for pairs in split.values()))) == sum(SIZES.values())


def test_with_unit_document_no_document_is_in_two_splits():
    split = split_pairs(PAIRS, SIZES, seed=0, unit="document")
    train, validation, test, _ = (documents(pairs) for pairs in split.values())
    assert not train & validation and not train & test and not validation & test
    # 40, 20 and 100 pairs of documents with 16 pairs each: only the last document of a split is trimmed.
    assert [len(train), len(validation), len(test)] == [3, 2, 7]


def test_with_unit_pair_documents_are_in_several_splits():
    split = split_pairs(PAIRS, SIZES, seed=0)
    assert documents(split["train"]) & documents(split["test"])


@pytest.mark.parametrize("unit", ["pair", "document"])
def test_validation_from_train_draws_training_pairs(unit):
    split = split_pairs(PAIRS, SIZES, seed=0, unit=unit, validation_from="train")
    assert len(set(ids(split["validation"]))) == 20
    assert set(ids(split["validation"])) < set(ids(split["train"]))
    assert not set(ids(split["train"])) & set(ids(split["test"]))


@pytest.mark.parametrize("validation_from", ["outside", "train"])
def test_examples_are_training_pairs_that_no_batch_and_no_validation_shows(validation_from):
    plain = split_pairs(PAIRS, SIZES, seed=0, validation_from=validation_from)
    split = split_pairs(PAIRS, SIZES, seed=0, validation_from=validation_from, examples=3)
    assert split["train"] + split["examples"] == plain["train"]
    assert len(split["examples"]) == 3 and split["test"] == plain["test"]
    assert not set(ids(split["examples"])) & set(ids(split["validation"]))


def test_the_split_is_the_same_on_every_machine_and_in_every_order():
    split = split_pairs(PAIRS, SIZES, seed=0)
    assert split == split_pairs(Random(1).sample(PAIRS, len(PAIRS)), SIZES, seed=0)
    # The hash order must never change: runs of different machines and versions are compared pair by pair.
    assert ids(split["train"])[:3] == ["doc14/M9", "doc0/M15", "doc0/M7"]


def test_seed_and_corpus_change_the_split():
    train = ids(split_pairs(PAIRS, SIZES, seed=0)["train"])
    assert train != ids(split_pairs(PAIRS, SIZES, seed=1)["train"])
    other = ids(split_pairs(PAIRS[:-1], SIZES, seed=0)["train"])
    assert len(set(train) & set(other)) < 20


def test_a_different_test_size_keeps_training_and_validation_pairs():
    one, two = (split_pairs(PAIRS, SIZES | {"test": size}, seed=0) for size in (100, 160))
    assert one["train"] == two["train"] and one["validation"] == two["validation"]
    assert two["test"][:100] == one["test"]


def test_too_few_pairs_are_reported_with_counts():
    with pytest.raises(
        InputError, match=r"40 train \+ 20 validation \+ 300 test = 360 pairs are needed, but the corpus has 320"
    ):
        split_pairs(PAIRS, SIZES | {"test": 300}, seed=0)
    with pytest.raises(InputError, match=r"whole documents \(the corpus has 20\)"):
        # 3 + 2 + 16 documents: enough pairs, too few documents.
        split_pairs(PAIRS, SIZES | {"test": 250}, seed=0, unit="document")
    with pytest.raises(InputError, match=r"cannot draw 50 validation pairs from 40 training pairs"):
        split_pairs(PAIRS, SIZES | {"validation": 50}, seed=0, validation_from="train")


# The corpus puts 10 documents in train, 4 in validation and 6 in test.
GIVEN = [
    dataclasses.replace(pair, split="train" if place < 160 else "validation" if place < 224 else "test")
    for place, pair in enumerate(PAIRS)
]


def test_splits_of_the_corpus_are_kept_and_sizes_are_limits():
    split = split_pairs(GIVEN, {"train": 40, "validation": 1000, "test": 90}, seed=0)
    assert {name: len(pairs) for name, pairs in split.items()} == {"train": 40, "validation": 64, "test": 90, "examples": 0}
    assert all(pair.split == name for name, pairs in split.items() for pair in pairs)


def test_a_split_that_the_corpus_lacks_is_drawn_from_the_training_pairs():
    pairs = [dataclasses.replace(pair, split="train") if pair.split == "validation" else pair for pair in GIVEN]
    split = split_pairs(pairs, SIZES, seed=0, examples=2)
    assert {name: len(drawn) for name, drawn in split.items()} == {"train": 38, "validation": 20, "test": 96, "examples": 2}
    assert {pair.split for name in ("train", "validation", "examples") for pair in split[name]} == {"train"}
    assert not set(ids(split["train"])) & set(ids(split["validation"]))
    with pytest.raises(InputError, match=r"220 train \+ 20 validation = 240 pairs are needed, but the corpus has 224 pairs"):
        split_pairs(pairs, {"train": 220, "validation": 20, "test": 1}, seed=0)
