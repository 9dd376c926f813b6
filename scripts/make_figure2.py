"""Figure 2: trajectories over the steps in the study main."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collide.job import job
from collide.report.figures import trajectories
from collide.report.lookup import Estimates
from collide.report.style import save


def make_figure2(estimates: Path, facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Draw the trajectories; `facts` name the study, its settings and the criteria."""
    found = Estimates(estimates)
    save(trajectories(found, facts["study"], facts["facts"], facts["criteria"]), pdf, png, found.simulated)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_figure2(Path(estimates), snakemake.params.facts, Path(pdf), Path(png))
