"""The annotation sheet: steps and ratings of runs in; a blinded sample to rate as CSV and page, and its key, out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.annotation.items import list_items
from collide.annotation.sample import draw_items
from collide.annotation.sheet import write_sheet
from collide.common.csv_json import is_simulated, read_csv, read_json_lines
from collide.common.script_context import script_context
from collide.errors import InputError
from collide.experiment.criteria import Criterion, read_criteria
from collide.experiment.runs import RunId


def write_annotation_sheet(
    runs: Sequence[tuple[Path, Path]],
    settings: Mapping[str, Any],
    criteria: Mapping[str, Mapping[str, Criterion]],
    rubric: str,
    sheet: Path,
    page: Path,
    key: Path,
) -> None:
    """Draw items from runs, given as (steps, ratings), and write them; `settings` is the configuration's `annotation`,
    and `criteria` are by study.

    `rubric` is the name of the rubric by which the evaluator rated `specificity`.
    """
    items = []
    for steps, ratings in runs:
        rated = {(int(row["step"]), row["criterion"], row["diagnostic"]) for row in read_csv(ratings) if row["score"]}
        items += list_items(RunId.parse(steps), read_json_lines(steps), rated)
    if not items:
        raise InputError("annotation.studies: the evaluator has rated no gradient of these studies; nothing to annotate")
    drawn = draw_items(items, settings["items"], settings["allocation"], settings["seed"])
    simulated = any(is_simulated(ratings) for _, ratings in runs)
    write_sheet(drawn, settings["seed"], criteria, rubric, simulated, sheet, page, key)
    print(f"{len(drawn)} of {len(items)} items drawn from {len(runs)} runs")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_annotation_sheet(
            [(Path(s), Path(r)) for s, r in zip(snakemake.input.steps, snakemake.input.ratings, strict=True)],
            snakemake.params.settings,
            {study: read_criteria(criteria) for study, criteria in snakemake.params.criteria.items()},
            snakemake.params.rubric,
            Path(snakemake.output.sheet),
            Path(snakemake.output.page),
            Path(snakemake.output.key),
        )
