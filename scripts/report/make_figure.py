"""One figure of the paper: estimates and ratings in; PDF, PNG and caption out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Sequence

from collide.common.script_context import script_context
from collide.report.estimate_reader import Estimates, read_specificity
from collide.report.exhibit import Design, FigureExhibit, load_exhibits
from collide.report.figures.style import save_figure
from collide.report.table import render_caption


def make_figure(
    exhibit: FigureExhibit,
    design: Design,
    texts: tuple[str, str],
    estimates: Sequence[Path],
    ratings: Sequence[Path],
    pdf: Path,
    png: Path,
    caption: Path,
) -> None:
    """Draw a figure as `pdf` and `png`, and write `texts`, its heading and caption, as LaTeX to `caption`."""
    found = Estimates(estimates)
    save_figure(exhibit.draw(design, found, read_specificity(ratings)), pdf, png, found.simulated)
    caption.write_text(render_caption(*texts, notes=[]), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        make_figure(
            load_exhibits()[snakemake.wildcards.figure],
            Design(**snakemake.params.design),
            (snakemake.params.heading, snakemake.params.caption),
            [Path(path) for path in snakemake.input.estimates],
            [Path(path) for path in snakemake.input.ratings],
            Path(snakemake.output.pdf),
            Path(snakemake.output.png),
            Path(snakemake.output.caption),
        )
