import copy
from pathlib import Path

import pytest
import yaml

from collide.config import check_config, corpus_of
from collide.errors import InputError

CONFIG = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8"))


def changed(path, value):
    config = copy.deepcopy(CONFIG)
    *parents, last = path.split("/")
    place = config
    for key in parents:
        place = place[key]
    place[last] = value
    return config


def test_the_default_is_the_papers_design_at_full_size():
    check_config(CONFIG)
    runs = {
        name: len(study["gates"]) * len(study["seeds"]) * sum(4 if mode == "single" else 1 for mode in study["modes"])
        for name, study in CONFIG["studies"].items()
    }
    assert runs == {"main": 48, "deepseek": 24, "gradient-swap": 6}
    assert CONFIG["all_studies"] == list(CONFIG["studies"])
    assert {study["steps"] for study in CONFIG["studies"].values()} == {12}


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("sorce", "live", ["unknown key 'sorce'", "did you mean 'source'?"]),
        ("studies/main/seed", [0], ["'studies.main.seed'", "did you mean 'seeds'?"]),
        ("studies/main/modes", ["SSX"], ["studies.main.modes.0 is 'SSX'", "did you mean 'SSS'?"]),
        ("studies/main/gates", ["mea"], ["studies.main.gates.0", "did you mean 'mae'?"]),
        ("studies/main/steps", 0, ["studies.main.steps is 0", "minimum of 1"]),
        ("studies/main/models/task", "qwen-8b", ["qwen-8b", "did you mean 'qwen3-8b'?"]),
        (
            "models/qwen3-8b/live/endpoint",
            "openrooter",
            ["models.qwen3-8b.live.endpoint", "did you mean 'openrouter'?"],
        ),
        ("criteria/fluency/scale", [5, 1], ["criteria.fluency.scale is [5, 1]"]),
        ("criteria/Fluency", {}, ["criteria", "Fluency"]),
        ("all_studies", ["mian"], ["'mian'", "did you mean 'main'?"]),
        ("source", "simulate", ["source is 'simulate'", "did you mean 'simulated'?"]),
        ("human_score", "expert4", ["human_score is 'expert4'", "expert1, expert2, expert3"]),
        ("corpus", "https://example.org/main/summeval.jsonl", ["names no revision", "sha256"]),
    ],
)
def test_a_fault_is_one_sentence_that_names_the_key(path, value, says):
    with pytest.raises(InputError) as caught:
        check_config(changed(path, value))
    sentence = str(caught.value)
    assert "\n" not in sentence
    for words in says:
        assert words in sentence


def test_a_missing_key_is_named_with_what_it_is_for():
    config = copy.deepcopy(CONFIG)
    del config["split"]["test"]
    with pytest.raises(InputError, match=r"split lacks the key 'test' \(Pairs that prompts are evaluated on\)"):
        check_config(config)


def test_each_source_has_a_default_corpus_and_a_given_one_goes_before():
    assert corpus_of(CONFIG, "simulated") == "embedded"
    assert corpus_of(CONFIG, "live").startswith("https://")
    assert corpus_of(CONFIG | {"corpus": "my.jsonl"}, "live") == "my.jsonl"
