"""Appendices E and F: the steps of the example run in, the prompts as sent out, as LaTeX that compiles alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collide.errors import InputError
from collide.job import job
from collide.prompts import read_criteria
from collide.report.appendix import judge_appendix, rubric_appendix
from collide.tidy import read_json_lines


def make_appendix(
    steps: Path, example: Mapping[str, Any], criteria: Mapping[str, Any], simulated: bool, judge: Path, rubrics: Path
) -> None:
    """Write both appendices; `example` names the study, mode, gate, seed and step whose candidate is shown."""
    records = read_json_lines(steps)
    if example["step"] >= len(records):
        raise InputError(f"config.yaml, example.step is {example['step']}, but {steps} ends with step {len(records) - 1}")
    known = read_criteria(criteria)
    shown = {name: known[name] for name in records[0]["instructions"]}
    record = records[example["step"]]
    optimized = record.get("candidate", record["instructions"])
    origin = "study {study}, mode {mode}, gate {gate}, seed {seed}, step {step}".format(**example)
    judge.write_text(judge_appendix(shown, records[0]["instructions"], optimized, origin, simulated), encoding="utf-8")
    rubrics.write_text(rubric_appendix(known, simulated=False), encoding="utf-8")


if __name__ == "__main__":
    with job(snakemake.log[0]):
        make_appendix(
            Path(snakemake.input.steps),
            snakemake.params.example,
            snakemake.params.criteria,
            snakemake.params.simulated,
            Path(snakemake.output.judge),
            Path(snakemake.output.rubrics),
        )
