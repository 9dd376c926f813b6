"""Structured output: JSON schemas of the replies that have a form, and the fields of a request that ask a server for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collide.experiment.scales import Scale, build_scale

Schema = dict[str, Any]

# Fields of the body that ask for a form, by the name of the setting `structured_output`.
FORMS: Mapping[str, Callable[[Schema], dict[str, object]]] = {
    # OpenAI, OpenRouter, vLLM, SGLang, llama.cpp, Ollama, LiteLLM
    "json_schema": lambda schema: {
        "response_format": {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
    },
    # Any JSON object, for servers that know no schema (DeepSeek, DashScope)
    "json_object": lambda schema: {"response_format": {"type": "json_object"}},
    # Earlier versions of vLLM
    "guided_json": lambda schema: {"guided_json": schema},
}


def build_scores_schema(scales: Mapping[str, Scale]) -> Schema:
    """Return the schema of a judge's reply: for each criterion a number on its scale, or the name of one of its classes."""
    # An enumeration, as some servers ignore minimum and maximum.
    return _build_object({name: _describe_values(scale) for name, scale in scales.items()})


def build_instructions_schema(criteria: Iterable[str]) -> Schema:
    """Return the schema of an optimizer's reply: a text for each criterion."""
    return _build_object({name: {"type": "string"} for name in criteria})


def build_rating_schema(low: int, high: int) -> Schema:
    """Return the schema of an evaluator's reply. It is an object, because servers demand one at the top."""
    return build_scores_schema({"rating": build_scale([low, high])})


def _describe_values(scale: Scale) -> Schema:
    if scale.classes:
        return {"type": "string", "enum": list(scale.classes)}
    return {"type": "integer" if scale.is_whole else "number", "enum": list(scale.values)}


def _build_object(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(properties), "additionalProperties": False}
