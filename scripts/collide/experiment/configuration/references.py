"""Faults that a schema cannot express: names without a definition, names that are in use, and values that contradict."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from collide.corpus.download import check_revision
from collide.errors import InputError
from collide.experiment.configuration.fault import Fault, Path, check_name
from collide.experiment.criteria import identify_criterion
from collide.experiment.datasets import dataset_name, study_criteria
from collide.experiment.files import find_file_key, is_url, list_active_datasets, resolve_file
from collide.experiment.models import find_thinking_switch
from collide.experiment.modes import STUDY_MODES, expand_modes
from collide.experiment.runs import protocol_name
from collide.experiment.sources import PUBLISHED
from collide.experiment.texts import read_text_names

Config = Mapping[str, Any]

# Names that the pipeline uses for its own folders, files, and rows of tables.
RESERVED = {
    "studies": {"all", "average", "cherrypick", "corpus", "initial", "journal", "mean", "retest", "total"},
    "protocols": {"download"},
}
# Ends of names that would make the file of one study that of another: lengths/x-asymmetry.csv belongs to the study x.
RESERVED_ENDS = {"studies": ("-asymmetry",)}
# Names that columns of tables and prompts over several criteria have.
RESERVED_CRITERIA = {"all", "average", "mean", "n", "together"}
# A resample is a row of the bootstrap; an interval needs at least this many rows beyond each of its ends.
ROWS_BEYOND_AN_END = 1


def find_broken_references(config: Config) -> Iterator[Fault]:
    """Yield the faults, those of names first."""
    yield from _check_reserved_names(config)
    for key in ("active_studies", "annotation.studies"):
        path = tuple(key.split("."))
        studies = config["active_studies"] if key == "active_studies" else config["annotation"]["studies"]
        for study in studies:
            yield from check_name("names the study", path, study, config["studies"])
    for name in config["datasets"]:
        yield from _check_criteria(name, config)
        yield from _check_tags(name, config)
        yield from _check_records(name, config)
    for name in config["studies"]:
        yield from _check_study(name, config)
    yield from _check_model("names the model", ("diagnostics", "evaluator"), config["diagnostics"]["evaluator"], config)
    yield from _check_appendix_example(config)
    for name, sources in config["models"].items():
        for source, model in sources.items():
            path = ("models", name, source)
            if model["endpoint"] in config["endpoints"]:
                yield from _check_thinking_switch(path, config, model)
            else:
                yield from check_name("names", (*path, "endpoint"), model["endpoint"], config["endpoints"])
    for name, endpoint in config["endpoints"].items():
        yield from _check_limits(name, endpoint)
    yield from _check_bootstrap(config["bootstrap"])
    for study in config["published_studies"]:
        yield from check_name("names the study", ("published_studies",), study, config["studies"])
    yield from _check_addresses(config)


def _check_reserved_names(config: Config) -> Iterator[Fault]:
    for section, reserved in RESERVED.items():
        for name in config[section]:
            end = next((end for end in RESERVED_ENDS.get(section, ()) if name.endswith(end)), "")
            if name in reserved or end:
                found = f"names that end with {end!r}" if end else f"the name {name!r}"
                yield Fault(
                    f"{section}.{name}: the pipeline's own tables and folders use {found}; expected another one",
                    (section, name),
                )


def _check_criteria(dataset: str, config: Config) -> Iterator[Fault]:
    identifiers: dict[str, str] = {}
    for name, criterion in config["datasets"][dataset]["criteria"].items():
        path = ("datasets", dataset, "criteria", name)
        place = ".".join(path)
        identifier = identify_criterion(name)
        if name in RESERVED_CRITERIA:
            yield Fault(f"{place}: the pipeline's own tables use the name {name!r}; expected another one", path)
        elif identifier in identifiers:
            yield Fault(f"{place} and {identifiers[identifier]} have the same name in paths, {identifier}; rename one", path)
        identifiers[identifier] = name
        yield from _check_scale(criterion["scale"], (*path, "scale"))


def _check_records(dataset: str, config: Config) -> Iterator[Fault]:
    block = config["datasets"][dataset]
    records = block.get("records", {})
    for place, layout in enumerate(records if isinstance(records, list) else [records]):
        path = ("datasets", dataset, "records", *([str(place)] if isinstance(records, list) else []), "inputs")
        if "inputs" in layout and len(layout["inputs"]) != len(block["inputs"]):
            yield Fault(
                f"{'.'.join(path)} has {len(layout['inputs'])} entries, but datasets.{dataset}.inputs has"
                f" {len(block['inputs'])}; expected a column for each input, in the same order",
                path,
            )


def _check_tags(dataset: str, config: Config) -> Iterator[Fault]:
    """Yield a fault where two texts stand between the same tags, so that no reader of a prompt can tell them apart."""
    texts = read_text_names(config["datasets"][dataset])
    tags = [*(text.tag for text in texts.inputs), texts.output.tag]
    if twice := [tag for place, tag in enumerate(tags) if tag in tags[:place]]:
        path = ("datasets", dataset, "inputs")
        yield Fault(f"{'.'.join(path)}: two texts have the tag {twice[0]!r} in prompts; give one of them another `tag`", path)


def _check_scale(scale: Any, path: Path) -> Iterator[Fault]:
    place = ".".join(path)
    if isinstance(scale, list):
        if scale[0] >= scale[1]:
            yield Fault(f"{place} is {scale}; expected the lowest, then the highest rating", path)
    elif "classes" in scale:
        if numbers := [key for key in ("low", "high", "step") if key in scale]:
            yield Fault(f"{place} has classes and {numbers[0]!r}; expected either classes or low, high and step", path)
    elif missing := [key for key in ("low", "high", "step") if key not in scale]:
        yield Fault(f"{place} lacks {missing[0]!r}; expected low, high and step, or classes", path)
    elif "ordered" in scale:
        yield Fault(f"{place} has 'ordered' without classes; numbers are ordered, remove it", path)
    elif scale["low"] >= scale["high"]:
        yield Fault(f"{place}.low is {scale['low']}, not below high ({scale['high']})", path)
    else:
        steps = (scale["high"] - scale["low"]) / scale["step"]
        if abs(steps - round(steps)) > 1e-6:
            yield Fault(f"{place}: steps of {scale['step']} from {scale['low']} do not reach {scale['high']}", path)


def _check_study(name: str, config: Config) -> Iterator[Fault]:
    study, path = config["studies"][name], ("studies", name)
    protocol, dataset = protocol_name(config, name), dataset_name(config, name)
    yield from check_name("names the data set", (*path, "dataset"), dataset, config["datasets"])
    yield from check_name("names the protocol", (*path, "protocol"), protocol, config["protocols"])
    for role, model in study["models"].items():
        yield from _check_model("names the model", (*path, "models", role), model, config)
    if dataset in config["datasets"]:
        examples = config["protocols"].get(protocol, {}).get("examples", 0)
        train = config["datasets"][dataset]["split"]["train"]
        if train is not None and study["batch_size"] > train - examples:
            without = f" without the {examples} examples" if examples else ""
            yield Fault(
                f"studies.{name}.batch_size is {study['batch_size']}, more than the {train - examples} pairs of"
                f" datasets.{dataset}.split.train{without}",
                (*path, "batch_size"),
            )


def _check_thinking_switch(path: Path, config: Config, model: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a fault for a field that a model's `thinking_off` and its `extra_body` set to different values.

    The `extra_body` of a model may replace a field that its endpoint's switch sets.
    """
    bodies: dict[Path, Mapping[str, Any]] = {("endpoints", model["endpoint"]): config["endpoints"][model["endpoint"]]}
    if "thinking_off" in model:
        bodies[path] = model
    for field, value in find_thinking_switch(config, model).fields.items():
        for where, settings in bodies.items():
            if settings.get("extra_body", {}).get(field, value) != value:
                yield Fault(
                    f"{'.'.join(where)}.extra_body sets the field {field!r}, which thinking_off sets, too; expected one of"
                    " them: for example all of the field in extra_body, and thinking_off: none",
                    (*where, "extra_body"),
                )


