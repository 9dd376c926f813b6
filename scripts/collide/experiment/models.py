"""Models as a source defines them: what shapes their replies, and their prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.experiment.runs import DEFAULT_PROTOCOL, protocol_name
from collide.experiment.sources import PUBLISHED
from collide.llm.replies.thinking_switches import THINKING_SWITCHES, ThinkingSwitch
from collide.llm.transport.shared_limits import share_limits

# Settings of an endpoint, and of a model beside it, that shape requests and what is read from replies.
REQUEST_SETTINGS = ("extra_body", "fields", "thinking_off", "answer_in")
PRICES = ("price_in", "price_out", "price_cached")


def resolve_model(
    config: Mapping[str, Any], name: str, role: str, source: str, protocol: str = DEFAULT_PROTOCOL
) -> dict[str, Any]:
    """Return all settings that shape the replies of a model in a role, and nothing else. A protocol may set the temperature.
    Settings of the model come before those of its endpoint.

    They are parameters of rules: a change of one of them reruns the jobs that call the model. Limits and prices shape no
    reply, so they are left out.
    """
    model = config["models"][name][source]
    endpoint = config["endpoints"][model["endpoint"]]
    temperatures = config["protocols"][protocol]["temperatures"]
    switch = find_thinking_switch(config, model)
    return {
        "model": name,
        "endpoint": model["endpoint"],
        "name": model["name"],
        "base_url": endpoint.get("base_url", ""),
        "structured_output": model.get("structured_output", ""),
        "extra_body": endpoint.get("extra_body", {}) | switch.fields | model.get("extra_body", {}),
        "fields": endpoint.get("fields", {}) | model.get("fields", {}),
        "user_mark": switch.mark,
        "answer_in": model.get("answer_in", endpoint.get("answer_in", "")),
        # Only the judge's prompt repeats the task.
        **({"repeat_task": model.get("repeat_task", False)} if role == "task" else {}),
        **config["roles"][role],
        **({"temperature": temperatures[role]} if role in temperatures else {}),
    }


def find_thinking_switch(config: Mapping[str, Any], model: Mapping[str, Any]) -> ThinkingSwitch:
    """Return the switch that turns reasoning off for the settings of a model in a source: its own, or that of its endpoint."""
    endpoint = config["endpoints"][model["endpoint"]]
    return THINKING_SWITCHES[model.get("thinking_off", endpoint.get("thinking_off", "none"))]


def resolve_study_models(config: Mapping[str, Any], study: str, source: str) -> dict[str, dict[str, Any]]:
    """Return the model of each role of a study, resolved."""
    models, protocol = config["studies"][study]["models"], protocol_name(config, study)
    return {role: resolve_model(config, name, role, source, protocol) for role, name in models.items()}


def resolve_task_model(config: Mapping[str, Any], study: str, source: str) -> dict[str, dict[str, Any]]:
    """Return the resolved task model of a study, the only one that an evaluation calls, as a dictionary of one role."""
    return {"task": resolve_study_models(config, study, source)["task"]}


def repeats_task(config: Mapping[str, Any], study: str, source: str) -> bool | None:
    """Return the setting `repeat_task` of a study's judge; None in source `published`, whose judge got other prompts."""
    return None if source == PUBLISHED else resolve_task_model(config, study, source)["task"]["repeat_task"]


def list_called_models(config: Mapping[str, Any], source: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the models that the active studies and the diagnostics call, resolved, by name and role.

    Protocols may give a role other temperatures; the first study that calls a model in a role decides. Source `published` calls
    none.
    """
    if source == PUBLISHED:
        return {}
    called: dict[str, dict[str, dict[str, Any]]] = {}
    for study in config["active_studies"]:
        for role, model in resolve_study_models(config, study, source).items():
            called.setdefault(model["model"], {}).setdefault(role, model)
    evaluator = config["diagnostics"]["evaluator"]
    called.setdefault(evaluator, {})["evaluator"] = resolve_model(config, evaluator, "evaluator", source)
    return called


def separate_overlaid_models(config: dict[str, Any], default: Mapping[str, Any], overlay: Mapping[str, Any]) -> None:
    """Take from each model that `overlay` puts in the place of a default one the settings of the default one, such as prices.

    `config` is `default` updated with `overlay`, key by key. A model is another one if its name, its endpoint or the endpoint's
    address differ.
    """
    for name, sources in config["models"].items():
        for source, model in sources.items():
            before = default["models"].get(name, {}).get(source)
            if before and _find_identity(config, model) != _find_identity(default, before):
                own = overlay.get("models", {}).get(name, {}).get(source, {})
                sources[source] = {"endpoint": model["endpoint"], "name": model["name"], **own}


def _find_identity(config: Mapping[str, Any], model: Mapping[str, Any]) -> tuple[object, ...]:
    endpoint = config["endpoints"].get(model["endpoint"], {})
    return model["name"], model["endpoint"], endpoint.get("base_url")


def list_requested_names(config: Mapping[str, Any], study: str, source: str) -> dict[str, str]:
    """Return the name by which the model of each role of a study, and the evaluator, is requested at its endpoint.

    Empty for source `published`, which requests nothing.
    """
    if source == PUBLISHED:
        return {}
    models = config["studies"][study]["models"] | {"evaluator": config["diagnostics"]["evaluator"]}
    return {role: config["models"][name][source]["name"] for role, name in models.items()}


def resolve_priced_model(config: Mapping[str, Any], name: str, source: str) -> dict[str, Any]:
    """Return a model's endpoint, its name there, its base_url ("" for the simulator) and its prices (US dollars per million
    tokens, 0 where none is set)."""
    model = {"price_in": 0.0, "price_out": 0.0} | config["models"][name][source]
    return model | {"base_url": config["endpoints"][model["endpoint"]].get("base_url", "")}


def collect_client_settings(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return what the client needs besides the models: settings of the source's endpoints, prices by model, and the budget.

    None of it shapes a reply. API keys are not included, only the names of the environment variables that hold them.
    """
    models = {name: resolve_priced_model(config, name, source) for name, model in config["models"].items() if source in model}
    return {
        "endpoints": {
            name: {key: value for key, value in settings.items() if key not in ("base_url", *REQUEST_SETTINGS)}
            for name, settings in share_limits(config["endpoints"]).items()
            if name in {model["endpoint"] for model in models.values()}
        },
        "prices": {name: {key: model[key] for key in PRICES if key in model} for name, model in models.items()},
        "budget": config["budget"],
    }
