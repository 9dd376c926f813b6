"""Figure 5: trajectories over the steps in the study deepseek, drawn as those of Figure 2."""

from pathlib import Path

from collide.job import job
from make_figure2 import make_figure2

if __name__ == "__main__":
    with job(snakemake.log[0]):
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_figure2(Path(estimates), snakemake.params.facts, Path(pdf), Path(png))
