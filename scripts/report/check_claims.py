"""The ledger of claims: estimates and their draws in, a verdict per claim out, as CSV and as a page."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import numpy as np
import pyarrow.parquet as pq

from collide.analysis.estimates import EstimateName
from collide.analysis.quantities.diagnostics import PARTIAL
from collide.claims.ledger import Evidence, judge_all, read_claims
from collide.claims.page import render, target
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.script_context import script_context

COLUMNS = (
    "id", "place", "claim", "paper", "ours", "low", "high", "difference", "verdict", "why", "at_odds", "runs", "table",
)  # fmt: skip


def read_evidence(estimates: Path, draws: Path, level: float) -> Evidence:
    """Estimates with their draws, by name."""
    rows = {EstimateName(*(row[part] for part in EstimateName._fields)): row for row in read_csv(estimates)}
    table = pq.read_table(draws)
    names = [EstimateName(*parts) for parts in zip(*(table[part].to_pylist() for part in EstimateName._fields), strict=True)]
    draws, run_draws = (
        {
            name: np.concatenate([[float(rows[name]["value"] or "nan")], np.asarray(drawn.as_py(), dtype=np.float64)])
            for name, drawn in zip(names, table[column], strict=True)
        }
        for column in ("draws", "run_draws")
    )
    partial = {name for name, row in rows.items() if any(part.startswith(PARTIAL) for part in row["note"].split("; "))}
    return Evidence(draws, run_draws, {name: int(row["runs"]) for name, row in rows.items()}, level, partial)


def check_claims(estimates: Path, draws: Path, level: float, source: str, table: Path, page: Path) -> None:
    """Judge all claims and write `table` and `page`."""
    verdicts = judge_all(read_claims(), read_evidence(estimates, draws, level))
    simulated = is_simulated(estimates)
    rows = [
        {
            "id": v.claim.id,
            "place": v.claim.place,
            "claim": v.claim.claim,
            "paper": v.claim.printed if v.claim.printed is not None else "holds",
            "ours": v.value,
            "low": v.low,
            "high": v.high,
            "difference": v.difference,
            "verdict": v.verdict,
            "why": v.why,
            "at_odds": v.claim.at_odds,
            "runs": v.runs,
            "table": target(v.claim, source) if v.runs else "",
        }
        for v in verdicts
    ]
    write_csv(table, COLUMNS, rows, simulated)
    page.write_text(render(verdicts, source, simulated, level), encoding="utf-8")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        check_claims(
            Path(snakemake.input.estimates),
            Path(snakemake.input.draws),
            snakemake.params.level,
            snakemake.wildcards.source,
            Path(snakemake.output.table),
            Path(snakemake.output.page),
        )
