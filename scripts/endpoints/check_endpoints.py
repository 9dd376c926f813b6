"""Check each model with a few small calls, and say what to change in config.yaml before a study spends money."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import asyncio

from collide.common.script_context import script_context
from collide.errors import InputError
from collide.experiment.datasets import read_dataset
from collide.llm.checks.check import check_models
from collide.llm.checks.table import describe_results, write_table
from collide.optimize.sample_calls import build_sample_calls

if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]):
        params = snakemake.params
        calls = build_sample_calls([read_dataset(facts) for facts in params.datasets], params.rubric)

        def report(line: str) -> None:
            """Print a line to the log and to the terminal, where the user waits for it."""
            for stream in (sys.stdout, terminal):
                print(line, file=stream, flush=True)

        results = asyncio.run(check_models(params.models, params.source, params.client, calls, report))
        write_table(Path(params.table), results)
        report(f"\n{describe_results(results)}")
        failed = [result.model.name for result in results if result.verdict == "failed"]
        if failed:
            raise InputError(f"{len(failed)} of {len(results)} models need a change of config.yaml, see {params.table}")
