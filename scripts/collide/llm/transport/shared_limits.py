"""Limits of endpoints that all jobs share, as resources of Snakemake.

Each job reserves the calls that it may have in flight at each endpoint whose total is limited. Snakemake then starts no more
jobs than fit, on a cluster as on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collide.llm.transport.rate_limiter import read_call_limits

# Limits of an endpoint that hold for its address.
LIMITS = ("concurrency", "max_concurrency", "max_in_flight", "requests_per_minute", "tokens_per_minute")


def share_limits(endpoints: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the endpoints' settings, with the lowest of each limit for all endpoints that have one address."""
    shared = {}
    for name, settings in endpoints.items():
        same = [endpoints[other] for other in _list_same_address(endpoints, name)]
        lowest = {limit: min(found) for limit in LIMITS if (found := [one[limit] for one in same if limit in one])}
        shared[name] = {**settings, **lowest}
    return shared


def _list_same_address(endpoints: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    """Return the endpoints with the address of `name`, itself included, in the order of config.yaml."""
    address = endpoints[name].get("base_url", "").rstrip("/")
    if not address:
        return [name]
    return [other for other, settings in endpoints.items() if settings.get("base_url", "").rstrip("/") == address]


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
            same = _list_same_address(config["endpoints"], endpoint)
            return read_call_limits(settings)[1] if used.intersection(same) else 0

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
    """Return the limited endpoints; of those with one address the first, which stands for all of them."""
    endpoints = config["endpoints"]
    return {
        name: settings
        for name, settings in share_limits(endpoints).items()
        if "max_in_flight" in settings and _list_same_address(endpoints, name)[0] == name
    }
