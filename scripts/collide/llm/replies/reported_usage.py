"""Usage of one reply as its endpoint reports it: tokens, cached tokens and cost. Endpoints differ in the places.

Sources: the chat-completion API of OpenAI (`usage.prompt_tokens_details.cached_tokens`), DeepSeek (`prompt_cache_hit_tokens`),
Moonshot (`cached_tokens`), llama.cpp (`timings.cache_n`), OpenRouter (`usage.cost` and `cost_details`) and the LiteLLM proxy
(the header `x-litellm-response-cost`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

CACHED_TOKENS_PLACES = (
    ("usage", "prompt_tokens_details", "cached_tokens"),
    ("usage", "prompt_cache_hit_tokens"),
    ("usage", "cached_tokens"),
    ("timings", "cache_n"),
)
COST_HEADER = "x-litellm-response-cost"


class ReportedUsage(NamedTuple):
    """Tokens and cost of a reply, with the names of `Reply`; None where the endpoint does not report them."""

    tokens_in: int | None
    tokens_out: int | None
    tokens_cached: int | None
    cost: float | None


def read_usage(data: Mapping[str, Any], headers: Mapping[str, str]) -> ReportedUsage:
    """Return the usage in a decoded completion and its headers."""
    usage = data.get("usage")
    tokens_in = _read_count(usage, "prompt_tokens")
    return ReportedUsage(tokens_in, _read_output_tokens(usage), _read_cached(data, tokens_in), _read_cost(usage, headers))


def _read_output_tokens(usage: Any) -> int | None:
    """Return the tokens of the reply that are paid for, including those of reasoning.

    Most endpoints count reasoning within completion_tokens. For the others the total is larger than its two parts.
    """
    written, total = _read_count(usage, "completion_tokens"), _read_count(usage, "total_tokens")
    details = usage.get("completion_tokens_details") if isinstance(usage, Mapping) else None
    reasoning = _read_count(details, "reasoning_tokens") or 0
    if written is None or total is None or total < (_read_count(usage, "prompt_tokens") or 0) + written + reasoning:
        return written
    return written + reasoning


def _read_cached(data: Mapping[str, Any], tokens_in: int | None) -> int | None:
    """Return the cached tokens of the prompt, or None. More of them than the prompt has would be counted otherwise."""
    for *folders, name in CACHED_TOKENS_PLACES:
        place: Any = data
        for folder in folders:
            place = place.get(folder) if isinstance(place, Mapping) else None
        count = _read_count(place, name)
        if count is not None:
            return count if tokens_in is not None and count <= tokens_in else None
    return None


def _read_cost(usage: Any, headers: Mapping[str, str]) -> float | None:
    """Return the US dollars that the endpoint charged. With a user's own key, OpenRouter charges a fee on top of the price."""
    cost = _read_dollars(usage.get("cost")) if isinstance(usage, Mapping) else None
    if cost is None:
        return _read_dollars(headers.get(COST_HEADER))
    details = usage.get("cost_details")
    if usage.get("is_byok") is True and isinstance(details, Mapping):
        cost += _read_dollars(details.get("upstream_inference_cost")) or 0.0
    return cost


def _read_dollars(value: Any) -> float | None:
    """Return a sum in US dollars, also as text, or None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        dollars = float(value)
    except (ValueError, OverflowError):
        return None
    return dollars if math.isfinite(dollars) and dollars >= 0 else None


def _read_count(usage: Any, key: str) -> int | None:
    """Return a token count that the endpoint reports, also as 7.0, or None if it is not a count."""
    value = usage.get(key) if isinstance(usage, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != value // 1:
        return None
    return int(value)
