"""Figure 6: how specific the gradients of each mode are in the study deepseek, all ratings and their mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.job import job
from collide.report.figures import specificity
from collide.report.lookup import Estimates, specificity_ratings
from collide.report.style import save


def make_figure6(estimates: Path, ratings: Sequence[Path], facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Draw the distributions; `facts` name the study and its settings."""
    found = Estimates(estimates)
    scores = specificity_ratings(ratings, facts["study"], facts["facts"]["gates"])
    save(specificity(scores, found, facts["study"], facts["facts"]["modes"]), pdf, png, found.simulated)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        ratings = [Path(path) for path in snakemake.input.ratings]
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_figure6(Path(estimates), ratings, snakemake.params.facts, Path(pdf), Path(png))
