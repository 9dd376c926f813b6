import copy
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.configuration.overlays import Layer, merge_layers, read_command_line
from collide.experiment.files import resolve_file

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


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
    assert runs == {"main": 48, "deepseek": 24, "gradient-swap": 6, "authors-protocol": 48, "format-dropped": 48}
    assert CONFIG["active_studies"] == ["main", "deepseek", "gradient-swap"]
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
        ("datasets/summeval/criteria/fluency/scale", [5, 1], ["datasets.summeval.criteria.fluency.scale is [5, 1]"]),
        ("datasets/summeval/criteria/Fluency", {}, ["datasets.summeval.criteria.Fluency lacks the key 'description'"]),
        ("active_studies", ["mian"], ["'mian'", "did you mean 'main'?"]),
        ("source", "simulate", ["source is 'simulate'", "did you mean 'simulated'?"]),
        ("protocols/paper/human_score", "expert4", ["protocols.paper.human_score is 'expert4'", "expert1, expert2, expert3"]),
        ("protocols/paper/batch", "shared", ["'protocols.paper.batch'", "did you mean 'batches'?"]),
        ("protocols/authors/temperatures", {"evaluator": 0}, ["protocols.authors.temperatures.evaluator"]),
        ("protocols/paper/examples", 158, ["studies.main.batch_size is 3, more than the 2 pairs", "158 examples"]),
        ("protocols/download", CONFIG["protocols"]["paper"], ["protocols.download", "use the name 'download'"]),
        ("protocols", {"authors": CONFIG["protocols"]["authors"]}, ["protocols lacks the key 'paper'", "names none"]),
        ("studies/main/protocol", "autors", ["studies.main.protocol", "'autors'", "did you mean 'authors'?"]),
        ("human_score", "mean", ["'human_score' is now called 'protocols.paper.human_score'"]),
        (
            "datasets/summeval/split/validation_from",
            "train",
            ["'datasets.summeval.split.validation_from' is now called 'protocols.paper.validation_from'"],
        ),
        (
            "datasets/summeval/criteria/fluency/scale",
            [0, 100_000],
            ["datasets.summeval.criteria.fluency.scale.1 is 100000", "maximum of 1000"],
        ),
        *(
            (
                f"datasets/summeval/criteria/{name}",
                CONFIG["datasets"]["summeval"]["criteria"]["fluency"],
                [f"datasets.summeval.criteria.{name}", f"use the name {name!r}"],
            )
            for name in ("all", "average", "mean", "n", "together")
        ),
        (
            f"datasets/summeval/criteria/{'x' * 300}",
            CONFIG["datasets"]["summeval"]["criteria"]["fluency"],
            ["datasets.summeval.criteria has the name 'xxx", "of 300 characters", "at most 80 characters"],
        ),
        ("datasets/summeval/criteria/fluency/scale", {"low": 0, "high": 1}, ["fluency.scale lacks 'step'"]),
        ("datasets/summeval/criteria/fluency/scale", {"low": 0, "high": 1, "step": 0.3}, ["do not reach 1"]),
        ("datasets/summeval/criteria/fluency/scale", {"low": 2, "high": 1, "step": 1}, ["scale.low is 2, not below high (1)"]),
        ("datasets/summeval/criteria/fluency/scale", {"classes": ["a", "b"], "step": 1}, ["has classes and 'step'"]),
        (
            "datasets/summeval/criteria/fluency/scale",
            {"low": 0, "high": 1, "step": 1, "ordered": True},
            ["'ordered' without classes"],
        ),
        ("datasets/summeval/criteria/fluency/scale", {"classes": [False, True]}, ["classes.0 is False", "put it in quotes"]),
        ("datasets/summeval/inputs", [{"noun": "text", "tag": "summary"}], ["two texts have the tag 'summary' in prompts"]),
        ("studies/main/dataset", "sumeval", ["studies.main.dataset names the data set 'sumeval'", "did you mean 'summeval'?"]),
        ("studies/main/seeds", [12345678901234567890123], ["studies.main.seeds.0 is 1234", "maximum of 2147483647"]),
        ("studies/Main", CONFIG["studies"]["main"], ["studies has the name 'Main'", "lower-case letters"]),
        ("studies/main-asymmetry", CONFIG["studies"]["main"], ["studies.main-asymmetry", "names that end with '-asymmetry'"]),
        ("bootstrap", {"resamples": 10, "level": 0.999, "seed": 0}, ["bootstrap.resamples is 10", "at least 2000"]),
        ("endpoints/openrouter/concurrency", 20, ["openrouter.concurrency is 20, more than max_concurrency (16)"]),
        ("endpoints/openrouter/max_in_flight", 12, ["openrouter.max_concurrency is 16, more than max_in_flight (12)"]),
        ("corpora", {}, ["'corpora' is now called 'datasets.summeval.file'"]),
        ("criteria", {}, ["'criteria' is now called 'datasets.summeval.criteria'"]),
        *(
            (f"studies/{name}", CONFIG["studies"]["main"], [f"studies.{name}", f"use the name {name!r}"])
            for name in ("all", "average", "cherrypick", "corpus", "initial", "journal", "mean", "retest", "total")
        ),
        (
            "endpoints/openrouter",
            {"base_url": "https://x.example/v1", "requests_per_minute": 60},
            ["endpoints.openrouter.requests_per_minute", "endpoints.openrouter.max_in_flight is not set"],
        ),
        ("models/qwen3-8b/live/thinking_off", "nothink", ["thinking_off is 'nothink'", "did you mean 'no_think'?"]),
        (
            "endpoints/openrouter/extra_body",
            {"reasoning": {"effort": "low"}},
            ["endpoints.openrouter.extra_body sets the field 'reasoning', which thinking_off sets, too"],
        ),
        ("endpoints/openrouter/headers", {"Authorization": "Bearer x"}, ["endpoints.openrouter.headers", "Authorization"]),
        ("models/command-r+", CONFIG["models"]["qwen3-8b"], ["models", "command-r+"]),
        ("studies/main/steps", 12.0, ["studies.main.steps is 12.0", "not of type 'integer'"]),
        ("roles/task/temperature", float("inf"), ["roles.task.temperature is inf", "not of type 'number'"]),
        ("cherrypick/ratios", [0.5, float("inf")], ["cherrypick.ratios.0 is 0.5", "minimum of 1"]),
        ("roles/task/temperature", float("nan"), ["roles.task.temperature is nan", "not of type 'number'"]),
        ("budget/total", float("inf"), ["budget.total is inf"]),
        ("replies/attempts", 101, ["replies.attempts is 101", "maximum of 100"]),
        ("diagnostics/evaluator", "claude-sonet", ["diagnostics.evaluator", "did you mean 'claude-sonnet'?"]),
        ("models/claude-sonnet/simulated", None, ["models.claude-sonnet.simulated is None"]),
        ("endpoints/simulator/extra_body/simulator/sed", 1, ["extra_body.simulator.sed'", "did you mean 'seed'?"]),
        ("endpoints/openrouter/extra_body", {"simulator": {"broken_rate": 1}}, ["did you mean 'broken_reply_rate'?"]),
        ("endpoints/simulator/extra_body/simulator/seed", "zero", ["extra_body.simulator.seed is 'zero'", "'integer'"]),
        ("endpoints/simulator/extra_body/simulator/broken_reply_rate", 1.5, ["broken_reply_rate is 1.5", "maximum of 1"]),
        ("endpoints/simulator/extra_body/simulater", {}, ["extra_body.simulater'", "did you mean 'simulator'?"]),
        ("appendix_example/study", "mian", ["appendix_example.study names the study 'mian'", "did you mean 'main'?"]),
        ("appendix_example/mode", "SCS", ["appendix_example.mode names the mode 'SCS'", "known: single-fluency, "]),
        ("appendix_example/mode", "single-flency", ["'single-flency'", "did you mean 'single-fluency'?"]),
        ("appendix_example/mode", "single", ["appendix_example.mode names the mode 'single'", "single-fluency"]),
        ("appendix_example/gate", "mea", ["appendix_example.gate is 'mea'", "did you mean 'mae'?"]),
        ("appendix_example/step", 0, ["appendix_example.step is 0", "minimum of 1"]),
        ("all_studies", ["main"], ["'all_studies' is now called 'active_studies'"]),
        ("example", {}, ["'example' is now called 'appendix_example'"]),
        ("budget/whole", 5, ["'budget.whole' is now called 'total'"]),
        ("studies/main/batch", 3, ["'studies.main.batch' is now called 'batch_size'"]),
        ("endpoints/openrouter/slots", 4, ["'endpoints.openrouter.slots' is now called 'max_in_flight'"]),
        ("endpoints/openrouter/key_variable", "K", ["'endpoints.openrouter.key_variable' is now called 'api_key_env'"]),
        ("cherrypick/study", "main", ["'cherrypick.study' is now called 'studies.{name}.cherrypick'"]),
        ("corpus", "https://example.org/main/summeval.jsonl", ["names no revision", "sha256"]),
        ("corpus", "HTTPS://example.org/main/summeval.jsonl", ["names no revision", "sha256"]),
    ],
)
def test_an_error_is_one_sentence_that_names_the_key(path, value, says):
    with pytest.raises(InputError) as caught:
        check_config(changed(path, value))
    sentence = str(caught.value)
    assert "\n" not in sentence
    for words in says:
        assert words in sentence


