"""Judge evaluation of one study: test pairs, runs, chosen steps and retests in; one tidy table out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collide.analysis.corpus_resamples import resample_test_pairs
from collide.analysis.estimates import AVERAGE
from collide.analysis.quality.quality_table import write_quality
from collide.analysis.quality.rated_pairs import is_simulated, read_ratings, read_test_pairs
from collide.analysis.quality.study_quality import StudyJudges, measure_study
from collide.common.csv_json import read_csv
from collide.common.script_context import script_context
from collide.experiment.scales import Scale, read_scales


def measure_quality(
    test: Path,
    runs: Sequence[tuple[Path, Path]],
    agreement: Iterable[Path],
    retests: Sequence[Path],
    study: str,
    scales: Mapping[str, Scale],
    settings: Mapping[str, Any],
    table: Path,
) -> None:
    """Measure the judges of a study from its runs, given as (steps, predictions), and write `table`.

    `agreement` are the estimates of its cells, which name the steps chosen on validation pairs. `retests` are predictions of
    the initial prompts with other sampling seeds. `scales` are those of the criteria; `settings` is the configuration's
    section `bootstrap`.
    """
    resamples = resample_test_pairs(test, settings)
    judges = StudyJudges(read_test_pairs(test, scales, resamples))
    for steps, predictions in runs:
        judges.add_run(steps, predictions)
    again = [ratings for path in retests for ratings in read_ratings(path, judges.pairs.names).values()]
    rows = list(measure_study(judges, read_chosen_steps(agreement), again, resamples))
    simulated = any(is_simulated(path) for path in (*(predictions for _, predictions in runs), *retests))
    write_quality(table, study, judges.pairs, rows, settings["level"], simulated)
    print(f"{len(rows):,} measures of {len(judges.prompts)} runs", flush=True)


def read_chosen_steps(agreement: Iterable[Path]) -> dict[tuple[str, str], int]:
    """Return the step that each cell (mode, gate) chose on validation pairs."""
    rows = [row for path in agreement for row in read_csv(path)]
    return {
        (row["mode"], row["gate"]): int(float(row["value"]))
        for row in rows
        if (row["criterion"], row["quantity"]) == (AVERAGE, "by_validation_step") and row["value"]
    }


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        inputs = snakemake.input
        measure_quality(
            Path(inputs.test),
            [(Path(s), Path(p)) for s, p in zip(inputs.steps, inputs.predictions, strict=True)],
            [Path(path) for path in inputs.agreement],
            [Path(path) for path in inputs.retests],
            snakemake.wildcards.study,
            read_scales(snakemake.params.scales),
            snakemake.params.bootstrap,
            Path(snakemake.output.table),
        )
