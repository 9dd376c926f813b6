"""Scores of one study: steps and predictions of its runs in, one tidy table out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Mapping, Sequence

import pyarrow.parquet as pq

from collide.analysis.agreement import COLUMNS, ScoredRun, Table, constant_judge, score_runs
from collide.common.csv_json import read_json_lines, write_csv
from collide.common.script_context import script_context


def read_table(path: Path) -> tuple[Table, bool]:
    """Predictions by prompt, split and criterion, None where missing; and whether simulated replies went into them."""
    predictions = pq.read_table(path, columns=["prompt", "split", "criterion", "score", "human"])
    frame = predictions.to_pandas(types_mapper=None)
    groups = frame.groupby(["prompt", "split", "criterion"], sort=False)
    table = {
        key: ([None if score != score else score for score in rows["score"].tolist()], rows["human"].tolist())
        for key, rows in groups
    }
    return table, b"simulated" in (predictions.schema.metadata or {})


def read_run(steps: Path, table: Table) -> ScoredRun:
    """A run, named by its path .../<study>/<mode>/<gate>/seed<seed>/steps.jsonl."""
    study, mode, gate, seed = steps.parts[-5:-1]
    prompts = [record["prompt"] for record in read_json_lines(steps)]
    return ScoredRun(study, mode, gate, int(seed.removeprefix("seed")), prompts, table)


def score_study(runs: Sequence[tuple[Path, Path]], study: str, scales: Mapping[str, tuple[int, int]], scores: Path) -> None:
    """Score the runs, given as (steps, predictions), and write `scores`."""
    read, humans, simulated = [], {}, False
    for steps, predictions in runs:
        table, marked = read_table(predictions)
        simulated |= marked
        read.append(read_run(steps, table))
        humans.update({criterion: human for (_, split, criterion), (_, human) in table.items() if split == "test"})
        print(f"read {predictions}", flush=True)
    rows = [*score_runs(read, list(scales)), *constant_judge(study, {n: humans[n] for n in scales if n in humans}, scales)]
    write_csv(scores, COLUMNS, rows, simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        score_study(
            [(Path(s), Path(p)) for s, p in zip(snakemake.input.steps, snakemake.input.predictions, strict=True)],
            snakemake.wildcards.study,
            snakemake.params.scales,
            Path(snakemake.output.scores),
        )
