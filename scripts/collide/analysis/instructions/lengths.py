"""Lengths of instructions in tokens, and the length ratio of a prompt: its longest instruction divided by its shortest.

The paper blames unequal lengths for interference between instructions (section 6.3), so the length ratio is listed beside the
agreement of each combined prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.analysis.estimates import AVERAGE
from collide.analysis.instructions.tokens import TOKENIZER, compare_lengths, count_tokens
from collide.analysis.metrics import select_metric
from collide.analysis.prediction_groups import read_prediction_groups
from collide.analysis.scores import average_criteria, score_group
from collide.common.csv_json import read_csv, read_json_lines
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.runs import RunId
from collide.experiment.scales import Scale

STEP = (*RunId._fields, "step")
LENGTH_COLUMNS = (*STEP, "criterion", "tokens", "tokenizer")
COMPARISON = ("shortest", "longest", "ratio", "tokenizer", "spearman")
RATIO_COLUMNS = (*STEP, *COMPARISON)
VARIANT_COLUMNS = ("variant", "seed", *COMPARISON)


def measure_instructions(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Yield the tokens of every instruction in force, by run, step and criterion. The path of each steps file names its run."""
    for path in paths:
        run = RunId.parse(path)._asdict()
        for record in read_json_lines(path):
            for criterion, text in record["instructions"].items():
                length = {"criterion": criterion, "tokens": count_tokens(text), "tokenizer": TOKENIZER}
                yield run | {"step": record["step"]} | length


def measure_length_ratios(
    lengths: Sequence[Mapping[str, Any]], scores: Sequence[Mapping[str, str]]
) -> Iterator[dict[str, Any]]:
    """Yield the length ratio of each combined prompt beside its mean Spearman correlation on the test pairs.

    `lengths` are rows of `measure_instructions`; `scores` are the rows of the study's scores.
    """
    agreement = {
        tuple(row[part] for part in STEP): float(row["value"]) if row["value"] else None
        for row in scores
        if (row["split"], row["criterion"], row["metric"]) == ("test", AVERAGE, "spearman")
    }
    prompts: dict[tuple, list[int]] = {}
    for row in lengths:
        if not row["mode"].startswith(SINGLE_TASK):
            prompts.setdefault(tuple(row[part] for part in STEP), []).append(row["tokens"])
    for prompt, tokens in prompts.items():
        # Scores are read as text, lengths are numbers.
        spearman = agreement.get(tuple(map(str, prompt)))
        yield dict(zip(STEP, prompt, strict=True)) | compare_lengths(tokens) | {"spearman": spearman}


def measure_variants(
    variants: Mapping[str, Path], predictions: Sequence[Path], scales: Mapping[str, Scale]
) -> Iterator[dict[str, Any]]:
    """Yield the length ratio of each cherry-picked prompt and seed beside its mean Spearman correlation on the test pairs.

    `variants` are files of picked instructions by name; the path of `predictions` is .../<variant>/seed<seed>/<file>.
    """
    for name, picked in variants.items():
        lengths = [int(row["tokens"]) for row in read_csv(picked) if row["tokens"]]
        for path in predictions:
            if path.parts[-3] == name:
                row = {"variant": name, "seed": int(path.parts[-2].removeprefix("seed"))}
                # Where nothing could be picked there is nothing to measure: the row keeps empty fields.
                yield row | (compare_lengths(lengths) | {"spearman": _average_spearman(path, scales)} if lengths else {})


def _average_spearman(predictions: Path, scales: Mapping[str, Scale]) -> float | None:
    """Return the Spearman correlation on the test pairs, averaged over the criteria; None where one is undefined.

    Classes without an order have Cohen's kappa in its place.
    """
    groups = read_prediction_groups(predictions).groups
    values = {
        key.criterion: score_group(group, select_metric("spearman", scales[key.criterion])) for key, group in groups.items()
    }
    return average_criteria(values, list(values)).value
