"""Presets: their keys fill a block of `datasets`, whose own keys win."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from collide.corpus.preset_reader import fill_from_preset, fill_presets, list_presets, read_preset
from collide.errors import InputError
from collide.experiment.config import check_config

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def lay_over(change):
    """The default configuration with a change, its blocks of data sets filled from their presets."""
    config = copy.deepcopy(CONFIG)
    update_config(config, change)
    fill_presets(config)
    return config


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


def test_a_block_of_an_unknown_preset_is_named():
    with pytest.raises(InputError, match=r"datasets\.mine: the preset 'hana' does not exist; did you mean hanna\?"):
        lay_over({"datasets": {"mine": {"preset": "hana", "file": "a.csv"}}})


@pytest.mark.parametrize("name", [name for name in list_presets() if name != "summeval"])
def test_a_preset_and_a_file_are_a_whole_block(name):
    study = CONFIG["studies"]["main"] | {"dataset": name}
    config = lay_over(
        {"datasets": {name: {"preset": name, "file": "a.csv"}}, "studies": {"mine": study}, "active_studies": ["mine"]}
    )
    check_config(config)
    assert config["datasets"][name].keys() == {"preset", "file", "records", "inputs", "output", "criteria", "split"}


def test_summevals_block_has_the_columns_of_its_preset():
    assert [block["layout"] for block in lay_over({})["datasets"]["summeval"]["records"]] == ["mteb", "release", "geval"]


@pytest.mark.parametrize("study", ["brighter", "asap-pp", "emscad", "gitbugs"])
def test_the_next_studies_can_be_switched_on(study):
    page = yaml.safe_load((ROOT / "docs/next-studies.yaml").read_text(encoding="utf-8"))
    config = lay_over(page | {"active_studies": [study]})
    check_config(config)
    assert config["studies"][study]["dataset"] == study
    assert "disgust" not in config["datasets"]["brighter"]["criteria"]


BAD_RECORDS = {
    "an unknown key": ({"documnt": "id"}, r"unknown key 'datasets\.mine\.records\.documnt', did you mean 'document'\?"),
    "a number for a column": ({"document": 3}, r"datasets\.mine\.records\.document is 3, but "),
    "a key of a layout": ([{"layout": "a", "inputs": "text"}], r"datasets\.mine\.records\.0\.inputs is 'text', but "),
    "no column of the split": ({"split": {"train": "train"}}, r"datasets\.mine\.records\.split lacks the key 'column'"),
    "yes without quotation marks": ({"values": {"t": True}}, r"datasets\.mine\.records\.values\.t is True, but "),
}


@pytest.mark.parametrize(("records", "message"), BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_a_wrong_key_of_records_is_named(records, message):
    block = read_preset("hanna") | {"file": "a.csv", "records": records}
    with pytest.raises(InputError, match=message):
        check_config(lay_over({"datasets": {"mine": block}}))
