"""One table of the paper: estimates, and the usage files of the jobs behind them, in; CSV and LaTeX out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.csv_json import write_csv
from collide.common.script_context import script_context
from collide.report.estimate_reader import Estimates
from collide.report.model_mismatch import served_otherwise
from collide.report.tables import BUILDERS, COLUMNS, csv_rows, tex


def make_table(
    estimates: Path,
    usages: Sequence[Path],
    asked: Mapping[str, str],
    name: str,
    facts: Mapping[str, Any],
    level: float,
    table: Path,
    latex: Path,
) -> None:
    """Write the table `name` (table1 to table6); `facts` are the arguments of its builder, `asked` the models by role."""
    found = Estimates(estimates)
    built = BUILDERS[name](**facts)
    answered = served_otherwise((json.loads(path.read_text(encoding="utf-8")) for path in usages), asked)
    built = dataclasses.replace(built, notes=[*built.notes, *answered])
    write_csv(table, COLUMNS, csv_rows(built, found), found.simulated)
    latex.write_text(tex(built, found, level), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        make_table(
            Path(snakemake.input.estimates),
            [Path(path) for path in snakemake.input.usages],
            snakemake.params.asked,
            snakemake.params.name,
            snakemake.params.facts,
            snakemake.params.level,
            Path(snakemake.output.csv),
            Path(snakemake.output.tex),
        )
