"""Print what a configuration will run: its data sets, a table of its studies, and the first prompt of each role."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from collide.common.script_context import script_context
from collide.corpus.pairs import read_pairs
from collide.cost.job_forecast import forecast_jobs
from collide.experiment.datasets import DEFAULT_DATASET, read_dataset
from collide.experiment.jobs import ModelJob
from collide.report.design_check import describe_dataset, describe_prompts, describe_studies, sum_by_study


def describe_design(params: Any, splits: Mapping[str, Mapping[str, Path]], manifests: Sequence[Path]) -> str:
    """Return the text that `check` prints. `splits` are the files of each data set's splits, in the order of `manifests`."""
    datasets = {name: read_dataset(facts) for name, facts in params.datasets.items()}
    counts = {name: {split: pq.read_metadata(path).num_rows for split, path in files.items()} for name, files in splits.items()}
    train = {name: read_pairs(files["train"]) for name, files in splits.items()}
    forecasts = list(forecast_jobs([ModelJob(**job) for job in params.jobs], datasets, train, counts))
    facts = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in zip(splits, manifests, strict=True)}
    shown: dict[str, str] = {}
    for study, settings in params.studies.items():
        name = settings.get("dataset", DEFAULT_DATASET)
        # The prompts of another study of the data set are the same but for models and modes.
        if name not in shown and params.repeat_task[study] is not None:
            shown[name] = describe_prompts(
                name, datasets[name], settings["modes"], params.rubrics, params.repeat_task[study], train[name][0]
            )
    return "\n\n".join(
        [
            *(describe_dataset(name, manifest, counts[name]) for name, manifest in facts.items()),
            describe_studies(params.studies, params.runs, sum_by_study(forecasts)),
            *shown.values(),
            "No model was called. `snakemake --cores N all` runs it.",
        ]
    )


if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]):
        text = describe_design(
            snakemake.params,
            {
                dataset: {split: Path(snakemake.input[f"{dataset}_{split}"]) for split in ("train", "validation", "test")}
                for dataset in snakemake.params.datasets
            },
            [Path(path) for path in snakemake.input.manifests],
        )
        # The user asked for this text itself, so it goes to the terminal, too.
        for stream in (sys.stdout, terminal):
            print(text, file=stream, flush=True)
