"""Figure 2: trajectories over the steps in the study main."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collide.common.script_context import script_context
from collide.report.files import draw_trajectories

if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        draw_trajectories(Path(estimates), snakemake.params.facts, Path(pdf), Path(png))
