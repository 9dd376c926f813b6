"""Evaluate judge prompts: rate the pairs of each split with each distinct prompt of a JSON Lines file."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import asyncio
import json
from collections.abc import Mapping, Sequence

from collide.common.script_context import script_context
from collide.corpus.pairs import read_pairs
from collide.experiment.datasets import read_dataset
from collide.llm.session import ClientOpener, prepare_client
from collide.optimize.judge import check_prompts, rate_pairs
from collide.optimize.known_predictions import KnownPredictions, read_known_predictions
from collide.optimize.predictions import write_predictions
from collide.optimize.prompts import JudgePrompt, read_prompts


async def evaluate(
    prompts: Sequence[JudgePrompt],
    splits: Mapping[str, Path],
    known: KnownPredictions,
    predictions: Path,
    seed: int,
    max_missing_share: float,
    open_job_client: ClientOpener,
) -> dict[str, object]:
    """Write `predictions` and return the usage; see `prepare_client` for the last argument.

    Missing predictions of a rewritten prompt are data. Raises InputError where the endpoint is at fault, see `check_prompts`.
    """
    pairs = {split: read_pairs(path) for split, path in splits.items()}
    grid = [(prompt, split) for prompt in prompts for split in splits]
    unknown = sum(known.find_outcome(prompt.id, pair.id) is None for prompt, split in grid for pair in pairs[split])
    async with open_job_client(unknown) as client:
        judged = await asyncio.gather(
            *(
                # Missing predictions of a rewritten prompt are data; those of an initial prompt are the endpoint's fault.
                rate_pairs(client, prompt, pairs[split], seed, known, limit=max_missing_share if prompt.is_initial else 1.0)
                for prompt, split in grid
            )
        )
    check_prompts(grid, judged, max_missing_share, str(predictions))
    # With all predictions known, the client has seen no reply and cannot tell whether they are simulated.
    write_predictions(predictions, grid, judged, client.simulated or known.simulated, max_missing_share)
    return client.usage()


def write_usage(path: Path, evaluation: Mapping[str, object], optimization: Path | None) -> None:
    """Write the usage of an evaluation, together with that of its optimization if there was one."""
    parts = {"optimize": json.loads(optimization.read_text(encoding="utf-8"))} if optimization else {}
    path.write_text(json.dumps({**parts, "evaluate": evaluation}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]) as log:
        inputs, params = snakemake.input, snakemake.params
        # The prompts of a run are its steps, whose predictions are known. Other prompts come without an optimization.
        optimization = Path(inputs.usage) if inputs.get("usage") else None
        open_job_client = prepare_client(params.models, params.client, params.journal, params.title, log, params.attempts)
        dataset, examples = read_dataset(params.dataset), read_pairs(Path(inputs.examples))
        usage = asyncio.run(
            evaluate(
                read_prompts(Path(inputs.prompts), dataset, examples, params.models["task"]["repeat_task"]),
                {split: Path(inputs[split]) for split in params.splits},
                read_known_predictions(map(Path, inputs.get("initial", [])), Path(inputs.prompts) if optimization else None),
                Path(snakemake.output.predictions),
                params.seed,
                params.max_missing_share,
                open_job_client,
            )
        )
        write_usage(Path(snakemake.output.usage), usage, optimization)
