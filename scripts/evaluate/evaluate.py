"""Evaluation: prompts and pairs in, one prediction per prompt, pair and criterion out.

The prompts are the distinct `instructions` of a JSON Lines file: the steps of a run, or prompts that were made otherwise.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from collide.common.csv_json import read_json_lines
from collide.common.script_context import script_context
from collide.corpus.pairs import Pair, read_pairs
from collide.errors import InputError
from collide.experiment.criteria import Criterion, read_criteria
from collide.llm.config_bridge import models_from_config, settings_from_config
from collide.llm.session import open_client
from collide.optimize.judge import check_missing, rate_pairs
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.predictions import write_predictions
from collide.optimize.prompts import JudgePrompt


def read_prompts(path: Path, criteria: Mapping[str, Criterion]) -> list[JudgePrompt]:
    """The distinct prompts of a JSON Lines file whose lines hold `instructions`, in order of first appearance."""
    prompts: dict[str, JudgePrompt] = {}
    for number, record in enumerate(read_json_lines(path), start=1):
        instructions = record["instructions"]
        if unknown := sorted(set(instructions) - set(criteria)):
            raise InputError(f"{path}, line {number}: unknown criterion {unknown[0]!r}, expected {', '.join(criteria)}")
        prompt = JudgePrompt([criteria[name] for name in instructions], instructions)
        prompts.setdefault(prompt.id, prompt)
    return list(prompts.values())


async def evaluate(
    prompts: Path,
    splits: Mapping[str, Path],
    journal: Path,
    initial_predictions: Sequence[Path],
    steps: Path | None,
    predictions: Path,
    run: Mapping[str, Any],
    config: Mapping[str, Any],
    log: TextIO,
) -> dict[str, Any]:
    """Let the judge rate the pairs of each split with each distinct prompt, write `predictions`, return the usage.

    Raises InputError when more than the allowed share of the predictions is missing.
    """
    judges = read_prompts(prompts, read_criteria(config["criteria"]))
    pairs: dict[str, list[Pair]] = {split: read_pairs(path) for split, path in splits.items()}
    known = read_known_predictions(initial_predictions, steps)
    grid = [(judge, split) for judge in judges for split in pairs]
    expected = sum(known.find_outcome(judge.id, pair.id) is None for judge, split in grid for pair in pairs[split])
    models = models_from_config(config, run["source"], {"task": run["model"]})
    limits = settings_from_config(config, run["source"])
    attempts = config["replies"]["attempts"]
    async with open_client(models, limits, journal, run["title"], log, expected, attempts) as client:
        judged = await asyncio.gather(*(rate_pairs(client, judge, pairs[split], run["seed"], known) for judge, split in grid))
    flat = [judgement for judgements in judged for judgement in judgements]
    check_missing(flat, config["replies"]["max_missing_share"], run["title"])
    write_predictions(predictions, grid, judged, client.simulated or known.simulated)
    return client.usage()


def write_usage(path: Path, evaluated: Mapping[str, Any], optimized: Path | None) -> None:
    """Write what the evaluation came to, after what the run's optimization came to, if there was one."""
    parts = {"optimize": json.loads(optimized.read_text(encoding="utf-8"))} if optimized else {}
    path.write_text(json.dumps({**parts, "evaluate": evaluated}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]) as log:
        steps = snakemake.input.get("steps")
        usage = asyncio.run(
            evaluate(
                Path(snakemake.input.prompts),
                {name: Path(snakemake.input[name]) for name in snakemake.params.splits},
                Path(snakemake.params.journal),
                [Path(path) for path in snakemake.input.get("initial", [])],
                Path(steps) if steps else None,
                Path(snakemake.output.predictions),
                snakemake.params.run,
                snakemake.config,
                log,
            )
        )
        optimized = snakemake.input.get("usage")
        write_usage(Path(snakemake.output.usage), usage, Path(optimized) if optimized else None)
