"""Send the calls of evaluations and diagnostics in batches, wait for the replies, and take them into the jobs' journals."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import asyncio

from collide.common.script_context import script_context
from collide.llm.batches.batch_job import BatchJob
from collide.llm.batches.job_pass import BatchSettings
from collide.llm.batches.run_batches import run_batches

if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]) as log:
        params = snakemake.params

        def tell(text: str) -> None:
            """Print to the log and to the terminal, where the user waits for the batches."""
            for stream in (log, terminal):
                print(text, file=stream, flush=True)

        asyncio.run(
            run_batches(
                [BatchJob(**job) for job in params.jobs],
                BatchSettings(params.client, params.datasets, params.rubrics, params.attempts),
                Path(params.folder),
                log,
                tell,
            )
        )