def _check_limits(name: str, endpoint: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a fault for calls in flight of one job beyond those of all, and for a limit per minute without `max_in_flight`.

    A limit per minute needs `max_in_flight`, which each job's share is computed from.
    """
    path = ("endpoints", name)
    calls = {key: endpoint[key] for key in ("concurrency", "max_concurrency", "max_in_flight") if key in endpoint}
    for (lower, fewer), (upper, more) in itertools.combinations(calls.items(), 2):
        if fewer > more:
            yield Fault(
                f"endpoints.{name}.{lower} is {fewer}, more than {upper} ({more}); expected concurrency, max_concurrency and"
                " max_in_flight in rising order",
                (*path, lower),
            )
    for limit in ("requests_per_minute", "tokens_per_minute"):
        if limit in endpoint and "max_in_flight" not in endpoint:
            yield Fault(
                f"endpoints.{name}.{limit} limits all jobs together, but endpoints.{name}.max_in_flight is not set; expected"
                " the number of calls in flight of all jobs, which each job's share of the limit is computed from",
                (*path, limit),
            )


def _check_bootstrap(bootstrap: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a fault where an interval would end at the lowest and highest of all resamples, whatever its level."""
    needed = round(2 * ROWS_BEYOND_AN_END / (1 - bootstrap["level"]))
    if bootstrap["resamples"] < needed:
        yield Fault(
            f"bootstrap.resamples is {bootstrap['resamples']}, too few for intervals of level {bootstrap['level']}; expected at"
            f" least {needed}",
            ("bootstrap", "resamples"),
        )


def _check_model(words: str, path: Path, model: str, config: Config) -> Iterator[Fault]:
    if model not in config["models"]:
        yield from check_name(words, path, model, config["models"])
    elif config["source"] not in (PUBLISHED, *config["models"][model]):
        yield Fault(
            f"{'.'.join(path)} {words} {model!r}, which models.{model} does not define for source {config['source']!r}", path
        )


def _check_appendix_example(config: Config) -> Iterator[Fault]:
    """Yield faults of names that no configuration with these studies and criteria can have.

    An example that is not run is no fault: a smaller configuration, laid over the default, keeps the default's example.
    """
    example = config["appendix_example"]
    yield from check_name("names the study", ("appendix_example", "study"), example["study"], config["studies"])
    if example["study"] in config["studies"] and dataset_name(config, example["study"]) in config["datasets"]:
        modes = expand_modes(STUDY_MODES, list(study_criteria(config, example["study"])))
        yield from check_name("names the mode", ("appendix_example", "mode"), example["mode"], modes)


def _check_addresses(config: Config) -> Iterator[Fault]:
    # A study without its data set is a fault that was found before.
    if not all(dataset_name(config, study) in config["datasets"] for study in config["active_studies"]):
        return
    for dataset in list_active_datasets(config):
        file = resolve_file(config, dataset, config["source"])
        if is_url(file):
            try:
                check_revision(file)
            except InputError as error:
                yield Fault(str(error), find_file_key(config, dataset))
