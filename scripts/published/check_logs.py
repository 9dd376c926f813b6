"""Checks that only the authors' logs allow: imported runs, pairs and cherry-picked prompts in; a table out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.prediction_groups import read_prediction_groups
from collide.analysis.scores import read_scored_run
from collide.common.csv_json import read_json_lines, write_csv
from collide.common.script_context import script_context
from collide.corpus.pairs import read_pairs
from collide.published.checks import Check, LoggedStudy, check_logs, index_picked
from collide.published.folders import FoundFolder
from collide.published.logs import read_evaluation
from collide.published.steps import find_format_heading


def read_study(name: str, facts: Mapping[str, Any], criteria: Sequence[str]) -> LoggedStudy:
    """Return a study; `facts` names its files, see `collide.published.design.list_checked`."""
    pairs = read_pairs(Path(facts["pairs"]))
    prompts = {variant: read_evaluation(Path(path), list(criteria)).prompt for variant, path in facts["evaluations"].items()}
    return LoggedStudy(
        name,
        [read_scored_run(Path(steps), Path(predictions)) for steps, predictions in facts["runs"]],
        [read_json_lines(Path(steps)) for steps, _ in facts["runs"]],
        [pair for pair in pairs if pair.split == "train"],
        [pair for pair in pairs if pair.split == "test"],
        [FoundFolder(**folder | {"path": Path(folder["path"])}) for folder in facts["folders"]],
        [(mode, gate) for mode, gate in facts["cells"]],
        {variant: index_picked(read_prediction_groups(Path(path)).groups) for variant, path in facts["picked"].items()},
        {variant: bool(find_format_heading(prompt)) for variant, prompt in prompts.items()},
    )


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        studies = snakemake.params.studies.items()
        checks = [check for name, facts in studies for check in check_logs(read_study(name, facts, facts["criteria"]))]
        write_csv(Path(snakemake.output.table), Check._fields, [check._asdict() for check in checks], simulated=False)
        for check in checks:
            print(f"{check.study}: {check.question} {check.answer}; {check.value} ({check.meaning}, {check.n}). {check.effect}")
