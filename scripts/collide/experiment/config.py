"""Validation of the configuration: a closed schema, then references between keys. Every fault is one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, cast

import jsonschema
import yaml

from collide.analysis.metrics import METRICS
from collide.errors import InputError
from collide.experiment.configuration.fault import Fault, Path, suggest_name
from collide.experiment.configuration.overlays import Layer, find_layer
from collide.experiment.configuration.references import find_broken_references
from collide.experiment.gates import GATES
from collide.experiment.modes import STUDY_MODES
from collide.llm.replies.thinking_switches import THINKING_SWITCHES
from collide.optimize.prompts import list_rubrics

SCHEMA = FilePath(__file__).with_name("config.schema.yaml")

# Characters of a name that a message shows.
LONGEST_SHOWN_NAME = 40
# The names that the patterns of the schema allow, in words.
NAME_PATTERNS = {
    "^[a-z][a-z0-9_-]*$": "lower-case letters, digits, - and _, a letter first",
    "^[^\\x00-\\x1f]*[^\\W_][^\\x00-\\x1f]*$": "a name in one line with a letter or digit",
}

# Keys of earlier versions, by section (* is any name), with their present names: an old config.yaml gets a clear message.
RENAMED_KEYS = {
    ("all_studies",): "active_studies",
    ("example",): "appendix_example",
    ("criteria",): "datasets.summeval.criteria",
    ("split",): "datasets.summeval.split",
    ("corpora",): "datasets.summeval.file",
    ("datasets", "*", "split", "validation_from"): "protocols.paper.validation_from",
    ("human_score",): "protocols.paper.human_score",
    ("budget", "whole"): "total",
    ("cherrypick", "study"): "studies.{name}.cherrypick",
    ("studies", "*", "batch"): "batch_size",
    ("endpoints", "*", "slots"): "max_in_flight",
    ("endpoints", "*", "key_variable"): "api_key_env",
}


def check_config(config: Mapping[str, Any], layers: Sequence[Layer] = ()) -> None:
    """Raise InputError for the first fault of a configuration: its key, what was found, what was expected.

    The message begins with the name of the layer that sets the key; without layers with config.yaml.
    """
    errors = Validator(read_schema()).iter_errors(_to_plain_values(config))
    fault = min(map(_describe_error, errors), default=None) or next(find_broken_references(config), None)
    if fault:
        raise InputError(f"{find_layer(layers, fault.path) if layers else 'config.yaml'}: {fault.sentence}")


def read_schema() -> dict[str, Any]:
    """Return the schema, its lists of modes, gates, metrics, rubrics and switches filled in from the code that defines them."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    schema["$defs"]["mode"] = {"enum": list(STUDY_MODES)}
    schema["$defs"]["gate"] = {"enum": list(GATES)}
    schema["$defs"]["thinking_off"] = {
        "description": "How the server is asked for replies without reasoning.",
        "enum": list(THINKING_SWITCHES),
    }
    schema["$defs"]["rubric"] = {"enum": list_rubrics()}
    # A picked prompt is reported with an interval by the metric that picked it, so only bootstrapped metrics can pick.
    schema["$defs"]["metric"] = {"enum": [metric.name for metric in METRICS.values() if metric.of_counts]}
    return schema


def _is_integer(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: object, value: object) -> bool:
    return _is_integer(_, value) or (isinstance(value, float) and math.isfinite(value))


def _is_infinity(_: object, value: object) -> bool:
    return value == math.inf


# JSON Schema accepts 3.0 as an integer, which Python's range() does not, and .nan and .inf as numbers. `infinity` is a type of
# our own, for the key that accepts .inf.
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": _is_integer, "number": _is_number, "infinity": _is_infinity}
    ),
)


def _to_plain_values(value: Any) -> Any:
    """Return the configuration with plain dictionaries: the validator does not know Snakemake's ordered ones."""
    if isinstance(value, Mapping):
        return {str(key): _to_plain_values(item) for key, item in value.items()}
    return [_to_plain_values(item) for item in value] if isinstance(value, list | tuple) else value


def _describe_error(error: jsonschema.ValidationError) -> Fault:
    """Return a validation error as one sentence with the key, what was found and what was expected."""
    path = tuple(map(str, error.absolute_path))
    place = ".".join(path)
    schema: Mapping[str, Any] = dict(error.schema) if isinstance(error.schema, Mapping) else {}
    expected, found = cast(Any, error.validator_value), cast(Any, error.instance)
    if error.validator == "additionalProperties":
        return _describe_unknown_key(path, found, schema["properties"])
    if error.validator == "enum":
        allowed = [str(value) for value in expected]
        hint = suggest_name(str(error.instance), allowed)
        return Fault(f"{place} is {error.instance!r}{hint}; expected one of {', '.join(allowed)}", path)
    if error.validator == "required":
        # The validator reports one error per missing key, but names the key in its message only.
        missing = next(name for name in expected if name not in found)
        return Fault(f"{place or 'the top level'} lacks the key {missing!r} ({_describe_key(schema, missing)})", path)
    if error.validator == "type" and isinstance(found, bool) and expected == "string":
        return Fault(f"{place} is {found}, which YAML makes of words such as yes and no; expected text, put it in quotes", path)
    if "propertyNames" in error.absolute_schema_path:
        return _describe_name(str(error.instance), path, error)
    return Fault(f"{place} is {error.instance!r}, but {error.message.removeprefix(repr(error.instance)).strip()}", path)


def _describe_name(name: str, path: Path, error: jsonschema.ValidationError) -> Fault:
    """Return the fault of a name that does not fit the pattern of its section, or is too long."""
    shown = repr(name) if len(name) <= LONGEST_SHOWN_NAME else f"{name[:LONGEST_SHOWN_NAME]!r}... of {len(name)} characters"
    if error.validator == "maxLength":
        expected = f"at most {error.validator_value} characters"
    elif error.validator == "pattern":
        expected = NAME_PATTERNS.get(str(error.validator_value), f"a name that matches {error.validator_value}")
    else:
        expected = "another name"
    return Fault(f"{'.'.join(path)} has the name {shown}; expected {expected}", (*path, name))


def _describe_unknown_key(path: Path, found: Mapping[str, Any], known: Mapping[str, Any]) -> Fault:
    """Return the fault of a key that the schema does not have, with its new name where it was renamed."""
    unknown = sorted(set(found) - set(known))[0]
    full = (*path, unknown)
    key = ".".join(full)
    for old, new in RENAMED_KEYS.items():
        if len(old) == len(full) and all(a in ("*", b) for a, b in zip(old, full, strict=True)):
            return Fault(f"the key {key!r} is now called {new!r}; rename it", full)
    return Fault(f"unknown key {key!r}{suggest_name(unknown, known)}; known here: {', '.join(known)}", full)


def _describe_key(schema: Mapping[str, Any], key: str) -> str:
    return schema["properties"][key].get("description", "required").rstrip(".")
