"""Temporary: the arguments of `open_client` from a whole configuration, until rules pass them (params, client.json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def models_from_config(config: Mapping[str, Any], source: str, names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return all that shapes the replies of each role; `names` maps roles to names in config.yaml."""
    models = {}
    for role, name in names.items():
        model = config["models"][name][source]
        endpoint = config["endpoints"][model["endpoint"]]
        models[role] = {
            "model": name,
            "endpoint": model["endpoint"],
            "name": model["name"],
            "base_url": endpoint.get("base_url", ""),
            "extra_body": endpoint.get("extra_body", {}),
            **config["roles"][role],
        }
    return models


def settings_from_config(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the limits, prices and budget that shape no reply."""
    return {
        "endpoints": config["endpoints"],
        "prices": {
            name: {"price_in": 0.0, "price_out": 0.0} | {k: v for k, v in model[source].items() if k.startswith("price_")}
            for name, model in config["models"].items()
            if source in model
        },
        "budget": config["budget"],
    }
