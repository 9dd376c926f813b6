"""The configuration: checked against a closed schema, then for names that must meet. Every fault is one sentence."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import jsonschema
import yaml

from collide.corpus.download import check_revision
from collide.errors import InputError
from collide.experiment.modes import MODES, SINGLE, run_modes

SCHEMA = Path(__file__).with_name("config.schema.yaml")

RESERVED = {"criteria": {"average"}, "studies": {"cherrypick", "corpus", "initial", "journal"}}
"""Names that folders and tables give to something else."""


def check_config(config: Mapping[str, Any]) -> None:
    """Raise InputError naming the first fault of a configuration: its key, what was found, what was expected."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    errors = Validator(schema).iter_errors(_plain(config))
    fault = min(map(_sentence, errors), default=None) or next(_faults_of_meaning(config), None)
    if fault:
        raise InputError(f"config.yaml (or --config): {fault}")


def corpus_of(config: Mapping[str, Any], source: str) -> str:
    """What the source's corpus is: embedded, a path or a URL."""
    return config["corpora"][source] if config["corpus"] == "default" else str(config["corpus"])


def check_corpus(config: Mapping[str, Any]) -> None:
    """Raise InputError when the corpus is a path at which there is no file."""
    corpus = corpus_of(config, config["source"])
    if corpus != "embedded" and not is_url(corpus) and not Path(corpus).is_file():
        raise InputError(
            f"config.yaml (or --config): corpus {corpus!r} is no file; expected `embedded`, a SummEval file, or a URL that"
            " names a revision"
        )


def is_url(corpus: str) -> bool:
    """Whether a corpus has to be fetched."""
    return corpus.startswith(("http://", "https://"))


def _is_integer(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: object, value: object) -> bool:
    return _is_integer(_, value) or (isinstance(value, float) and math.isfinite(value))


# JSON Schema takes 3.0 for an integer, which Python's range() does not, and .nan and .inf for numbers.
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number}),
)


def _plain(value: Any) -> Any:
    """Snakemake hands over ordered dictionaries and --config strings; the validator knows plain ones."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _sentence(error: jsonschema.ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    schema: Mapping[str, Any] = dict(error.schema) if isinstance(error.schema, Mapping) else {}
    expected, found = cast(Any, error.validator_value), cast(Any, error.instance)
    if error.validator == "additionalProperties":
        known = schema["properties"]
        unknown = sorted(set(found) - set(known))[0]
        key = f"{place}.{unknown}" if place else unknown
        return f"unknown key {key!r}{_nearest(unknown, known)}; known here: {', '.join(known)}"
    if error.validator == "enum":
        allowed = [str(value) for value in expected]
        return f"{place} is {error.instance!r}{_nearest(str(error.instance), allowed)}; expected one of {', '.join(allowed)}"
    if error.validator == "required":
        # The validator reports one missing key an error, and names it only in its message.
        lacking = next(name for name in expected if name not in found)
        return f"{place or 'the top level'} lacks the key {lacking!r} ({_description(schema, lacking)})"
    if error.validator == "propertyNames":
        return f"{place} has a name that does not fit: {error.message}"
    return f"{place} is {error.instance!r}, but {error.message.removeprefix(repr(error.instance)).strip()}"


def _description(schema: Mapping[str, Any], key: str) -> str:
    return schema["properties"][key].get("description", "required").rstrip(".")


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else ""


def _faults_of_meaning(config: Mapping[str, Any]) -> Iterator[str]:
    """Faults that a schema cannot see: names that point nowhere or are taken, scales upside down, a URL without a revision."""
    for section, reserved in RESERVED.items():
        yield from (
            f"{section}.{name}: the name {name!r} is taken, by the pipeline's own tables and folders; expected another one"
            for name in config[section]
            if name in reserved
        )
    yield from (
        fault for study in config["all_studies"] if (fault := _unknown("all_studies names the study", study, config["studies"]))
    )
    for name, criterion in config["criteria"].items():
        low, high = criterion["scale"]
        if low >= high:
            yield f"criteria.{name}.scale is [{low}, {high}]; expected the lowest, then the highest rating"
    for name, study in config["studies"].items():
        if study["batch"] > config["split"]["train"]:
            yield f"studies.{name}.batch is {study['batch']}, more than the {config['split']['train']} pairs of split.train"
        for role, model in study["models"].items():
            yield from _faults_of_model(f"studies.{name}.models.{role} names the model", model, config)
    yield from _faults_of_model("diagnostics.evaluator names the model", config["diagnostics"]["evaluator"], config)
    yield from _faults_of_example(config)
    for name, sources in config["models"].items():
        for source, model in sources.items():
            if fault := _unknown(f"models.{name}.{source}.endpoint names", model["endpoint"], config["endpoints"]):
                yield fault
    for name, endpoint in config["endpoints"].items():
        for limit in ("requests_per_minute", "tokens_per_minute"):
            if limit in endpoint and "slots" not in endpoint:
                yield (
                    f"endpoints.{name}.{limit} is a limit of all jobs together, but endpoints.{name}.slots is not set; expected"
                    " the calls in flight of all jobs, of which, as of the limit, each job takes a share"
                )
    corpus = corpus_of(config, config["source"])
    if is_url(corpus):
        try:
            check_revision(corpus)
        except InputError as error:
            yield str(error)


def _faults_of_model(place: str, model: str, config: Mapping[str, Any]) -> Iterator[str]:
    if fault := _unknown(place, model, config["models"]):
        yield fault
    elif config["source"] not in config["models"][model]:
        yield f"{place} {model!r}, which models.{model} does not define for source {config['source']!r}"


def _faults_of_example(config: Mapping[str, Any]) -> Iterator[str]:
    """Names that no configuration with these studies and criteria could mean.

    An example that is merely not run is no fault: a smaller configuration, laid over the default, keeps the default's example.
    """
    example = config["example"]
    if fault := _unknown("example.study names the study", example["study"], config["studies"]):
        yield fault
    if fault := _unknown("example.mode names the mode", example["mode"], run_modes([SINGLE, *MODES], list(config["criteria"]))):
        yield fault


def _unknown(place: str, name: str, known: Collection[str]) -> str:
    return "" if name in known else f"{place} {name!r}, which is not defined{_nearest(name, known)}; known: {', '.join(known)}"