def test_a_missing_key_is_named_with_its_purpose():
    config = copy.deepcopy(CONFIG)
    del config["datasets"]["summeval"]["split"]["test"]
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
def test_an_example_that_is_not_run_is_no_error(key, value):
    check_config(changed(f"appendix_example/{key}", value) | {"active_studies": ["main"]})


def test_an_endpoint_may_have_fields_of_its_own_in_each_request():
    check_config(changed("endpoints/openrouter/extra_body", {"provider": {"order": ["a"]}, "simulator": {"seed": 3}}))


def test_each_source_has_a_default_corpus_and_the_users_own_overrides_it():
    assert resolve_file(CONFIG, "summeval", "simulated") == "embedded"
    assert resolve_file(CONFIG, "summeval", "live").startswith("https://")
    assert resolve_file(CONFIG, "summeval", "local") == resolve_file(CONFIG, "summeval", "live")
    assert resolve_file(CONFIG | {"corpus": "my.jsonl"}, "summeval", "live") == "my.jsonl"


def test_the_small_local_study_is_a_configuration():
    study = yaml.safe_load((ROOT / "docs" / "local-study.yaml").read_text(encoding="utf-8"))
    config = merge_layers([Layer("config.yaml", CONFIG), Layer("docs/local-study.yaml", study)])
    check_config(config)
    used = config["studies"]["main"]["models"].values()
    assert {config["models"][name]["local"]["endpoint"] for name in used} == {"llama-cpp"}


