"""Table of a check: a row per model, as CSV and as text for the terminal."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collide.common.csv_json import write_csv
from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.llm.checks.check import CheckResult
from collide.llm.checks.findings import count_text_tokens, count_usage

COLUMNS = (
    *("model", "endpoint", "roles", "name", "served", "provider", "verdict", "replies", "usable", "cut", "refused"),
    *("tokens_in", "counted_in", "tokens_out", "counted_out", "seconds", "cost", "reported_cost", "problems", "changes"),
)
# A problem or a change of config.yaml per line of a field, as neither holds a line feed.
SEPARATOR = "\n"


def make_row(result: CheckResult) -> dict[str, Any]:
    """Return the row of a model; its columns are described in docs/files.md."""
    model, samples = result.model, result.probe.samples
    usage = count_usage(model, samples)
    seconds = [sample.reply.seconds for sample in samples if sample.reply.seconds is not None]
    told = [sample.reply.cost for sample in samples if sample.reply.cost is not None]
    refused = {name: new or "null" for name, new in result.probe.refused.items()}
    return {
        "model": model.name,
        "endpoint": model.endpoint,
        "roles": " ".join(model.roles),
        "name": next(iter(model.roles.values())).name,
        "served": _list_distinct(sample.reply.model for sample in samples),
        "provider": _list_distinct(sample.reply.provider for sample in samples),
        "verdict": result.verdict,
        "replies": len(samples),
        "usable": sum(not sample.reason for sample in samples),
        "cut": usage.cut,
        "refused": ", ".join(f"{name}: {new}" for name, new in refused.items()),
        "tokens_in": usage.tokens_in,
        "counted_in": sum(sample.request.count_prompt_tokens() for sample in samples),
        "tokens_out": usage.tokens_out,
        "counted_out": sum(count_text_tokens(sample) for sample in samples),
        "seconds": round(statistics.median(seconds), 3) if seconds else None,
        "cost": round(usage.cost, 6),
        "reported_cost": round(math.fsum(told), 6) if told else None,
        "problems": SEPARATOR.join(finding.problem for finding in result.findings),
        "changes": SEPARATOR.join(finding.change for finding in result.findings),
    }


def write_table(path: Path, results: Sequence[CheckResult]) -> None:
    """Write the rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replies = [sample.reply for result in results for sample in result.probe.samples]
    simulated = any(reply.model.startswith(SIMULATED_MODEL_PREFIX) for reply in replies)
    write_csv(path, COLUMNS, map(make_row, results), simulated)


def describe_results(results: Sequence[CheckResult]) -> str:
    """Return the table as text, and below it each problem with the line of config.yaml to change."""
    rows = [make_row(result) for result in results]
    header = ("model", "verdict", "served", "provider", "usable", "tokens in (ours)", "out (ours)", "s/call", "$")
    shown = [header, *map(_show_row, rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in shown]
    for result in results:
        for finding in result.findings:
            kind = "failed" if finding.fails else "warning"
            lines += ["", f"{result.model.name}, {kind}: {finding.problem}", f"  change: {finding.change}"]
    spent = math.fsum(row["cost"] if row["reported_cost"] is None else row["reported_cost"] for row in rows)
    lines += ["", f"The {sum(row['replies'] for row in rows)} replies of this check cost about ${spent:.4f}."]
    return "\n".join(lines)


def _show_row(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["model"],
        row["verdict"],
        row["served"] or "-",
        row["provider"] or "-",
        f"{row['usable']} of {row['replies']}",
        f"{row['tokens_in']:,} ({row['counted_in']:,})",
        f"{row['tokens_out']:,} ({row['counted_out']:,})",
        "-" if row["seconds"] is None else f"{row['seconds']:.2f}",
        f"{row['cost']:.4f}" if row["reported_cost"] is None else f"{row['cost']:.4f}, told {row['reported_cost']:.4f}",
    )


def _list_distinct(names: Any) -> str:
    return ", ".join(dict.fromkeys(name for name in names if name))
