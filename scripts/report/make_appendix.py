"""Appendices E and F: steps of the example run in, if it is run; the prompts as sent out, each as a LaTeX document."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.csv_json import read_json_lines
from collide.common.script_context import script_context
from collide.experiment.datasets import Dataset, read_dataset
from collide.experiment.modes import name_single_mode
from collide.report.document.appendix import render_judge_appendix, render_role_appendix
from collide.report.document.sent_prompts import COMBINED, record_prompts


def make_appendix(
    steps: Path,
    example: Mapping[str, Any],
    dataset: Dataset,
    rubrics: Sequence[str],
    repeat_task: bool | None,
    judge: Path,
    roles: Path,
) -> None:
    """Write both appendices. `example` names the study, mode, gate, seed and step whose candidate is shown.

    `steps` are the records of that run. `rubrics` are those of specificity, `repeat_task` is the setting of the example's task
    model; None for imported runs, whose prompts are not those of this code.
    """
    origin = "study {study}, mode {mode}, gate {gate}, seed {seed}, step {step}".format(**example)
    records, step = read_json_lines(steps), example["step"]
    # An imported run may have ended before the step.
    old, new = (records[step - 1]["instructions"], records[step]["candidate"]) if step < len(records) else ({}, {})
    modes = (name_single_mode(next(iter(dataset.criteria))), COMBINED)
    single, combined = (
        {} if repeat_task is None else asyncio.run(record_prompts(dataset, mode, rubrics, repeat_task)) for mode in modes
    )
    judge.write_text(
        render_judge_appendix(combined.get("task", ()), old, new, origin, "simulated" in records[0]), encoding="utf-8"
    )
    roles.write_text(render_role_appendix(single, combined, list(dataset.criteria)), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        make_appendix(
            Path(snakemake.input.steps),
            snakemake.params.example,
            read_dataset(snakemake.params.dataset),
            snakemake.params.rubrics,
            snakemake.params.repeat_task,
            Path(snakemake.output.judge),
            Path(snakemake.output.roles),
        )
