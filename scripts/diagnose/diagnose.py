"""Diagnostics of one run: steps in, one rating per step, criterion and diagnostic out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import asyncio
import dataclasses
import json
from collections.abc import Mapping
from typing import Any, TextIO

from collide.common.csv_json import read_json_lines, write_csv
from collide.common.script_context import script_context
from collide.experiment.criteria import read_criteria
from collide.llm.config_bridge import models_from_config, settings_from_config
from collide.llm.session import open_client
from collide.optimize.diagnostics import DIAGNOSTICS, Rating, rate_steps


async def rate_run(
    steps: Path,
    journal: Path,
    ratings: Path,
    usage: Path,
    run: Mapping[str, Any],
    config: Mapping[str, Any],
    log: TextIO,
) -> None:
    """Rate the gradients and rewrites of a run's steps and write `ratings`, a tidy CSV, and `usage`."""
    records = read_json_lines(steps)
    title = f"diagnose {run['study']} {run['mode']} {run['gate']} seed {run['seed']}"
    expected = len(DIAGNOSTICS) * sum(len(record["instructions"]) for record in records[1:])
    models = models_from_config(config, run["source"], {"evaluator": config["diagnostics"]["evaluator"]})
    limits = settings_from_config(config, run["source"])
    async with open_client(models, limits, journal, title, log, expected, config["replies"]["attempts"]) as client:
        rated = await rate_steps(client, records, read_criteria(config["criteria"]), run["seed"])
    write_ratings(ratings, rated, run, client.simulated)
    usage.write_text(json.dumps({"diagnose": client.usage()}, indent=2) + "\n", encoding="utf-8")


def write_ratings(path: Path, ratings: list[Rating], run: Mapping[str, Any], simulated: bool) -> None:
    """Write ratings as CSV, led by what names the run; an empty score is a missing one."""
    names = {key: run[key] for key in ("study", "mode", "gate", "seed")}
    columns = [*names, *(field.name for field in dataclasses.fields(Rating))]
    write_csv(path, columns, (names | dataclasses.asdict(rating) for rating in ratings), simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]) as log:
        asyncio.run(
            rate_run(
                Path(snakemake.input.steps),
                Path(snakemake.params.journal),
                Path(snakemake.output.ratings),
                Path(snakemake.output.usage),
                snakemake.params.run,
                snakemake.config,
                log,
            )
        )
