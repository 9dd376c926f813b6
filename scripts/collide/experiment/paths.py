"""Paths of the files that rules pass to each other, built from names of runs and variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from collide.corpus.files.folder import list_files
from collide.errors import InputError
from collide.experiment.datasets import dataset_name
from collide.experiment.files import EMBEDDED, is_url, resolve_file
from collide.experiment.gates import GATES
from collide.experiment.modes import ALL_CRITERIA
from collide.experiment.runs import (
    DEFAULT_PROTOCOL,
    RunId,
    list_initial_prompts,
    list_retests,
    list_runs,
    protocol_name,
    study_protocol,
)
from collide.experiment.variants import list_variant_seeds, list_variants


def check_braces(paths: Mapping[str, str]) -> None:
    """Raise InputError for a path with braces, which Snakemake takes for wildcards. Keys say what each path is of."""
    for name, path in paths.items():
        if "{" in path or "}" in path:
            raise InputError(f"the path of {name}, {path!r}, has braces, which Snakemake takes for wildcards; rename it")


def raw_corpus_file(config: Mapping[str, Any], dataset: str, source: str) -> str:
    """Return the file that the pairs of a data set are read from: written by the pipeline, downloaded, or the user's own."""
    file = resolve_file(config, dataset, source)
    if file == EMBEDDED:
        return f"results/{source}/corpus/{dataset}/embedded.jsonl"
    return f"results/{source}/corpus/{dataset}/download" if is_url(file) else file


def list_raw_files(config: Mapping[str, Any], dataset: str, source: str) -> list[str]:
    """Return the files that the pairs of a data set are read from: several if it is a folder."""
    return [str(path) for path in list_files(Path(raw_corpus_file(config, dataset, source)))]


def split_file(config: Mapping[str, Any], split: str, source: str, study: str) -> str:
    """Return the file with the pairs of a split of a study's data set, under the study's protocol."""
    return dataset_split_file(dataset_name(config, study), split, source, protocol_name(config, study))


def dataset_split_file(dataset: str, split: str, source: str, protocol: str = DEFAULT_PROTOCOL) -> str:
    """Return the file with the pairs of a split of a data set under a protocol."""
    return f"results/{source}/corpus/{dataset}/{protocol}/{split}.parquet"


def manifest_file(dataset: str, source: str) -> str:
    """Return the file that describes the corpus of a data set."""
    return f"results/{source}/corpus/{dataset}/manifest.json"


def run_files(runs: Iterable[RunId], name: str, source: str) -> list[str]:
    """Return the paths of the file `name` of these runs."""
    return [f"results/{source}/runs/{run.path}/{name}" for run in runs]


def initial_prediction_files(config: Mapping[str, Any], run: RunId, splits: tuple[str, ...], source: str) -> list[str]:
    """Return the paths of the predictions with the initial prompt that a run starts from, one per split."""
    return [f"results/{source}/{prompt.path}.parquet" for prompt in list_initial_prompts(config, run, splits)]


def initial_validation_files(config: Mapping[str, Any], run: RunId, source: str) -> list[str]:
    """Return the path of the initial prompt's validation as a list of one, or an empty list if the optimization needs none.

    Without a metric gate, a run rates validation pairs only where they are drawn from its training pairs.
    """
    needed = GATES[run.gate].metric or study_protocol(config, run.study)["validation_from"] == "train"
    return initial_prediction_files(config, run, ("validation",), source) if needed else []


def retest_files(config: Mapping[str, Any], study: str, source: str) -> list[str]:
    """Return the paths of the further predictions with the initial prompts of a study."""
    return [f"results/{source}/{retest.path}.parquet" for retest in list_retests(config, [study])]


def rating_files(runs: Iterable[RunId], source: str) -> list[str]:
    """Return the paths of the evaluator's ratings of these runs."""
    return [f"results/{source}/diagnostics/{run.path}.csv" for run in runs]


def variant_files(
    config: Mapping[str, Any], study: str, name: str, source: str, variants: Iterable[str] | None = None
) -> list[str]:
    """Return the paths of the file `name` of variants that pick from a study (all of them by default), one per seed."""
    return [
        f"results/{source}/cherrypick/{study}/{variant}/seed{seed}/{name}"
        for variant in (list_variants(config, study) if variants is None else variants)
        for seed in list_variant_seeds(config, study)
    ]


def choose_example(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run and step that Appendix E shows: the configured ones, if they are run.

    Otherwise it is the first step of the first active study, of a run over all criteria if there is one: an example must not
    cost a run of its own.
    """
    example = config["appendix_example"]
    run = RunId(*(example[part] for part in RunId._fields))
    is_run = run.study in config["active_studies"] and run in list_runs(config, run.study)
    if is_run and example["step"] <= config["studies"][run.study]["steps"]:
        return dict(example)
    runs = list_runs(config, config["active_studies"][0])
    return next((run for run in runs if run.scope == ALL_CRITERIA), runs[0])._asdict() | {"step": 1}


def appendix_steps_file(config: Mapping[str, Any], source: str) -> str:
    """Return the steps of the run that Appendix E shows."""
    example = choose_example(config)
    return run_files([RunId(*(example[part] for part in RunId._fields))], "steps.jsonl", source)[0]
