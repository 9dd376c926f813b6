"""Validation of the configuration: a closed schema, then cross-references between keys. Every error is one sentence."""

from __future__ import annotations

import contextlib
import difflib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import jsonschema
import yaml

from collide.analysis.metrics import METRICS
from collide.corpus.download import check_revision
from collide.errors import InputError
from collide.experiment.datasets import dataset_name, study_criteria
from collide.experiment.files import is_url, list_active_datasets, resolve_file
from collide.experiment.gates import GATES
from collide.experiment.models import find_thinking_switch
from collide.experiment.modes import STUDY_MODES, expand_modes
from collide.experiment.runs import protocol_name
from collide.llm.replies.thinking_switches import THINKING_SWITCHES
from collide.optimize.prompts import list_rubrics

SCHEMA = Path(__file__).with_name("config.schema.yaml")

# The pipeline uses these names for its own folders and table columns, so a criterion or study must not have them.
RESERVED = {
    "studies": {"cherrypick", "corpus", "initial", "journal", "retest"},
    "protocols": {"download"},
}

# Names that columns of tables and prompts over several criteria have.
RESERVED_CRITERIA = {"average", "all", "together", "mean", "n"}

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
    ("studies", "*", "batch"): "batch_size",
    ("endpoints", "*", "slots"): "max_in_flight",
    ("endpoints", "*", "key_variable"): "api_key_env",
}


def check_config(config: Mapping[str, Any]) -> None:
    """Raise InputError for the first error of a configuration: its key, what was found, what was expected."""
    errors = Validator(read_schema()).iter_errors(_to_plain_values(config))
    sentence = min(map(_describe_error, errors), default=None) or next(_find_broken_references(config), None)
    if sentence:
        raise InputError(f"config.yaml (or --config): {sentence}")


def restore_types(config: dict[str, Any], arguments: Iterable[str]) -> None:
    """Give values inside `--config 'key={...}'` the types that they would have in a configuration file.

    Snakemake reads all values inside braces or brackets as text. `arguments` are the texts KEY=VALUE of the command line, which
    Snakemake has already laid over `config`.

    >>> config = {"studies": {"main": {"seeds": ["0"], "steps": 12}}}
    >>> restore_types(config, ["studies={main: {seeds: [0]}}"])
    >>> config
    {'studies': {'main': {'seeds': [0], 'steps': 12}}}
    """
    for argument in arguments:
        key, _, written = argument.partition("=")
        # Snakemake, too, removes quotes around the value. YAML that only it can read stays text, which the schema refuses.
        with contextlib.suppress(yaml.YAMLError):
            text, typed = (yaml.load(written.strip("'\""), loader) for loader in (yaml.BaseLoader, yaml.SafeLoader))
            if key in config and isinstance(typed, Mapping | list):
                config[key] = _replace_text(config[key], text, typed)


def _replace_text(value: Any, text: Any, typed: Any) -> Any:
    """Return a value with the parts that equal `text` replaced by those of `typed`, the same YAML read with types."""
    if not all(isinstance(part, Mapping) for part in (value, text, typed)):
        return typed if value == text else value
    return {
        key: _replace_text(item, text[key], typed[key]) if key in text and key in typed else item for key, item in value.items()
    }


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


def _describe_error(error: jsonschema.ValidationError) -> str:
    """Return a validation error as one sentence with the key, what was found and what was expected."""
    place = ".".join(str(part) for part in error.absolute_path)
    schema: Mapping[str, Any] = dict(error.schema) if isinstance(error.schema, Mapping) else {}
    expected, found = cast(Any, error.validator_value), cast(Any, error.instance)
    if error.validator == "additionalProperties":
        return _describe_unknown_key(tuple(map(str, error.absolute_path)), found, schema["properties"])
    if error.validator == "enum":
        allowed = [str(value) for value in expected]
        hint = _suggest_name(str(error.instance), allowed)
        return f"{place} is {error.instance!r}{hint}; expected one of {', '.join(allowed)}"
    if error.validator == "required":
        # The validator reports one error per missing key, but names the key in its message only.
        missing = next(name for name in expected if name not in found)
        return f"{place or 'the top level'} lacks the key {missing!r} ({_describe_key(schema, missing)})"
    if error.validator == "propertyNames":
        return f"{place} has a name that does not fit: {error.message}"
    return f"{place} is {error.instance!r}, but {error.message.removeprefix(repr(error.instance)).strip()}"


