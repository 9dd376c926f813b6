"""Measure on the simulator what each choice of a protocol changes: runs that differ from `paper` in one choice, beside `paper`.

    python tools/measure_deviations.py --seeds 3 --processes 2

prints the table of docs/deviations.md. The runs are those of the workflow, made here in memory and evaluated at their first
and last step only. One run takes about a second of processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import itertools
import json
import math
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from collide.analysis.metrics import METRICS
from collide.corpus.corpus_reader import check_pairs, pair_records
from collide.corpus.files.formats import parse_records
from collide.corpus.human_score import apply_human_score
from collide.corpus.pairs import Pair
from collide.corpus.preset_reader import read_preset
from collide.corpus.split import DRAWN, split_pairs
from collide.experiment.datasets import collect_dataset, read_dataset
from collide.experiment.models import resolve_study_models
from collide.experiment.modes import parse_mode
from collide.llm.request import Answer, Call, Request, UnusableReply, derive_seed
from collide.optimize.judge import rate_pairs
from collide.optimize.known_predictions import KnownPredictions
from collide.optimize.loop.run_settings import Settings
from collide.optimize.loop.textgrad import Optimization
from collide.optimize.prompts import make_prompt
from collide.simulator import answer_request
from collide.simulator.corpus.generate import generate_records

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
DATASET = read_dataset(collect_dataset(CONFIG, "summeval"))
CRITERIA = DATASET.criteria

# Changed choices by name. `authors` has all choices of that protocol.
CHANGES: dict[str, dict[str, Any]] = {
    "paper": {},
    "human_score: one_expert": {"human_score": "one_expert"},
    "validation_from: train": {"validation_from": "train"},
    "batches: shared": {"batches": "shared"},
    "batch_repeats: true": {"batch_repeats": True},
    "loss_sees: scores": {"loss_sees": "scores"},
    "gradients: batch": {"gradients": "batch"},
    "freeze_output_format: false": {"freeze_output_format": False},
    "ratings: each_step": {"ratings": "each_step"},
    "temperatures: 0.7": {"temperatures": {"loss": 0.7, "gradient": 0.7}},
    "examples: 2": {"examples": 2},
    "authors": CONFIG["protocols"]["authors"],
}
MODES, GATES, STEPS, BATCH_SIZE = ("SSS", "SCC"), ("mae", "none"), 12, 3
# Keys of a protocol that `Settings` does not have.
OTHER_KEYS = ("human_score", "validation_from", "examples", "temperatures")
QUANTITIES = ("initial", "final, mae", "final, none", "accepted")
T = TypeVar("T")


class RunKey(NamedTuple):
    """A run of one of CHANGES."""

    change: str
    mode: str
    gate: str
    seed: int


class SimulatedClient:
    """Answers calls with the simulator, as `collide.llm.client.Client` does, but keeps no reply."""

    def __init__(self, models: Mapping[str, Mapping[str, Any]]) -> None:
        self.models = models

    async def answer_call(self, call: Call, parse: Callable[[str], T]) -> Answer[T]:
        """Return the first usable reply of at most `replies.attempts`."""
        model, text, reason = self.models[call.role], "", ""
        for attempt in range(1, CONFIG["replies"]["attempts"] + 1):
            seed = call.seed if attempt == 1 else derive_seed(call.seed, attempt)
            sampling = (model["temperature"], model["max_tokens"], seed, attempt)
            text = answer_request(Request("", model["name"], call.messages, *sampling, model["extra_body"]))
            try:
                return Answer(parse(text), text, attempt, model["name"])
            except UnusableReply as error:
                reason = str(error)
        return Answer(None, text, attempt, model["name"], reason)


@functools.cache
def read_corpus() -> list[Pair]:
    """Return the pairs of the embedded corpus."""
    records = generate_records(CONFIG["embedded_corpus"]["seed"], CONFIG["embedded_corpus"]["articles"])
    content = "\n".join(map(json.dumps, records)).encode()
    scales = {name: criterion.scale for name, criterion in CRITERIA.items()}
    found = parse_records(content, "embedded")[1]
    return check_pairs(pair_records(found, read_preset("summeval")["records"], DATASET.texts, scales)[1].pairs)


def read_splits(protocol: Mapping[str, Any]) -> dict[str, list[Pair]]:
    """Return the split of the embedded corpus under a protocol."""
    split = CONFIG["datasets"]["summeval"]["split"]
    return split_pairs(
        apply_human_score(read_corpus(), protocol["human_score"]),
        {name: split[name] for name in DRAWN},
        split["seed"],
        split["unit"],
        protocol["validation_from"],
        protocol["examples"],
    )


def measure_run(run: RunKey) -> tuple[RunKey, dict[str, float]]:
    """Make a run; return its correlation on the test pairs at the first and the last step, and the share of accepted steps.

    A correlation is the mean over the criteria, nan where one of them is undefined. Only gated runs have a share.
    """
    protocol = CONFIG["protocols"]["paper"] | CHANGES[run.change]
    config = CONFIG | {"protocols": {"paper": protocol}}
    client = SimulatedClient(resolve_study_models(config, "main", "simulated"))
    loop = {key: value for key, value in protocol.items() if key not in OTHER_KEYS}
    share = CONFIG["replies"]["max_missing_share"]
    settings = Settings(parse_mode(run.mode, list(CRITERIA)), run.gate, run.seed, STEPS, BATCH_SIZE, share, **loop)
    splits, known, records = read_splits(protocol), KnownPredictions(), []
    optimization = Optimization(settings, DATASET, splits["train"], splits["validation"], client, known, splits["examples"])
    asyncio.run(optimization.run(records.append))
    values = {}
    for quantity, record in (("initial", records[0]), (f"final, {run.gate}", records[-1])):
        prompt = make_prompt(record, DATASET, splits["examples"])
        judgements = asyncio.run(rate_pairs(client, prompt, splits["test"], run.seed, known))
        found = [
            METRICS["spearman"].from_values(
                [None if j.scores is None else j.scores[name] for j in judgements], [j.pair.human[name] for j in judgements]
            )
            for name in CRITERIA
        ]
        values[quantity] = statistics.fmean(math.nan if value.value is None else value.value for value in found)
    if run.gate != "none":
        values["accepted"] = statistics.fmean(record["gate"]["accepted"] for record in records[1:])
    return run, values


def compare_runs(paper: Mapping[RunKey, float], other: Mapping[RunKey, float]) -> str:
    """Return the mean of the other runs as text, with the mean of the paired differences and its standard error.

    Runs are paired by mode, gate and seed. The error is over the seeds, because the runs of a seed depend on each other. Runs
    that are undefined in one of both are left out and counted.
    """
    by_place = {run[1:]: value for run, value in other.items()}
    pairs = [(run.seed, value, by_place[run[1:]]) for run, value in paper.items()]
    defined = [pair for pair in pairs if not (math.isnan(pair[1]) or math.isnan(pair[2]))]
    if not defined:
        raise ValueError("no run is defined in both")
    by_seed: dict[int, list[float]] = {}
    for seed, ours, theirs in defined:
        by_seed.setdefault(seed, []).append(theirs - ours)
    means = [statistics.fmean(found) for found in by_seed.values()]
    error = f"{statistics.stdev(means) / math.sqrt(len(means)):.3f}" if len(means) > 1 else "unknown"
    undefined = f" ({len(pairs) - len(defined)} of {len(pairs)} undefined)" if len(defined) < len(pairs) else ""
    theirs = statistics.fmean(pair[2] for pair in defined)
    return f"{theirs:.3f} ({statistics.fmean(means):+.3f} ± {error}){undefined}"


def format_table(measured: Mapping[RunKey, Mapping[str, float]]) -> Iterable[str]:
    """Yield the lines of a Markdown table: each quantity under each change, with its difference from `paper`."""

    def select_runs(change: str, quantity: str) -> dict[RunKey, float]:
        return {run: values[quantity] for run, values in measured.items() if run.change == change and quantity in values}

    paper = {quantity: select_runs("paper", quantity) for quantity in QUANTITIES}
    means = [f"{statistics.fmean(values.values()):.3f}" for values in paper.values()]
    yield f"| option | {' | '.join(QUANTITIES)} |"
    yield f"|---|{'---|' * len(QUANTITIES)}"
    yield f"| none: `paper` | {' | '.join(means)} |"
    for change in list(CHANGES)[1:]:
        cells = [compare_runs(paper[quantity], select_runs(change, quantity)) for quantity in QUANTITIES]
        yield f"| `{change}` | {' | '.join(cells)} |"


def measure_resampling(measured: Mapping[RunKey, Mapping[str, float]], change: str) -> float:
    """Return the deviation of the initial correlation between runs of a seed, which differ in mode and gate."""
    by_seed: dict[int, list[float]] = {}
    for run, values in measured.items():
        if run.change == change:
            by_seed.setdefault(run.seed, []).append(values["initial"])
    return statistics.fmean(statistics.stdev(found) for found in by_seed.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all runs, then print the table, and how far resampled ratings move a correlation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args(arguments)
    runs = [RunKey(*run) for run in itertools.product(CHANGES, MODES, GATES, range(options.seeds))]
    with ProcessPoolExecutor(options.processes) as pool:
        measured = dict(pool.map(measure_run, runs))
    print("\n".join(format_table(measured)))
    for change in ("paper", "ratings: each_step"):
        print(f"{change}: initial correlation between the runs of a seed, deviation {measure_resampling(measured, change):.4f}")


if __name__ == "__main__":
    main()
