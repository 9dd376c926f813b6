"""Figure 4: gradient specificity with the gradient model swapped, and in the main study beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.job import job
from collide.report.figures import swap
from collide.report.lookup import Estimates, specificity_ratings
from collide.report.style import save


def make_figure4(estimates: Path, ratings: Sequence[Path], facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Draw the distributions of the studies and modes that `facts` name, under the MAE gate."""
    found = Estimates(estimates)
    scores = {study: specificity_ratings(ratings, study, ["mae"]) for study in facts["studies"]}
    save(swap(scores, found, facts["modes"]), pdf, png, found.simulated)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        ratings = [Path(path) for path in snakemake.input.ratings]
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_figure4(Path(estimates), ratings, snakemake.params.facts, Path(pdf), Path(png))
