"""Figure 2: trajectories over the steps in the study main."""

from pathlib import Path

from collide.job import job
from collide.report.files import draw_trajectories

if __name__ == "__main__":
    with job(snakemake.log[0]):
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        draw_trajectories(Path(estimates), snakemake.params.facts, Path(pdf), Path(png))