def _describe_unknown_key(place: tuple[str, ...], found: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """Return the sentence for a key that the schema does not have, with its new name where it was renamed."""
    unknown = sorted(set(found) - set(known))[0]
    key = ".".join((*place, unknown))
    for old, new in RENAMED_KEYS.items():
        if len(old) == len(place) + 1 and all(a in ("*", b) for a, b in zip(old, (*place, unknown), strict=True)):
            return f"the key {key!r} is now called {new!r}; rename it"
    return f"unknown key {key!r}{_suggest_name(unknown, known)}; known here: {', '.join(known)}"


def _describe_key(schema: Mapping[str, Any], key: str) -> str:
    return schema["properties"][key].get("description", "required").rstrip(".")


def _suggest_name(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else ""


def _find_broken_references(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each error that a schema cannot express.

    These are undefined or reserved names, scales whose first value is not the lower, a URL without a revision, and limits
    that contradict each other.
    """
    for section, reserved in RESERVED.items():
        for name in config[section]:
            if name in reserved:
                yield f"{section}.{name}: the pipeline's own tables and folders use the name {name!r}; expected another one"
    for study in config["active_studies"]:
        yield from _check_name("active_studies names the study", study, config["studies"])
    for study in config["annotation"]["studies"]:
        yield from _check_name("annotation.studies names the study", study, config["studies"])
    for name in config["datasets"]:
        yield from _check_criteria(name, config)
    for name in config["studies"]:
        yield from _check_study(name, config)
    yield from _check_model("diagnostics.evaluator names the model", config["diagnostics"]["evaluator"], config)
    yield from _check_name("cherrypick.study names the study", config["cherrypick"]["study"], config["studies"])
    yield from _check_appendix_example(config)
    for name, sources in config["models"].items():
        for source, model in sources.items():
            place = f"models.{name}.{source}"
            if model["endpoint"] in config["endpoints"]:
                yield from _check_thinking_switch(place, config, model)
            else:
                yield from _check_name(f"{place}.endpoint names", model["endpoint"], config["endpoints"])
    for name, endpoint in config["endpoints"].items():
        yield from _check_limits(name, endpoint)
    for dataset in list_active_datasets(config):
        file = resolve_file(config, dataset, config["source"])
        if is_url(file):
            try:
                check_revision(file)
            except InputError as error:
                yield str(error)


def _check_criteria(dataset: str, config: Mapping[str, Any]) -> Iterator[str]:
    for name, criterion in config["datasets"][dataset]["criteria"].items():
        place, scale = f"datasets.{dataset}.criteria.{name}", criterion["scale"]
        if name in RESERVED_CRITERIA:
            yield f"{place}: the pipeline's own tables use the name {name!r}; expected another one"
        if isinstance(scale, list) and scale[0] >= scale[1]:
            yield f"{place}.scale is {scale}; expected the lowest, then the highest rating"


def _check_study(name: str, config: Mapping[str, Any]) -> Iterator[str]:
    study = config["studies"][name]
    protocol = protocol_name(config, name)
    dataset = dataset_name(config, name)
    yield from _check_name(f"studies.{name}.dataset names the data set", dataset, config["datasets"])
    yield from _check_name(f"studies.{name}.protocol names the protocol", protocol, config["protocols"])
    examples = config["protocols"].get(protocol, {}).get("examples", 0)
    if dataset not in config["datasets"]:
        return
    train = config["datasets"][dataset]["split"]["train"] - examples
    if study["batch_size"] > train:
        without = f" without the {examples} examples" if examples else ""
        pairs = f"the {train} pairs of datasets.{dataset}.split.train{without}"
        yield f"studies.{name}.batch_size is {study['batch_size']}, more than {pairs}"
    for role, model in study["models"].items():
        yield from _check_model(f"studies.{name}.models.{role} names the model", model, config)


def _check_thinking_switch(place: str, config: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    """Yield an error for a field that a model's `thinking_off` and its `extra_body` set to different values.

    The `extra_body` of a model may replace a field that its endpoint's switch sets.
    """
    bodies = {f"endpoints.{model['endpoint']}": config["endpoints"][model["endpoint"]]}
    if "thinking_off" in model:
        bodies[place] = model
    for field, value in find_thinking_switch(config, model).fields.items():
        for where, settings in bodies.items():
            if settings.get("extra_body", {}).get(field, value) != value:
                yield (
                    f"{where}.extra_body sets the field {field!r}, which thinking_off sets, too; expected one of them: for"
                    " example all of the field in extra_body, and thinking_off: none"
                )


def _check_limits(name: str, endpoint: Mapping[str, Any]) -> Iterator[str]:
    """Yield an error for a limit per minute without `max_in_flight`.

    A limit per minute needs `max_in_flight`, which each job's share is computed from.
    """
    for limit in ("requests_per_minute", "tokens_per_minute"):
        if limit in endpoint and "max_in_flight" not in endpoint:
            yield (
                f"endpoints.{name}.{limit} limits all jobs together, but endpoints.{name}.max_in_flight is not set; expected"
                " the number of calls in flight of all jobs, which each job's share of the limit is computed from"
            )


def _check_model(place: str, model: str, config: Mapping[str, Any]) -> Iterator[str]:
    if model not in config["models"]:
        yield from _check_name(place, model, config["models"])
    elif config["source"] not in config["models"][model]:
        yield f"{place} {model!r}, which models.{model} does not define for source {config['source']!r}"


def _check_appendix_example(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield errors of names that no configuration with these studies and criteria can have.

    An example that is not run is no error: a smaller configuration, laid over the default, keeps the default's example.
    """
    example = config["appendix_example"]
    yield from _check_name("appendix_example.study names the study", example["study"], config["studies"])
    if example["study"] in config["studies"]:
        modes = expand_modes(STUDY_MODES, list(study_criteria(config, example["study"])))
        yield from _check_name("appendix_example.mode names the mode", example["mode"], modes)


def _check_name(place: str, name: str, known: Collection[str]) -> Iterator[str]:
    if name not in known:
        yield f"{place} {name!r}, which is not defined{_suggest_name(name, known)}; known: {', '.join(known)}"
