"""Figure 6: gradient specificity in the study deepseek, drawn as that of Figure 3."""

from pathlib import Path

from collide.job import job
from make_figure3 import make_figure3

if __name__ == "__main__":
    with job(snakemake.log[0]):
        ratings = [Path(path) for path in snakemake.input.ratings]
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_figure3(Path(estimates), ratings, snakemake.params.facts, Path(pdf), Path(png))
