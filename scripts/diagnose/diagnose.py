"""Rate the textual gradients and rewrites of one run: one rating per step, criterion and diagnostic."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import asyncio
import json
from collections.abc import Sequence

from collide.common.csv_json import read_json_lines
from collide.common.script_context import script_context
from collide.experiment.criteria import Criterion, read_criteria
from collide.experiment.modes import parse_mode
from collide.experiment.runs import RunId
from collide.llm.session import ClientOpener, prepare_client
from collide.optimize.diagnostics import list_diagnostics, rate_steps
from collide.optimize.rating_file import write_ratings


async def diagnose(
    steps: Path,
    ratings: Path,
    usage: Path,
    run: RunId,
    criteria: dict[str, Criterion],
    rubrics: Sequence[str],
    open_job_client: ClientOpener,
) -> None:
    """Write `ratings`, a tidy CSV, and `usage`; see `prepare_client` for the last argument."""
    records, diagnostics = read_json_lines(steps), list_diagnostics(parse_mode(run.mode, list(criteria)), rubrics)
    # An upper bound: there is no call for a step without a textual gradient or a usable rewrite.
    expected_calls = len(diagnostics) * sum(len(record["instructions"]) for record in records[1:])
    async with open_job_client(expected_calls) as client:
        rated = await rate_steps(client, records, criteria, diagnostics, run.seed)
    write_ratings(ratings, rated, run, client.simulated)
    usage.write_text(json.dumps({"diagnose": client.usage()}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]) as log:
        params, run = snakemake.params, RunId.parse(snakemake.output.ratings)
        open_job_client = prepare_client(
            params.models, params.client, params.journal, f"diagnose {run.path}", log, params.attempts
        )
        asyncio.run(
            diagnose(
                Path(snakemake.input.steps),
                Path(snakemake.output.ratings),
                Path(snakemake.output.usage),
                run,
                read_criteria(params.dataset["criteria"]),
                params.rubrics,
                open_job_client,
            )
        )
