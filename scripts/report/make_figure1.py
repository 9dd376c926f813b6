"""Figure 1: the four modes, read off their groups of criteria. No run goes into it, so it carries no mark."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Sequence

from collide.common.script_context import script_context
from collide.report.figures import modes
from collide.report.style import save


def make_figure1(criteria: Sequence[str], pdf: Path, png: Path) -> None:
    """Draw the modes over `criteria`."""
    save(modes(criteria), pdf, png, simulated=False)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        make_figure1(snakemake.params.facts["criteria"], Path(snakemake.output.pdf), Path(snakemake.output.png))