def with_command_line(*arguments):
    """Return the default configuration as a workflow sees it that was started with `--config` and the arguments."""
    return merge_layers([Layer("config.yaml", CONFIG), read_command_line(parse_config(arguments), arguments)])


def test_numbers_inside_braces_on_the_command_line_are_numbers():
    study = "studies={main: {seeds: [0, 3], models: {task: deepseek-flash}}}"
    config = with_command_line(study, "budget={total: 2.5, run: null}")
    check_config(config)
    assert config["studies"]["main"]["seeds"] == [0, 3]
    assert config["studies"]["main"]["models"] == {**CONFIG["studies"]["main"]["models"], "task": "deepseek-flash"}
    assert config["budget"] == {"run": None, "study": None, "total": 2.5}


def test_the_last_of_several_values_on_the_command_line_counts():
    config = with_command_line("budget={total: 1, study: 7}", "budget={total: 2}")
    assert config["budget"] == {"run": None, "study": 7, "total": 2}


def test_quotes_inside_braces_keep_a_text():
    body = with_command_line('endpoints={openrouter: {extra_body: {a: "5", b: 5}}}')["endpoints"]["openrouter"]["extra_body"]
    assert body == {"a": "5", "b": 5}


@pytest.mark.parametrize("argument", ["source=live", "budget={total: [}", "corpus='a b.jsonl'"])
def test_other_values_of_the_command_line_stay_as_snakemake_reads_them(argument):
    expected = copy.deepcopy(CONFIG)
    update_config(expected, parse_config([argument]))
    assert {**with_command_line(argument)} == expected


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("budget={whole: 5}", "'budget.whole' is now called 'total'"),
        ("budget={total: five}", "budget.total is 'five', but is not of type 'number', 'null'"),
        ("budget={total: 1e3x}", "budget.total is '1e3x'"),
    ],
)
def test_a_wrong_value_inside_braces_is_one_sentence(argument, says):
    with pytest.raises(InputError) as error:
        check_config(with_command_line(argument))
    assert says in str(error.value)
