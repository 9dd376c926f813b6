"""Figure 6: how specific the gradients of each mode are in the study deepseek, all ratings and their mean."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collide.common.script_context import script_context
from collide.report.files import draw_specificity

if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        ratings = [Path(path) for path in snakemake.input.ratings]
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        draw_specificity(Path(estimates), ratings, snakemake.params.facts, Path(pdf), Path(png))
