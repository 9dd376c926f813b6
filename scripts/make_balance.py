"""Beyond the paper: the combined score of instructions picked together, against how unequal their lengths may be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collide.estimates import AVERAGE, Name
from collide.job import job
from collide.report.figures import balance
from collide.report.lookup import Estimates
from collide.report.style import save


def make_balance(estimates: Path, facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Draw the curve over the ratios of `facts`, with its references, label -> name of an estimate, as lines."""
    found = Estimates(estimates)
    points = [
        (ratio, shown)
        for ratio in facts["ratios"]
        if (shown := found.get(Name("cherrypick", f"balanced-{ratio:g}", "all", AVERAGE, "spearman")))
    ]
    references = {label: found.get(Name(*name)) for label, name in facts["references"].items()}
    save(balance(points, references), pdf, png, found.simulated)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        estimates, pdf, png = snakemake.input.estimates, snakemake.output.pdf, snakemake.output.png
        make_balance(Path(estimates), snakemake.params.facts, Path(pdf), Path(png))
