"""One table: estimates, usage files behind them, and the corpus's manifest in; CSV, LaTeX tabular and caption out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence

from collide.claims.claim_reader import read_printed_numbers
from collide.claims.comparability import has_papers_data
from collide.common.csv_json import write_csv
from collide.common.script_context import script_context
from collide.report.estimate_reader import Estimates
from collide.report.exhibits.design import Design, read_design
from collide.report.exhibits.kind import TableKind, load_kinds
from collide.report.table import COLUMNS, PrintedNumbers, list_csv_rows
from collide.report.table_notes import describe_served_models, list_notes
from collide.report.tabular import render_caption, render_tabular, wrap_in_float


def make_table(
    kind: TableKind,
    design: Design,
    texts: tuple[str, str],
    paper: PrintedNumbers,
    estimates: Sequence[Path],
    usages: Sequence[Path],
    requested: Mapping[str, str],
    floating: bool,
    csv: Path,
    tex: Path,
    caption: Path,
) -> None:
    """Write a table as `csv`, as `tex` and, below it, `caption`, with the paper's numbers beside ours.

    `texts` are its name and heading, and `requested` the names of the models by role. With `floating`, `tex` is a table float
    that holds the caption, too.
    """
    name, heading = texts
    found, table = Estimates(estimates), kind.build(design)
    served = describe_served_models((json.loads(path.read_text(encoding="utf-8")) for path in usages), requested)
    # A wrong model is the first thing that a reader must know.
    notes = [*served, *list_notes(table, found, paper, design)]
    tabular = render_tabular(table, found, paper)
    if floating:
        tabular = wrap_in_float(tabular, name, heading, table.caption, notes)
    write_csv(csv, COLUMNS, list_csv_rows(table, found, paper), found.simulated)
    tex.write_text(tabular, encoding="utf-8")
    caption.write_text(render_caption(heading, table.caption, notes), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        manifest = json.loads(Path(snakemake.input.manifest[0]).read_text(encoding="utf-8"))
        design = read_design(snakemake.params.design, manifest)
        make_table(
            load_kinds()[snakemake.params.kind],
            design,
            (snakemake.wildcards.table, snakemake.params.heading),
            read_printed_numbers() if has_papers_data(manifest, design.scales, snakemake.wildcards.source) else {},
            [Path(path) for path in snakemake.input.estimates],
            [Path(path) for path in snakemake.input.usages],
            snakemake.params.requested,
            snakemake.params.floating,
            Path(snakemake.output.csv),
            Path(snakemake.output.tex),
            Path(snakemake.output.caption),
        )
