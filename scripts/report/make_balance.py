"""Beyond the paper: the combined score of instructions picked together, against how unequal their lengths may be."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Mapping
from typing import Any

from collide.analysis.estimates import AVERAGE, EstimateName
from collide.common.script_context import job
from collide.report.estimate_reader import Estimates
from collide.report.figures import balance
from collide.report.style import save


def make_balance(estimates: Path, facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Draw the curve over the ratios of `facts`, with its references, label -> name of an estimate, as lines."""
    found = Estimates(estimates)
    points = [
        (ratio, shown)
        for ratio in facts["ratios"]
        if (shown := found.get(EstimateName("cherrypick", f"balanced-{ratio:g}", "all", AVERAGE, "spearman")))
    ]
    references = {label: found.get(EstimateName(*name)) for label, name in facts["references"].items()}
    save(balance(points, references), pdf, png, found.simulated)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_balance(Path(estimates), snakemake.params.facts, Path(pdf), Path(png))
