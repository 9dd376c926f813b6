"""Measure on the simulator what each choice of a protocol changes: runs that differ from `paper` in one choice, beside `paper`.

    python tools/measure_deviations.py FOLDER [--cores N] [--seeds N]

runs the workflow in FOLDER (a finished part is not run again) and prints the tables of docs/deviations.md. About 150 runs with
the default of 3 seeds, which take about 15 minutes of one core.
"""

from __future__ import annotations

import argparse
import copy
import math
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from collide.common.csv_json import read_csv, read_json_lines

# Changed choices by the name of the study that makes them. `authors` has all choices of that protocol.
CHANGES: dict[str, dict[str, Any]] = {
    "paper": {},
    "one-expert": {"human_score": "one_expert"},
    "validation-from-train": {"validation_from": "train"},
    "shared-batches": {"batches": "shared"},
    "repeated-batches": {"batch_repeats": True},
    "scores-to-loss": {"loss_sees": "scores"},
    "gradient-per-batch": {"gradients": "batch"},
    "format-dropped": {"freeze_output_format": False},
    "ratings-each-step": {"ratings": "each_step"},
    "temperatures": {"temperatures": {"loss": 0.7, "gradient": 0.7}},
    "two-examples": {"examples": 2},
}
DESIGN = {"modes": ["SSS", "SCC"], "gates": ["mae", "none"], "steps": 12, "batch_size": 3}
MODELS = {"task": "qwen3-8b", "loss": "qwen3-235b", "gradient": "qwen3-235b", "optimizer": "qwen3-235b"}
QUANTITIES = ("initial", "final, mae", "final, none", "accepted")

# Values of a run: quantity -> value, and the mode, gate and seed that runs of two studies are paired by.
RunKey = tuple[str, str, str]
Values = Mapping[str, Mapping[RunKey, float]]


def make_config(seeds: int) -> dict[str, Any]:
    """Return config.yaml with one study and one protocol for each entry of CHANGES, and the study `authors`."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    paper = config["protocols"]["paper"]
    config["protocols"] |= {name: paper | change for name, change in CHANGES.items()}
    names = [*CHANGES, "authors"]
    study = DESIGN | {"models": MODELS, "seeds": list(range(seeds))}
    studies = {name: copy.deepcopy(study) | {"protocol": name} for name in names}
    # The default cherry-picking and appendix name the study `main`, which stays, but is not run.
    return config | {"studies": config["studies"] | studies, "active_studies": names}


def read_study(results: Path, study: str) -> dict[str, dict[RunKey, float]]:
    """Return the values of a study's runs.

    initial, final: Spearman correlation on the test pairs, mean of the criteria, at step 0 and at the last step, the latter by
    gate; nan where it is undefined. accepted: share of steps whose candidate the gate accepted, of gated runs only.
    """
    values: dict[str, dict[RunKey, float]] = {quantity: {} for quantity in QUANTITIES}
    for row in read_csv(results / "scores" / f"{study}.csv"):
        if (row["split"], row["criterion"], row["metric"]) != ("test", "average", "spearman"):
            continue
        quantity = {"0": "initial", str(DESIGN["steps"]): f"final, {row['gate']}"}.get(row["step"])
        if quantity:
            values[quantity][row["mode"], row["gate"], row["seed"]] = float(row["value"] or "nan")
    for path in sorted((results / "runs" / study).glob("*/mae/seed*/steps.jsonl")):
        gates = [record["gate"]["accepted"] for record in read_json_lines(path)[1:]]
        mode, gate, seed = path.parts[-4:-1]
        values["accepted"][mode, gate, seed.removeprefix("seed")] = statistics.fmean(gates)
    return values


def compare_runs(paper: Mapping[RunKey, float], other: Mapping[RunKey, float]) -> str:
    """Return cells of a table: the means of both, and the mean of the paired differences with its standard error.

    The error is over the seeds, because the runs of a seed depend on each other. Runs that are undefined in one of the studies
    are left out and counted.
    """
    defined = [key for key in paper if not (math.isnan(paper[key]) or math.isnan(other[key]))]
    by_seed: dict[str, list[float]] = {}
    for key in defined:
        by_seed.setdefault(key[2], []).append(other[key] - paper[key])
    means = [statistics.fmean(found) for found in by_seed.values()]
    if not means:
        raise ValueError("no run is defined in both studies")
    error = f"{statistics.stdev(means) / math.sqrt(len(means)):.3f}" if len(means) > 1 else "unknown"
    undefined = f" ({len(paper) - len(defined)} of {len(paper)} undefined)" if len(defined) < len(paper) else ""
    ours, theirs = (statistics.fmean(values[key] for key in defined) for values in (paper, other))
    return f"{ours:.3f} | {theirs:.3f} | {statistics.fmean(means):+.3f} ± {error}{undefined}"


def print_table(studies: Mapping[str, Values]) -> None:
    """Print the comparison of every study with `paper` as a table of Markdown."""
    print("| option | quantity | paper | changed | difference |\n|---|---|---|---|---|")
    for name, values in studies.items():
        for quantity in QUANTITIES if name != "paper" else ():
            print(f"| {name} | {quantity} | {compare_runs(studies['paper'][quantity], values[quantity])} |")


def measure_resampling(values: Values) -> str:
    """Return, as a sentence, how much the initial correlation moves between runs that differ in mode and gate alone."""
    by_seed: dict[str, list[float]] = {}
    for (_, _, seed), value in values["initial"].items():
        by_seed.setdefault(seed, []).append(value)
    spreads = ", ".join(f"{statistics.stdev(found):.4f}" for found in by_seed.values())
    return f"deviation of the initial correlation between the runs of a seed: {spreads}"


def main(arguments: list[str] | None = None) -> None:
    """Run the workflow, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cores", default="1")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    config = options.folder / "deviations.yaml"
    config.write_text(yaml.safe_dump(make_config(options.seeds)), encoding="utf-8")
    program = str(Path(sys.executable).with_name("snakemake"))
    places = ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(options.folder)]
    subprocess.run(
        [program, "scores", *places, "--cores", options.cores, "--quiet", "all", "--configfile", str(config)], check=True
    )
    results = options.folder / "results" / "simulated"
    studies = {name: read_study(results, name) for name in (*CHANGES, "authors")}
    print_table(studies)
    for name in ("paper", "ratings-each-step"):
        print(f"{name}: {measure_resampling(studies[name])}")


if __name__ == "__main__":
    main()
