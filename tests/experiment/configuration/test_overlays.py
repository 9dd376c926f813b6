import pytest

from collide.corpus.preset_reader import read_preset
from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.configuration.overlays import (
    Layer,
    find_layer,
    insert_presets,
    merge_layers,
    read_command_line,
    read_layer,
)
from tests.dataset import CONFIG

DEFAULT = Layer("config.yaml", CONFIG)


def overlay(**settings):
    return Layer("mine.yaml", settings)


def test_null_removes_a_criterion_a_study_and_a_model_and_stays_a_value_elsewhere():
    mine = overlay(
        datasets={"summeval": {"criteria": {"fluency": None}}},
        studies={"format-dropped": None},
        models={"claude-sonnet": None},
        budget={"total": None},
    )
    merged = merge_layers([DEFAULT, mine])
    assert list(merged["datasets"]["summeval"]["criteria"]) == ["relevance", "coherence", "consistency"]
    assert "format-dropped" not in merged["studies"] and "claude-sonnet" not in merged["models"]
    assert merged["budget"]["total"] is None
    assert "fluency" in CONFIG["datasets"]["summeval"]["criteria"]


def test_a_marked_block_replaces_the_one_below_it():
    tone = {"description": "Tone.", "scale": [0, 2], "initial_instruction": "Rate."}
    mine = overlay(datasets={"summeval": {"criteria": {"replace": True, "tone": tone}}})
    merged = merge_layers([DEFAULT, mine])
    assert merged["datasets"]["summeval"]["criteria"] == {"tone": tone}
    assert merged["datasets"]["summeval"]["split"] == CONFIG["datasets"]["summeval"]["split"]


def test_a_criterion_may_be_called_replace():
    mine = overlay(datasets={"summeval": {"criteria": {"replace": {"scale": [0, 2]}}}})
    assert len(merge_layers([DEFAULT, mine])["datasets"]["summeval"]["criteria"]) == 5


def test_the_command_line_replaces_and_removes_too():
    arguments = ["studies={format-dropped: null}", "studies={deepseek: {replace: true, steps: 1}}"]
    line = read_command_line({"studies": {}}, arguments)
    merged = merge_layers([DEFAULT, line])
    assert "format-dropped" not in merged["studies"]
    assert merged["studies"]["deepseek"] == {"steps": 1}


def test_a_block_has_its_own_keys_and_those_of_its_preset():
    block = {
        "preset": "brighter",
        "file": "data/eng",
        "criteria": {"disgust": None, "joy": {"initial_instruction": "Happy?"}},
        "split": {"train": 8},
        "records": {"split": None},
    }
    filled = merge_layers(insert_presets([DEFAULT, overlay(datasets={"feelings": block})]))["datasets"]["feelings"]
    preset = read_preset("brighter")
    assert list(filled["criteria"]) == ["anger", "fear", "joy", "sadness", "surprise"]
    assert filled["criteria"]["joy"] == preset["criteria"]["joy"] | {"initial_instruction": "Happy?"}
    assert filled["split"] == preset["split"] | {"train": 8}
    assert filled["file"] == "data/eng" and "split" not in filled["records"]
    assert filled["output"] == preset["output"]


def test_an_unknown_preset_names_the_layer():
    with pytest.raises(InputError, match=r"mine.yaml: datasets.x.preset: the preset 'hana' does not exist; did you mean hanna"):
        insert_presets([DEFAULT, overlay(datasets={"x": {"preset": "hana"}})])


@pytest.mark.parametrize(
    ("layers", "begins"),
    [
        ([DEFAULT, overlay(studies={"main": {"steps": 0}})], "mine.yaml: studies.main.steps is 0"),
        ([DEFAULT, overlay(studies={"main": {"sts": 0}})], "mine.yaml: unknown key 'studies.main.sts'"),
        ([DEFAULT, overlay(studies={"main": {"models": {"task": "qwen"}}})], "mine.yaml: studies.main.models.task names"),
        ([DEFAULT, overlay(tables={}), Layer("--config", {"source": "x"})], "--config: source is 'x'"),
        # The study that the overlay removes is named by a key of config.yaml.
        ([DEFAULT, overlay(studies={"main": None})], "config.yaml: active_studies names the study 'main'"),
    ],
)
def test_a_fault_names_the_layer_that_sets_the_key(layers, begins):
    with pytest.raises(InputError) as caught:
        check_config(merge_layers(layers), layers)
    assert str(caught.value).startswith(begins)


def test_the_last_layer_that_sets_a_key_is_named():
    layers = [DEFAULT, overlay(split={"a": 1}), Layer("other.yaml", {"split": {"b": 1}})]
    assert find_layer(layers, ["split", "a"]) == "mine.yaml"
    assert find_layer(layers, ["split", "c"]) == "other.yaml"
    assert find_layer(layers, ["nowhere"]) == "config.yaml"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: {c: 1, d: 2,\n  c: 3}\n", "line 3: the key 'c' also stands in line 2"),
        ('{"a": 1,\n"a": 2}', "line 2: the key 'a' also stands in line 1"),
        ("a: [", "cannot be read as YAML"),
        ("- a\n", "found list; expected keys as in config.yaml"),
        ("just text", "found str"),
    ],
)
def test_a_file_with_a_fault_is_one_sentence(tmp_path, text, says):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        read_layer(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_an_anchor_may_be_merged_twice_and_an_empty_file_sets_nothing(tmp_path):
    (tmp_path / "anchors.yaml").write_text("a: &a {x: 1}\nb: &b {y: 2}\nc: {<<: *a, x: 3}\nd: {<<: [*a, *b]}\n")
    assert read_layer(tmp_path / "anchors.yaml").settings["c"] == {"x": 3}
    (tmp_path / "empty.yaml").write_text("")
    assert read_layer(tmp_path / "empty.yaml").settings == {}


def test_a_key_that_stands_twice_on_the_command_line_is_a_fault():
    with pytest.raises(InputError, match="--config studies, line 1: the key 'steps' also stands"):
        read_command_line({"studies": {}}, ["studies={main: {steps: 1, steps: 2}}"])
