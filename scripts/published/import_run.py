"""Import of one run: a folder of the authors in; steps, predictions, ratings and usage files without calls out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence

from collide.common.csv_json import write_json_lines
from collide.common.script_context import script_context
from collide.experiment.modes import parse_mode
from collide.experiment.runs import RunId
from collide.optimize.rating_file import write_ratings
from collide.published.files import read_ratings, write_predictions, write_usage
from collide.published.folders import FoundFolder, read_summary
from collide.published.logs import read_evaluations, read_logs
from collide.published.steps import make_records, shift_steps


def import_run(
    run: RunId, found: FoundFolder, criteria: Sequence[str], ratings: Path | None, files: Mapping[str, Path]
) -> None:
    """Write the files of a run, by name: steps, optimize, predictions, usage, ratings and ratings_usage.

    `criteria` are those of the data set, `ratings` is the folder of the diagnostics.
    """
    mode = parse_mode(run.mode, criteria)
    evaluations = read_evaluations(found.files, list(mode.criteria))
    config = read_summary(found.files).get("config", {})
    records = make_records(run, mode, config, read_logs(found.files), evaluations, found.first_step, found.status)
    rated = shift_steps(evaluations, found.first_step)
    write_json_lines(files["steps"], records)
    write_predictions(files["predictions"], {r["prompt"]: rated[r["step"]].pairs for r in records if r["step"] in rated})
    diagnosed = read_ratings(ratings, run, found, mode.criteria)
    write_ratings(files["ratings"], diagnosed, run, simulated=False)
    write_usage(files["optimize"])
    write_usage(files["usage"], "optimize", "evaluate")
    write_usage(files["ratings_usage"], "diagnose")
    print(f"{found.path.name}: {found.status}; {len(records) - 1} steps, {len(rated)} evaluations, {len(diagnosed)} ratings")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        params, output = snakemake.params, snakemake.output
        import_run(
            RunId.parse(output.steps),
            FoundFolder(**params.found | {"path": Path(params.found["path"])}),
            params.criteria,
            Path(params.ratings) if params.ratings else None,
            {name: Path(path) for name, path in output.items()},
        )
