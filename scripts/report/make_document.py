"""The document: tables, figures and appendices in the paper's order, typeset by LaTeX."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence

from collide.claims.claim_reader import read_claims
from collide.common.csv_json import is_simulated, read_csv
from collide.common.script_context import script_context
from collide.report.document.facts import describe_claims, introduce_document, list_facts
from collide.report.document.render import APPENDICES, Document, Shown
from collide.report.document.typeset import typeset_document

NO_CLAIM = "No claim of the paper rests on it."


def make_document(
    source: str,
    facts: Sequence[tuple[str, str]],
    sections: Mapping[str, Mapping[str, str]],
    claims: Path,
    files: Sequence[Path],
    simulated: bool,
    pdf: Path,
) -> None:
    """Typeset the exhibits behind a page of `facts`. `sections` are headings by file, by the title of their section.

    `files` are the exhibits, their captions and the appendices, and `claims` is claims.csv.
    """
    rests = describe_claims(read_csv(claims), read_claims())
    exhibits = {
        title: [Shown(file, heading, rests.get(Path(file).stem, NO_CLAIM)) for file, heading in headings.items()]
        for title, headings in sections.items()
    }
    document = Document(introduce_document(source), facts, exhibits, APPENDICES, simulated)
    typeset_document(document, files, pdf)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        estimates = Path(snakemake.input.estimates)
        make_document(
            snakemake.wildcards.source,
            list_facts(
                snakemake.params.settings,
                [json.loads(Path(path).read_text(encoding="utf-8")) for path in snakemake.input.manifests],
                read_csv(Path(snakemake.input.costs)),
                read_csv(estimates),
            ),
            snakemake.params.sections,
            Path(snakemake.input.claims),
            [Path(path) for part in ("exhibits", "captions", "appendices") for path in snakemake.input[part]],
            is_simulated(estimates),
            Path(snakemake.output.pdf),
        )
