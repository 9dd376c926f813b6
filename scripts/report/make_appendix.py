"""Appendices E and F: steps of the example run in, if it is run; the prompts as sent out, each as a LaTeX document."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.csv_json import read_json_lines
from collide.common.script_context import script_context
from collide.experiment.criteria import read_criteria
from collide.report.document.appendix import render_judge_appendix, render_rubric_appendix


def make_appendix(
    steps: Path | None,
    example: Mapping[str, Any],
    criteria: Mapping[str, Any],
    rubrics: Sequence[str],
    judge: Path,
    evaluator: Path,
) -> None:
    """Write both appendices. `example` names the study, mode, gate, seed and step whose candidate is shown.

    `rubrics` are those of specificity.

    Without `steps`, the records of that run, only the skeleton and the initial prompt are shown.
    """
    known = read_criteria(criteria)
    origin = "study {study}, mode {mode}, gate {gate}, seed {seed}, step {step}".format(**example)
    if steps is None:
        shown, optimized, simulated = known, {}, False
    else:
        records = read_json_lines(steps)
        record = records[example["step"]]
        shown = {name: known[name] for name in records[0]["instructions"]}
        optimized, simulated = record.get("candidate", record["instructions"]), "simulated" in records[0]
    initial = {name: criterion.initial_instruction for name, criterion in shown.items()}
    judge.write_text(render_judge_appendix(shown, initial, optimized, origin, simulated), encoding="utf-8")
    evaluator.write_text(render_rubric_appendix(known, rubrics), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        make_appendix(
            next(map(Path, snakemake.input.steps), None),
            snakemake.params.example,
            snakemake.params.criteria,
            snakemake.params.rubrics,
            Path(snakemake.output.judge),
            Path(snakemake.output.rubrics),
        )
