"""The document: tables, figures and appendices in the paper's order, typeset by LaTeX."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence

from collide.common.csv_json import is_simulated, read_csv
from collide.common.script_context import script_context
from collide.report.document.facts import list_facts, render_document
from collide.report.document.typeset import typeset_document


def make_document(
    facts: Sequence[tuple[str, str]],
    headings: Mapping[str, str],
    captions: Sequence[Path],
    appendices: Sequence[Path],
    simulated: bool,
    pdf: Path,
) -> None:
    """Typeset the exhibits, whose `headings` are by file, and the `appendices` behind a page of `facts`."""
    latex = render_document(facts, headings, [path.with_suffix(".pdf").name for path in appendices], simulated)
    typeset_document(latex, [*map(Path, headings), *captions], appendices, pdf)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        estimates = Path(snakemake.input.estimates)
        make_document(
            list_facts(
                snakemake.params.settings,
                json.loads(Path(snakemake.input.manifest).read_text(encoding="utf-8")),
                read_csv(Path(snakemake.input.costs)),
                read_csv(estimates),
            ),
            snakemake.params.headings,
            [Path(path) for path in snakemake.input.captions],
            [Path(path) for path in snakemake.input.appendices],
            is_simulated(estimates),
            Path(snakemake.output.pdf),
        )
