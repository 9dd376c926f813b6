"""Forecast calls, tokens, cost and time of all jobs, from the configuration, the corpus and the replies that exist."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from collide.common.script_context import script_context
from collide.corpus.pairs import read_pairs
from collide.cost.forecast_table import describe_forecast, sum_forecasts, write_forecast
from collide.cost.forecast_time import minutes_left
from collide.cost.job_forecast import forecast_jobs
from collide.experiment.datasets import Dataset, read_dataset
from collide.experiment.jobs import ModelJob


def forecast_cost(
    jobs: Sequence[ModelJob],
    datasets: Mapping[str, Dataset],
    splits: Mapping[str, Mapping[str, Path]],
    endpoints: Mapping[str, Mapping[str, Any]],
    table: Path,
) -> str:
    """Write the forecast to `table` and return it as text.

    `splits` are the files with the training, validation and test pairs of each data set.
    """
    counts = {
        dataset: {name: pq.read_metadata(path).num_rows for name, path in files.items()} for dataset, files in splits.items()
    }
    train = {dataset: read_pairs(files["train"]) for dataset, files in splits.items()}
    forecasts = list(forecast_jobs(jobs, datasets, train, counts))
    sums = sum_forecasts(forecasts)
    write_forecast(table, sums)
    return describe_forecast(sums, minutes_left(forecasts, endpoints))


if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]):
        text = forecast_cost(
            [ModelJob(**job) for job in snakemake.params.jobs],
            {name: read_dataset(facts) for name, facts in snakemake.params.datasets.items()},
            {
                dataset: {split: Path(snakemake.input[f"{dataset}_{split}"]) for split in ("train", "validation", "test")}
                for dataset in snakemake.params.datasets
            },
            snakemake.params.endpoints,
            Path(snakemake.params.table),
        )
        # The user asked for the forecast itself, so it goes to the terminal and not to the log.
        print(text, file=terminal, flush=True)
