"""Figure 6: how specific the gradients of each mode are in the study deepseek, all ratings and their mean."""

from pathlib import Path

from collide.job import job
from collide.report.files import draw_specificity

if __name__ == "__main__":
    with job(snakemake.log[0]):
        ratings = [Path(path) for path in snakemake.input.ratings]
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        draw_specificity(Path(estimates), ratings, snakemake.params.facts, Path(pdf), Path(png))
