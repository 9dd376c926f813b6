"""One table of the paper: estimates and usage files of the jobs behind them in; CSV, LaTeX tabular and caption out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence

from collide.claims.claim_reader import read_printed_numbers
from collide.common.csv_json import write_csv
from collide.common.script_context import script_context
from collide.report.estimate_reader import Estimates
from collide.report.exhibit import Design, TableExhibit, load_exhibits
from collide.report.table import COLUMNS, list_csv_rows, render_caption, render_tabular, wrap_in_float
from collide.report.table_notes import describe_served_models, list_notes


def make_table(
    exhibit: TableExhibit,
    design: Design,
    heading: str,
    estimates: Sequence[Path],
    usages: Sequence[Path],
    requested: Mapping[str, str],
    floating: bool,
    csv: Path,
    tex: Path,
    caption: Path,
) -> None:
    """Write a table as `csv`, as `tex` and, below it, `caption`, with the paper's numbers beside ours.

    `requested` are the names of the models by role. With `floating`, `tex` is a table float that holds the caption, too.
    """
    found, table, paper = Estimates(estimates), exhibit.build(design), read_printed_numbers()
    served = describe_served_models((json.loads(path.read_text(encoding="utf-8")) for path in usages), requested)
    # A wrong model is the first thing that a reader must know.
    notes = [*served, *list_notes(table, found, paper, design.level)]
    tabular = render_tabular(table, found, paper)
    if floating:
        tabular = wrap_in_float(tabular, exhibit.name, heading, table.caption, notes)
    write_csv(csv, COLUMNS, list_csv_rows(table, found, paper), found.simulated)
    tex.write_text(tabular, encoding="utf-8")
    caption.write_text(render_caption(heading, table.caption, notes), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        make_table(
            load_exhibits()[snakemake.wildcards.table],
            Design(**snakemake.params.design),
            snakemake.params.heading,
            [Path(path) for path in snakemake.input.estimates],
            [Path(path) for path in snakemake.input.usages],
            snakemake.params.requested,
            snakemake.params.floating,
            Path(snakemake.output.csv),
            Path(snakemake.output.tex),
            Path(snakemake.output.caption),
        )
