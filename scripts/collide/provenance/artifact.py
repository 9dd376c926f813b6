"""The page for artifact committees: each claim of the paper with its command, time, cost, expected value and tolerance."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from collide.claims.claim_reader import Claim, read_claims
from collide.claims.comparison.margins import Rules, read_rules
from collide.experiment.jobs import EVALUATED_SPLITS, ModelJob, list_model_jobs
from collide.experiment.paths import initial_prediction_files, initial_validation_files, run_files
from collide.experiment.runs import RunId
from collide.provenance.trace import find_behind, list_shown, trace_picked
from collide.report.exhibits import plans
from collide.report.exhibits.kind import FigureKind
from collide.report.exhibits.registry import Exhibit

Config = Mapping[str, Any]

SOURCE = "live"
PAGE = "docs/artifact.md"


@dataclass(frozen=True, slots=True)
class Effort:
    """Forecast of what a command needs: calls of models, US dollars and minutes."""

    calls: float
    dollars: float
    minutes: float


def list_exhibit_jobs(config: Config, exhibit: Exhibit) -> list[ModelJob]:
    """Return the jobs that call models before an exhibit can be made."""
    shown = find_behind(config, list_shown(config, exhibit))
    picked = {entry["picked"]: entry["runs"] for entry in trace_picked(config, SOURCE)}
    usages = set(plans.list_usage_files(config, exhibit, SOURCE))
    if isinstance(exhibit.kind, FigureKind) and (rated := plans.list_rating_files(config, exhibit, SOURCE)):
        usages |= {path.replace(".csv", ".usage.json") for path in rated}
        usages |= set(run_files(map(RunId.parse, shown["runs"]), "optimize.json", SOURCE))
    # A picked prompt needs the predictions of the runs that it is picked from.
    chosen = [RunId.parse(f"{run}/") for name in shown["picked"] for run in picked[name]]
    usages |= set(run_files(chosen, "usage.json", SOURCE))
    runs = {*(RunId.parse(f"{run}/") for run in shown["runs"]), *chosen}
    evaluated = {run for run in runs if not usages.isdisjoint(run_files([run], "usage.json", SOURCE))}
    initial = {path for run in evaluated for path in initial_prediction_files(config, run, EVALUATED_SPLITS, SOURCE)}
    # An optimization itself needs no more than the validation of its initial prompt.
    initial |= {path for run in runs for path in initial_validation_files(config, run, SOURCE)}
    usages |= {path.replace(".parquet", ".usage.json") for path in initial}
    # The usage file of an evaluation lies beside that of the optimization before it.
    folders = {PurePath(path).parent for path in usages}
    return [
        job
        for job in list_model_jobs(config, SOURCE)
        if job.usage in usages or (job.kind == "optimize" and PurePath(job.usage).parent in folders)
    ]


def render_page(config: Config, efforts: Mapping[str, Effort]) -> str:
    """Return the page in Markdown. `efforts` holds that of each exhibit, and that of the target `all`."""
    return f"{_render_head(config, efforts)}\n{render_claims()}"


def render_claims() -> str:
    """Return the tables of claims, one for each table or figure that shows them."""
    rules, claims = read_rules(), sorted(read_claims(), key=lambda claim: _order(claim.exhibit))
    parts = []
    for exhibit, group in itertools.groupby(claims, key=lambda claim: claim.exhibit):
        rows = "\n".join(_render_claim(claim, rules) for claim in group)
        parts.append(f"### {exhibit}\n\n| claim | in the paper | expected | tolerance |\n|---|---|---|---|\n{rows}\n")
    return "## Claims\n\n" + "\n".join(parts)


def _order(exhibit: str) -> tuple[bool, bool, str]:
    """Return the place of an exhibit on the page: tables, figures, and what goes beyond the paper."""
    return not exhibit.startswith("table"), not exhibit.startswith("figure"), exhibit


def _render_claim(claim: Claim, rules: Rules) -> str:
    at_odds = "; the paper's own numbers disagree" if claim.contradicted else ""
    if claim.printed is None:
        expected, tolerance = "holds", "its interval lies on one side of 0"
    else:
        margin = rules.find_margin(claim.expression)
        width = margin.compute_width(float(claim.printed))
        expected, tolerance = claim.printed, f"± {width:.4g} ({margin.kind})"
    return f"| {claim.claim}{at_odds} | {', '.join(claim.places)} | {expected} | {tolerance} |"


def _render_head(config: Config, efforts: Mapping[str, Effort]) -> str:
    counts = _count_claims(read_claims())
    targets = [exhibit.name for exhibit in plans.list_exhibits(config) if exhibit.name in counts]
    rows = [_render_command(name, counts[name], efforts[name]) for name in targets]
    every = _render_command("all", sum(counts.values()), efforts["all"])
    return f"""# Artifact: claims, commands and tolerances

For committees that evaluate this artifact. `python tools/write_artifact.py` makes this page from the list of the paper's claims
(`scripts/collide/claims/claims.yaml`) and the forecast of `config.yaml`; a test compares the two.

## Kick the tires

`make all` runs everything on the built-in simulator: no key, no dollar, and less than four minutes on two cores.
`results/simulated/claims.html` lists the verdicts. They check the pipeline and are no evidence about the paper.

## Replay a bundle

A [bundle](provenance.md#bundles-for-reviewers) holds all replies of a live run. It makes the results again without a key and
without a call, in about the time of `make all`.

## Commands

Each command makes a table or figure from nothing with `--config source=live`, and needs a key. Calls, time and cost are the
middle of the [forecast](live-runs.md#cost), at the prices and limits of `config.yaml`, with prompts as long as those of the
embedded corpus; SummEval's are about 5% longer. Commands share replies, so that all of them together cost as much as `all`.

| command | claims | calls | hours | US dollars |
|---|---:|---:|---:|---:|
{chr(10).join([*rows, every])}

`results/live/claims.html` then holds a verdict on each claim: it agrees if the whole interval of the difference from the
expected value lies within the tolerance. [Method](method.md) explains intervals and verdicts.
"""


def _render_command(name: str, claims: int, effort: Effort) -> str:
    cells = (f"{claims}", f"{effort.calls:,.0f}", f"{effort.minutes / 60:.1f}", f"{effort.dollars:.2f}")
    return f"| `snakemake --cores 8 {name} --config source=live` | {' | '.join(cells)} |"


def _count_claims(claims: Iterable[Claim]) -> dict[str, int]:
    names: Sequence[str] = [claim.exhibit for claim in claims]
    return {name: names.count(name) for name in dict.fromkeys(names)}
