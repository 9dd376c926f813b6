"""Limits of endpoints that all jobs share, as resources of Snakemake.

Each job reserves the calls that it may have in flight at each endpoint whose total is limited. Snakemake then starts no more
jobs than fit, on a cluster as on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collide.llm.transport.rate_limiter import read_call_limits


def resource_name(endpoint: str) -> str:
    """Return the name of an endpoint's resource, as in `--resources openrouter_calls=32`."""
    return f"{endpoint}_calls"


def total_calls(config: Mapping[str, Any]) -> dict[str, int]:
    """Return the calls in flight that all jobs together may have, by name of the resource."""
    return {resource_name(name): settings["max_in_flight"] for name, settings in _limited_endpoints(config).items()}


def reserve_calls(config: Mapping[str, Any], list_models: Callable[[Any], Iterable[str]]) -> dict[str, Callable[[Any], int]]:
    """Return the resources of a rule whose jobs call the models that `list_models(wildcards)` names.

    A job reserves the most calls that it may have in flight at each endpoint of these models, and 0 at any other endpoint.
    """

    def reserve_at(endpoint: str, settings: Mapping[str, Any]) -> Callable[[Any], int]:
        def reserve(wildcards: Any) -> int:
            used = {config["models"][name][wildcards.source]["endpoint"] for name in list_models(wildcards)}
            return read_call_limits(settings)[1] if endpoint in used else 0

        return reserve

    return {resource_name(name): reserve_at(name, settings) for name, settings in _limited_endpoints(config).items()}


def limit_endpoints(endpoints: Mapping[str, Mapping[str, Any]], jobs: int, processors: int) -> dict[str, dict[str, Any]]:
    """Return each endpoint's settings with `max_in_flight` set to the calls in flight of `jobs` jobs at once."""
    limits = {}
    for name, settings in endpoints.items():
        # The simulator has no base_url: its calls are computed in the job's process, one at a time.
        most = read_call_limits(settings)[1] * jobs if "base_url" in settings else min(jobs, processors)
        limits[name] = {**settings, "max_in_flight": min(most, settings.get("max_in_flight", most))}
    return limits


def _limited_endpoints(config: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: settings for name, settings in config["endpoints"].items() if "max_in_flight" in settings}
