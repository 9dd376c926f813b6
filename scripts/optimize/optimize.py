"""One optimization run: training and validation pairs in, steps.jsonl out. The test pairs are no input of this job."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from collide.common.csv_json import write_json_lines
from collide.common.script_context import script_context
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.corpus.pairs import read_pairs
from collide.experiment.criteria import read_criteria
from collide.experiment.modes import parse_mode
from collide.llm.config_bridge import models_from_config, settings_from_config
from collide.llm.session import open_client
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.textgrad import Optimization, Settings, count_expected_calls


async def optimize(
    train: Path,
    validation: Path,
    journal: Path,
    initial_predictions: Sequence[Path],
    steps: Path,
    usage: Path,
    run: Mapping[str, Any],
    config: Mapping[str, Any],
    log: TextIO,
) -> None:
    """Optimize the judge prompt of one run and write `steps` (one JSON object a step) and `usage`.

    `run` names source, study, mode, gate and seed, and holds the study's `settings`. Nothing is written before the
    last step is taken: what a broken run received is in the journal, and the next try replays it.
    """
    settings = Settings(
        mode=parse_mode(run["mode"], list(config["criteria"])),
        gate=run["gate"],
        seed=run["seed"],
        steps=run["settings"]["steps"],
        batch_size=run["settings"]["batch_size"],
        max_missing_share=config["replies"]["max_missing_share"],
    )
    pairs = read_pairs(validation)
    title = f"optimize {run['study']} {run['mode']} {run['gate']} seed {run['seed']}"
    expected = count_expected_calls(settings, len(pairs))
    known = read_known_predictions(initial_predictions)
    models = models_from_config(config, run["source"], run["settings"]["models"])
    limits = settings_from_config(config, run["source"])
    attempts = config["replies"]["attempts"]
    records: list[dict] = []
    async with open_client(models, limits, journal, title, log, expected, attempts) as client:
        criteria = read_criteria(config["criteria"])
        optimization = Optimization(settings, criteria, read_pairs(train), pairs, client, known)
        await optimization.run(records.append)
    if client.simulated or known.simulated:
        records[0]["simulated"] = SIMULATED_NOTICE
    write_json_lines(steps, records)
    usage.write_text(json.dumps(client.usage(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]) as log:
        asyncio.run(
            optimize(
                Path(snakemake.input.train),
                Path(snakemake.input.validation),
                Path(snakemake.params.journal),
                [Path(path) for path in snakemake.input.initial],
                Path(snakemake.output.steps),
                Path(snakemake.output.usage),
                snakemake.params.run,
                snakemake.config,
                log,
            )
        )
