"""Optimize the judge prompt of one run. The test pairs are no input of this job."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import asyncio
import json
from collections.abc import Sequence

from collide.common.csv_json import write_json_lines
from collide.common.script_context import script_context
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.corpus.pairs import read_pairs
from collide.experiment.datasets import Dataset, read_dataset
from collide.experiment.modes import parse_mode
from collide.experiment.runs import RunId
from collide.llm.session import ClientOpener, prepare_client
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.loop.run_settings import Settings, count_expected_calls
from collide.optimize.loop.textgrad import Optimization


async def optimize(
    train: Path,
    validation: Path,
    examples: Path,
    initial_predictions: Sequence[Path],
    steps: Path,
    usage: Path,
    settings: Settings,
    dataset: Dataset,
    open_job_client: ClientOpener,
) -> None:
    """Write `steps` (one JSON object per step) and `usage`; see `prepare_client` for the last argument.

    Nothing is written before the last step: the journal holds the replies of a run that stopped, and the next try uses them.
    """
    pairs, known, records = read_pairs(validation), read_known_predictions(initial_predictions), []
    async with open_job_client(count_expected_calls(settings, len(pairs))) as client:
        run = Optimization(settings, dataset, read_pairs(train), pairs, client, known, read_pairs(examples))
        await run.run(records.append)
    # A client whose calls were all avoided has seen no reply, so it cannot tell.
    if client.simulated or known.simulated:
        records[0]["simulated"] = SIMULATED_NOTICE
    write_json_lines(steps, records)
    usage.write_text(json.dumps(client.usage(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]) as log:
        params, run = snakemake.params, RunId.parse(snakemake.output.steps)
        mode, repeat_task = parse_mode(run.mode, list(params.dataset["criteria"])), params.models["task"]["repeat_task"]
        open_job_client = prepare_client(
            params.models, params.client, params.journal, f"optimize {run.path}", log, params.attempts
        )
        asyncio.run(
            optimize(
                Path(snakemake.input.train),
                Path(snakemake.input.validation),
                Path(snakemake.input.examples),
                [Path(path) for path in snakemake.input.initial],
                Path(snakemake.output.steps),
                Path(snakemake.output.usage),
                Settings(mode, run.gate, run.seed, repeat_task=repeat_task, **params.settings),
                read_dataset(params.dataset),
                open_job_client,
            )
        )
