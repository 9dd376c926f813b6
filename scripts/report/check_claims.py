"""The list of claims: estimates, their draws and manifests of corpora in; a verdict per claim out, as CSV and as a page."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json
from collections.abc import Mapping, Sequence

from collide.claims.claim_reader import read_claims
from collide.claims.claims_table import COLUMNS, make_row
from collide.claims.comparability import RunDesign, find_differences
from collide.claims.comparison.margins import read_rules
from collide.claims.evidence import read_evidence
from collide.claims.page import render_page, show_study
from collide.claims.verdicts import check_claims
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.script_context import script_context


def write_claims(
    estimates: Path,
    draws: Path,
    runs: Mapping[str, RunDesign],
    checks: Sequence[Path],
    level: float,
    source: str,
    table: Path,
    page: Path,
) -> None:
    """Check all claims and write `table` and `page`.

    `runs` are the designs of the paper's studies as they were run, `checks` are tables of checks that only the authors' logs
    have.
    """
    rules = read_rules()
    differences = {study: find_differences(study, run) for study, run in runs.items()}
    verdicts = check_claims(read_claims(), read_evidence(estimates, draws, level), rules, differences)
    simulated = is_simulated(estimates)
    write_csv(table, COLUMNS, (make_row(verdict, source) for verdict in verdicts), simulated)
    studies = [show_study(study, run) for study, run in runs.items()]
    checked = [row for path in checks for row in read_csv(path)]
    page.write_text(render_page(verdicts, source, simulated, level, rules, studies, checked), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        source = snakemake.wildcards.source
        designs = zip(snakemake.params.designs.items(), snakemake.input.manifests, strict=True)
        write_claims(
            Path(snakemake.input.estimates),
            Path(snakemake.input.draws),
            {
                study: RunDesign(**facts, manifest=json.loads(Path(path).read_text(encoding="utf-8")), source=source)
                for (study, facts), path in designs
            },
            list(map(Path, snakemake.input.checks)),
            snakemake.params.level,
            source,
            Path(snakemake.output.table),
            Path(snakemake.output.page),
        )
