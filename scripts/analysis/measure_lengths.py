"""Instruction lengths: steps of a study's runs and its scores in; tokens by step and criterion, and their asymmetry, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Iterator, Sequence
from typing import Any

from collide.analysis.cherrypick import TOKENIZER, asymmetry_of, count_tokens
from collide.common.csv_json import is_simulated, read_csv, read_json_lines, write_csv
from collide.common.script_context import script_context
from collide.experiment.modes import SINGLE_TASK

RUN = ("study", "mode", "gate", "seed", "step")
LENGTHS = (*RUN, "criterion", "tokens", "tokenizer")
ASYMMETRY = (*RUN, "shortest", "longest", "ratio", "tokenizer", "spearman")


def lengths(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Tokens of every instruction in force, by run, step and criterion.

    A run is named by its path .../<study>/<mode>/<gate>/seed<seed>/steps.jsonl.
    """
    for path in paths:
        study, mode, gate, seed = path.parts[-5:-1]
        run = {"study": study, "mode": mode, "gate": gate, "seed": int(seed.removeprefix("seed"))}
        for record in read_json_lines(path):
            for criterion, text in record["instructions"].items():
                counted = {"criterion": criterion, "tokens": count_tokens(text), "tokenizer": TOKENIZER}
                yield run | {"step": record["step"]} | counted


def asymmetry(rows: Sequence[dict[str, Any]], scores: Sequence[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """Longest against shortest instruction of each combined prompt, beside its mean Spearman correlation on the test pairs."""
    agreement = {
        tuple(row[part] for part in RUN): float(row["value"]) if row["value"] else None
        for row in scores
        if (row["split"], row["criterion"], row["metric"]) == ("test", "average", "spearman")
    }
    prompts: dict[tuple, list[int]] = {}
    for row in rows:
        if not row["mode"].startswith(SINGLE_TASK):
            prompts.setdefault(tuple(row[part] for part in RUN), []).append(row["tokens"])
    for prompt, tokens in prompts.items():
        yield dict(zip(RUN, prompt, strict=True)) | asymmetry_of(tokens) | {"spearman": agreement.get(tuple(map(str, prompt)))}


def measure_lengths(steps: Sequence[Path], scores: Path, lengths_out: Path, asymmetry_out: Path) -> None:
    """Write both tables of a study."""
    rows, simulated = list(lengths(steps)), is_simulated(scores)
    write_csv(lengths_out, LENGTHS, rows, simulated)
    write_csv(asymmetry_out, ASYMMETRY, asymmetry(rows, read_csv(scores)), simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        measure_lengths(
            [Path(path) for path in snakemake.input.steps],
            Path(snakemake.input.scores),
            Path(snakemake.output.lengths),
            Path(snakemake.output.asymmetry),
        )
