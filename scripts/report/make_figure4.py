"""Figure 4: gradient specificity with the gradient model swapped, and in the main study beside it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.script_context import script_context
from collide.report.estimate_reader import Estimates, specificity_ratings
from collide.report.figures import swap
from collide.report.style import save


def make_figure4(estimates: Path, ratings: Sequence[Path], facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Draw the distributions of the studies and modes that `facts` name, under the MAE gate."""
    found = Estimates(estimates)
    scores = {study: specificity_ratings(ratings, study, ["mae"]) for study in facts["studies"]}
    save(swap(scores, found, facts["modes"]), pdf, png, found.simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        ratings = [Path(path) for path in snakemake.input.ratings]
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_figure4(Path(estimates), ratings, snakemake.params.facts, Path(pdf), Path(png))
