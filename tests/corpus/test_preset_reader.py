"""Presets: their keys fill a block of `datasets`, whose own keys win."""

from __future__ import annotations

import pytest

from collide.corpus.preset_reader import fill_from_preset, read_preset
from collide.errors import InputError


def test_a_block_has_its_own_keys_and_those_of_its_preset():
    block = {
        "preset": "brighter",
        "file": "data/eng",
        "criteria": {"disgust": None, "joy": {"initial_instruction": "Happy?"}},
        "split": {"train": 8},
        "records": {"split": None},
    }
    filled, preset = fill_from_preset(block), read_preset("brighter")
    assert list(filled["criteria"]) == ["anger", "fear", "joy", "sadness", "surprise"]
    assert filled["criteria"]["joy"] == preset["criteria"]["joy"] | {"initial_instruction": "Happy?"}
    assert filled["split"] == preset["split"] | {"train": 8}
    assert filled["file"] == "data/eng" and "split" not in filled["records"]
    assert filled["output"] == preset["output"]


def test_a_block_without_a_preset_is_as_it_was():
    assert fill_from_preset({"file": "a.csv"}) == {"file": "a.csv"}


def test_an_unknown_preset_is_refused():
    with pytest.raises(InputError, match=r"the preset 'hana' does not exist; did you mean hanna\?"):
        read_preset("hana")
    with pytest.raises(InputError, match=r"the preset 'x' does not exist; expected one of asap-pp, brighter, "):
        read_preset("x")
