"""Models and the client's settings, as rules pass them on."""

import copy
import json
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from collide.experiment.models import (
    collect_client_settings,
    list_called_models,
    resolve_study_models,
    resolve_task_model,
    separate_overlaid_models,
)
from collide.llm.request import Request

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))


def changed(*path, value):
    config = copy.deepcopy(CONFIG)
    section = config
    for name in path[:-1]:
        section = section[name]
    section[path[-1]] = value
    return config


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("endpoints", "openrouter", "concurrency"), 99),
        (("endpoints", "openrouter", "api_key_env"), "OTHER_KEY"),
        (("models", "qwen3-8b", "live", "price_in"), 99.0),
        (("budget", "total"), 99.0),
    ],
)
def test_limits_prices_and_budget_are_client_settings_and_no_part_of_a_model(path, value):
    config = changed(*path, value=value)
    assert resolve_study_models(config, "main", "live") == resolve_study_models(CONFIG, "main", "live")
    assert collect_client_settings(config, "live") != collect_client_settings(CONFIG, "live")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("roles", "task", "temperature"), 0.9),
        (("models", "qwen3-8b", "live", "name"), "other"),
        (("endpoints", "openrouter", "base_url"), "https://other.example/v1"),
        (("endpoints", "openrouter", "extra_body"), {"other": 1}),
        (("endpoints", "openrouter", "fields"), {"seed": None}),
        (("models", "qwen3-8b", "live", "extra_body"), {"other": 1}),
        (("models", "qwen3-8b", "live", "fields"), {"seed": None}),
        (("models", "qwen3-8b", "live", "structured_output"), "json_schema"),
        (("models", "qwen3-8b", "live", "thinking_off"), "no_think"),
        (("models", "qwen3-8b", "live", "answer_in"), "reasoning_content"),
        (("endpoints", "openrouter", "thinking_off"), "none"),
        (("endpoints", "openrouter", "answer_in"), "reasoning"),
        (("models", "qwen3-8b", "live", "repeat_task"), True),
    ],
)
def test_what_shapes_replies_is_part_of_a_model_and_no_client_setting(path, value):
    config = changed(*path, value=value)
    assert resolve_task_model(config, "main", "live") != resolve_task_model(CONFIG, "main", "live")
    assert collect_client_settings(config, "live") == collect_client_settings(CONFIG, "live")


def test_the_switch_and_the_answers_field_of_a_model_come_before_those_of_its_endpoint():
    body = resolve_task_model(CONFIG, "main", "live")["task"]["extra_body"]
    assert body == {"reasoning": {"enabled": False}}
    marked = changed("models", "qwen3-8b", "live", "thinking_off", value="no_think")
    task = resolve_task_model(marked, "main", "live")["task"]
    assert (task["extra_body"], task["user_mark"]) == ({}, "/no_think")
    own = changed("models", "qwen3-8b", "live", "extra_body", value={"reasoning": {"effort": "low"}})
    assert resolve_task_model(own, "main", "live")["task"]["extra_body"] == {"reasoning": {"effort": "low"}}
    marked["endpoints"]["openrouter"]["answer_in"] = "reasoning"
    assert resolve_task_model(marked, "main", "live")["task"]["answer_in"] == "reasoning"
    marked["models"]["qwen3-8b"]["live"]["answer_in"] = "reasoning_content"
    assert resolve_task_model(marked, "main", "live")["task"]["answer_in"] == "reasoning_content"


def test_a_model_laid_over_another_one_inherits_nothing_of_it():
    overlay = {
        "endpoints": {"mine": {"base_url": "http://127.0.0.1:8000/v1"}},
        "models": {
            "qwen3-8b": {"live": {"endpoint": "mine", "name": "free"}, "local": {"name": "other", "price_in": 1.0}},
            "qwen3-235b": {
                "live": {"endpoint": "openrouter", "name": "qwen/qwen3-235b-a22b", "structured_output": "json_object"}
            },
        },
    }
    config = copy.deepcopy(CONFIG)
    update_config(config, overlay)
    separate_overlaid_models(config, CONFIG, overlay)
    assert config["models"]["qwen3-8b"]["live"] == {"endpoint": "mine", "name": "free"}
    assert config["models"]["qwen3-8b"]["local"] == {"endpoint": "llama-cpp", "name": "other", "price_in": 1.0}
    same = config["models"]["qwen3-235b"]["live"]
    assert same == CONFIG["models"]["qwen3-235b"]["live"] | {"structured_output": "json_object"}
    assert config["models"]["claude-sonnet"] == CONFIG["models"]["claude-sonnet"]
    moved = {"endpoints": {"openrouter": {"base_url": "http://127.0.0.1:8000/v1"}}}
    config = copy.deepcopy(CONFIG)
    update_config(config, moved)
    separate_overlaid_models(config, CONFIG, moved)
    assert config["models"]["qwen3-8b"]["live"] == {"endpoint": "openrouter", "name": "qwen/qwen3-8b"}


def test_the_key_of_a_request_that_was_made_before_stays():
    # Computed by an earlier version of the code. Another value would pay again for the replies in users' journals.
    task = resolve_task_model(CONFIG, "main", "live")["task"]
    messages = ({"role": "system", "content": "Rate."}, {"role": "user", "content": "A \u201csummary\u201d."})
    fields = ("temperature", "max_tokens"), ("extra_body", "fields", "answer_in")
    sampling, rest = ([task[name] for name in names] for names in fields)
    request = Request(task["base_url"], task["name"], messages, *sampling, 7, 1, *rest)
    assert request.compute_key() == "fa2911d6c0e728f463c6d0afb401abf4"


def test_only_the_judge_may_repeat_the_task():
    models = resolve_study_models(CONFIG, "main", "local")
    assert {role: model.get("repeat_task") for role, model in models.items()} == {
        "task": True,
        "loss": None,
        "gradient": None,
        "optimizer": None,
    }


def test_the_client_settings_of_a_source_are_json_and_name_its_own_endpoints_alone():
    live, simulated = (collect_client_settings(CONFIG, source) for source in ("live", "simulated"))
    assert json.loads(json.dumps(live)) == live
    assert list(live["endpoints"]) == ["openrouter"]
    assert list(simulated["endpoints"]) == ["simulator"]
    assert list(live["prices"]) == list(simulated["prices"]) == list(CONFIG["models"])


def test_a_protocol_may_set_temperatures_of_roles():
    plain, authors = (resolve_study_models(CONFIG, study, "live") for study in ("main", "authors-protocol"))
    assert {role: model["temperature"] for role, model in authors.items()} == {
        "task": 0.1,
        "loss": 0.7,
        "gradient": 0.7,
        "optimizer": 0.7,
    }
    assert plain["loss"]["temperature"] == 0.3
    assert authors["task"] == plain["task"]


def test_the_called_models_are_those_of_the_active_studies_in_their_roles_and_the_evaluator():
    called = list_called_models(CONFIG, "live")
    assert {name: list(roles) for name, roles in called.items()} == {
        "qwen3-8b": ["task"],
        "qwen3-235b": ["loss", "gradient", "optimizer"],
        "deepseek-flash": ["task"],
        "deepseek-pro": ["loss", "gradient", "optimizer"],
        "claude-sonnet": ["evaluator"],
    }
    assert called["qwen3-235b"]["optimizer"]["max_tokens"] == CONFIG["roles"]["optimizer"]["max_tokens"]
    assert "deepseek-pro" not in list_called_models(changed("active_studies", value=["main"]), "live")
