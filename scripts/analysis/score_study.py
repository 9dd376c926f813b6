"""Scores of one study: steps and predictions of its runs in, one tidy table out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence

from collide.analysis.scores import COLUMNS, list_human_scores, read_scored_run, score_constant_judge, score_runs
from collide.common.csv_json import write_csv
from collide.common.script_context import script_context
from collide.experiment.scales import Scale, read_scales


def score_study(runs: Sequence[tuple[Path, Path]], study: str, scales: Mapping[str, Scale], scores: Path) -> None:
    """Score the runs, given as (steps, predictions), and write `scores`.

    `scales` are those of the criteria.
    """
    scored = [read_scored_run(steps, predictions) for steps, predictions in runs]
    humans = list_human_scores(scored, list(scales))
    rows = [*score_runs(scored, scales), *score_constant_judge(study, humans, scales)]
    write_csv(scores, COLUMNS, rows, any(run.predictions.simulated for run in scored))


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        score_study(
            [(Path(s), Path(p)) for s, p in zip(snakemake.input.steps, snakemake.input.predictions, strict=True)],
            snakemake.wildcards.study,
            read_scales(snakemake.params.scales),
            Path(snakemake.output.scores),
        )
