"""One table of the paper: estimates in, CSV and LaTeX out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collide.job import job
from collide.report.lookup import Estimates
from collide.report.tables import BUILDERS, COLUMNS, csv_rows, tex
from collide.tidy import write_rows


def make_table(estimates: Path, name: str, facts: Mapping[str, Any], level: float, table: Path, latex: Path) -> None:
    """Write the table `name` (table1 to table6); `facts` are the arguments of its builder."""
    found = Estimates(estimates)
    built = BUILDERS[name](**facts)
    write_rows(table, COLUMNS, csv_rows(built, found), found.simulated)
    latex.write_text(tex(built, found, level), encoding="utf-8")


if __name__ == "__main__":
    with job(snakemake.log[0]):
        make_table(
            Path(snakemake.input.estimates),
            snakemake.params.name,
            snakemake.params.facts,
            snakemake.params.level,
            Path(snakemake.output.csv),
            Path(snakemake.output.tex),
        )
