"""The list of claims: estimates and their draws in; a verdict per claim out, as CSV and as a page."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.claims.claim_reader import read_claims
from collide.claims.claims_table import COLUMNS, make_row
from collide.claims.comparison.margins import read_rules
from collide.claims.evidence import read_evidence
from collide.claims.page import render_page
from collide.claims.verdicts import check_claims
from collide.common.csv_json import is_simulated, write_csv
from collide.common.script_context import script_context


def write_claims(estimates: Path, draws: Path, level: float, source: str, table: Path, page: Path) -> None:
    """Check all claims and write `table` and `page`."""
    rules = read_rules()
    verdicts = check_claims(read_claims(), read_evidence(estimates, draws, level), rules)
    simulated = is_simulated(estimates)
    write_csv(table, COLUMNS, (make_row(verdict, source) for verdict in verdicts), simulated)
    page.write_text(render_page(verdicts, source, simulated, level, rules), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_claims(
            Path(snakemake.input.estimates),
            Path(snakemake.input.draws),
            snakemake.params.level,
            snakemake.wildcards.source,
            Path(snakemake.output.table),
            Path(snakemake.output.page),
        )
