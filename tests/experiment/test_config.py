import copy
from pathlib import Path

import pytest
import yaml

from collide.errors import InputError
from collide.experiment.config import check_config, corpus_of

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))


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
        ("criteria/fluency/scale", [0, 100_000], ["criteria.fluency.scale.1 is 100000", "maximum of 1000"]),
        ("criteria/average", CONFIG["criteria"]["fluency"], ["criteria.average", "'average' is taken"]),
        *(
            (f"studies/{name}", CONFIG["studies"]["main"], [f"studies.{name}", f"{name!r} is taken"])
            for name in ("cherrypick", "corpus", "initial", "journal")
        ),
        (
            "endpoints/openrouter",
            {"base_url": "https://x.example/v1", "requests_per_minute": 60},
            ["endpoints.openrouter.requests_per_minute", "endpoints.openrouter.slots is not set"],
        ),
        ("models/command-r+", CONFIG["models"]["qwen3-8b"], ["models", "command-r+"]),
        ("studies/main/steps", 12.0, ["studies.main.steps is 12.0", "not of type 'integer'"]),
        ("roles/task/temperature", float("nan"), ["roles.task.temperature is nan", "not of type 'number'"]),
        ("budget/whole", float("inf"), ["budget.whole is inf"]),
        ("replies/attempts", 101, ["replies.attempts is 101", "maximum of 100"]),
        ("diagnostics/evaluator", "claude-sonet", ["diagnostics.evaluator", "did you mean 'claude-sonnet'?"]),
        ("models/claude-sonnet/simulated", None, ["models.claude-sonnet.simulated is None"]),
        ("endpoints/simulator/extra_body/simulator/sed", 1, ["extra_body.simulator.sed'", "did you mean 'seed'?"]),
        ("endpoints/openrouter/extra_body/simulator", {"broken_rate": 1}, ["did you mean 'broken_reply_rate'?"]),
        ("endpoints/simulator/extra_body/simulator/seed", "zero", ["extra_body.simulator.seed is 'zero'", "'integer'"]),
        ("endpoints/simulator/extra_body/simulator/broken_reply_rate", 1.5, ["broken_reply_rate is 1.5", "maximum of 1"]),
        ("endpoints/simulator/extra_body/simulater", {}, ["extra_body.simulater'", "did you mean 'simulator'?"]),
        ("example/study", "mian", ["example.study names the study 'mian'", "did you mean 'main'?"]),
        ("example/mode", "SCS", ["example.mode names the mode 'SCS'", "known: single-fluency, "]),
        ("example/mode", "single-flency", ["'single-flency'", "did you mean 'single-fluency'?"]),
        ("example/mode", "single", ["example.mode names the mode 'single'", "single-fluency"]),
        ("example/gate", "mea", ["example.gate is 'mea'", "did you mean 'mae'?"]),
        ("example/step", -1, ["example.step is -1", "minimum of 0"]),
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


def test_a_model_must_be_defined_for_the_source():
    config = copy.deepcopy(CONFIG)
    del config["models"]["claude-sonnet"]["simulated"]
    with pytest.raises(InputError, match=r"diagnostics\.evaluator .* does not define for source 'simulated'"):
        check_config(config)


@pytest.mark.parametrize(
    ("key", "value"), [("study", "deepseek"), ("mode", "single-fluency"), ("gate", "spearman"), ("seed", 7), ("step", 99)]
)
def test_an_example_that_is_merely_not_run_is_no_fault(key, value):
    check_config(changed(f"example/{key}", value) | {"all_studies": ["main"]})


def test_an_endpoint_may_ask_for_anything_of_its_own():
    check_config(changed("endpoints/openrouter/extra_body", {"reasoning": {"effort": "low"}, "simulator": {"seed": 3}}))


def test_each_source_has_a_default_corpus_and_a_given_one_goes_before():
    assert corpus_of(CONFIG, "simulated") == "embedded"
    assert corpus_of(CONFIG, "live").startswith("https://")
    assert corpus_of(CONFIG | {"corpus": "my.jsonl"}, "live") == "my.jsonl"
