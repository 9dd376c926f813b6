"""Presets: with a file each of them is a whole block of `datasets`, and its keys are checked as those of any block."""

from pathlib import Path

import pytest
import yaml

from collide.corpus.preset_reader import list_presets, read_preset
from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.configuration.overlays import Layer, insert_presets, merge_layers

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def lay_over(change):
    """The default configuration with a change, after its check."""
    layers = insert_presets([Layer("config.yaml", CONFIG), Layer("mine.yaml", change)])
    config = merge_layers(layers)
    check_config(config, layers)
    return config


def test_an_unknown_preset_is_refused():
    with pytest.raises(InputError, match=r"the preset 'hana' does not exist; did you mean hanna\?"):
        read_preset("hana")
    with pytest.raises(InputError, match=r"the preset 'x' does not exist; expected one of asap-pp, brighter, "):
        read_preset("x")


@pytest.mark.parametrize("name", [name for name in list_presets() if name != "summeval"])
def test_a_preset_and_a_file_are_a_whole_block(name):
    study = CONFIG["studies"]["main"] | {"dataset": name}
    config = lay_over(
        {"datasets": {name: {"preset": name, "file": "a.csv"}}, "studies": {"mine": study}, "active_studies": ["mine"]}
    )
    assert config["datasets"][name].keys() == {"preset", "file", "records", "inputs", "output", "criteria", "split"}


def test_summevals_block_has_the_columns_of_its_preset():
    assert [block["layout"] for block in lay_over({})["datasets"]["summeval"]["records"]] == ["mteb", "release", "geval"]


@pytest.mark.parametrize("study", ["brighter", "asap-pp", "emscad", "gitbugs"])
def test_the_next_studies_can_be_switched_on(study):
    page = yaml.safe_load((ROOT / "docs/next-studies.yaml").read_text(encoding="utf-8"))
    config = lay_over(page | {"active_studies": [study]})
    assert config["studies"][study]["dataset"] == study
    assert "disgust" not in config["datasets"]["brighter"]["criteria"]


BAD_RECORDS = {
    "an unknown key": ({"documnt": "id"}, r"unknown key 'datasets\.mine\.records\.documnt', did you mean 'document'\?"),
    "a number for a column": ({"document": 3}, r"datasets\.mine\.records\.document is 3, but "),
    "a key of a layout": ([{"layout": "a", "inputs": "text"}], r"datasets\.mine\.records\.0\.inputs is 'text', but "),
    "no column of the split": ({"split": {"train": "train"}}, r"datasets\.mine\.records\.split lacks the key 'column'"),
    "a column too many": (
        {"inputs": ["a", "b"]},
        r"datasets\.mine\.records\.inputs has 2 entries, but datasets\.mine\.inputs has 1; expected a column for each input",
    ),
    "a column too few in a layout": ([{}, {"inputs": []}], r"datasets\.mine\.records\.1\.inputs has 0 entries"),
    "yes without quotation marks": ({"values": {"t": True}}, r"datasets\.mine\.records\.values\.t is True, but "),
}


@pytest.mark.parametrize(("records", "message"), BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_a_wrong_key_of_records_is_named(records, message):
    block = read_preset("hanna") | {"file": "a.csv", "records": records}
    with pytest.raises(InputError, match=message):
        lay_over({"datasets": {"mine": block}})
