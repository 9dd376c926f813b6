"""Models as a source defines them: what shapes their replies, and their prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.experiment.runs import DEFAULT_PROTOCOL, protocol_name

# Settings of an endpoint, and of a model beside it, that change the fields of a request.
REQUEST_SETTINGS = ("extra_body", "fields")
PRICES = ("price_in", "price_out", "price_cached")


def resolve_model(
    config: Mapping[str, Any], name: str, role: str, source: str, protocol: str = DEFAULT_PROTOCOL
) -> dict[str, Any]:
    """Return all settings that shape the replies of a model in a role, and nothing else. A protocol may set the temperature.
    Fields that the model sets, renames or leaves out come before those of its endpoint.

    They are parameters of rules: a change of one of them reruns the jobs that call the model. Limits and prices shape no
    reply, so they are left out.
    """
    model = config["models"][name][source]
    endpoint = config["endpoints"][model["endpoint"]]
    temperatures = config["protocols"][protocol]["temperatures"]
    return {
        "model": name,
        "endpoint": model["endpoint"],
        "name": model["name"],
        "base_url": endpoint.get("base_url", ""),
        "structured_output": model.get("structured_output", ""),
        **{kind: endpoint.get(kind, {}) | model.get(kind, {}) for kind in REQUEST_SETTINGS},
        **config["roles"][role],
        **({"temperature": temperatures[role]} if role in temperatures else {}),
    }


def resolve_study_models(config: Mapping[str, Any], study: str, source: str) -> dict[str, dict[str, Any]]:
    """Return the model of each role of a study, resolved."""
    models, protocol = config["studies"][study]["models"], protocol_name(config, study)
    return {role: resolve_model(config, name, role, source, protocol) for role, name in models.items()}


def resolve_task_model(config: Mapping[str, Any], study: str, source: str) -> dict[str, dict[str, Any]]:
    """Return the resolved task model of a study, the only one that an evaluation calls, as a dictionary of one role."""
    return {"task": resolve_study_models(config, study, source)["task"]}


def list_requested_names(config: Mapping[str, Any], study: str, source: str) -> dict[str, str]:
    """Return the name by which the model of each role of a study, and the evaluator, is requested at its endpoint."""
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
            for name, settings in config["endpoints"].items()
            if name in {model["endpoint"] for model in models.values()}
        },
        "prices": {name: {key: model[key] for key in PRICES if key in model} for name, model in models.items()},
        "budget": config["budget"],
    }
