"""Temporary: the arguments of `open_client` from a whole configuration, until rules pass them (params, client.json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.experiment.models import price_model, resolve_model


def models_from_config(config: Mapping[str, Any], source: str, names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return all that shapes the replies of each role; `names` maps roles to names in config.yaml."""
    return {role: resolve_model(config, name, role, source) for role, name in names.items()}


def settings_from_config(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the limits, prices and budget that shape no reply."""
    prices = {name: price_model(config, name, source) for name, model in config["models"].items() if source in model}
    return {
        "endpoints": config["endpoints"],
        "prices": {name: {key: price[key] for key in ("price_in", "price_out")} for name, price in prices.items()},
        "budget": config["budget"],
    }
