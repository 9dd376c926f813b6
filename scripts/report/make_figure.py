"""One figure: estimates, ratings and the corpus's manifest in; PDF, PNG and caption out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Sequence

from collide.common.script_context import script_context
from collide.report.estimate_reader import Estimates, read_specificity
from collide.report.exhibits.design import Design, read_design
from collide.report.exhibits.kind import FigureKind, load_kinds
from collide.report.figures.style import save_figure
from collide.report.tabular import render_caption


def make_figure(
    kind: FigureKind,
    design: Design,
    heading: str,
    estimates: Sequence[Path],
    ratings: Sequence[Path],
    pdf: Path,
    png: Path,
    caption: Path,
) -> None:
    """Draw a figure as `pdf` and `png`, and write its heading and caption as LaTeX to `caption`."""
    found = Estimates(estimates)
    save_figure(kind.draw(design, found, read_specificity(ratings)), pdf, png, found.simulated)
    caption.write_text(render_caption(heading, kind.caption(design), notes=[]), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        # A figure of no study has no corpus.
        manifest = next((json.loads(Path(path).read_text(encoding="utf-8")) for path in snakemake.input.manifest), {})
        make_figure(
            load_kinds()[snakemake.params.kind],
            read_design(snakemake.params.design, manifest),
            snakemake.params.heading,
            [Path(path) for path in snakemake.input.estimates],
            [Path(path) for path in snakemake.input.ratings],
            Path(snakemake.output.pdf),
            Path(snakemake.output.png),
            Path(snakemake.output.caption),
        )
