"""The ledger as a page that needs nothing but itself."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import jinja2

from collide.analysis.estimates import ALL_GATES, AVERAGE, EstimateName
from collide.analysis.metrics import METRICS
from collide.claims import ledger
from collide.claims.ledger import Claim, Verdict, names_in, tally
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.modes import MODES, SINGLE_TASK
from collide.optimize.diagnostics import DIAGNOSTICS

TEMPLATE = Path(__file__).with_name("page.html.jinja")


def render(verdicts: Sequence[Verdict], source: str, simulated: bool, level: float) -> str:
    """The page; all text is escaped. Links are relative to results/{source}/."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    places = [(place, list(group)) for place, group in itertools.groupby(verdicts, key=lambda v: v.claim.place)]
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        verdicts=verdicts,
        places=places,
        tally=tally(verdicts),
        source=source,
        simulated=simulated,
        mark=SIMULATED_NOTICE,
        level=level,
        rule=[part.replace("*", "") for part in (ledger.__doc__ or "").split("\n\n")[1:]],
        show=show,
        not_checkable=ledger.not_checkable(),
        links=lambda verdict: links(verdict, source),
    )


def show(value: float, claim: Claim) -> str:
    """A number with one digit more than the paper prints."""
    digits = len((claim.printed or "0.000").partition(".")[2])
    return f"{value:.{digits + 1 if digits else 0}f}"


def target(claim: Claim, source: str) -> str:
    """Where a claim's quantity is shown: a table or figure or, for lengths, the file that holds them."""
    names = names_in(claim.expression)
    if names and all(name.quantity.startswith("tokens") for name in names):
        return f"{folder(names[0])}picked.csv" if names[0].study == "cherrypick" else f"lengths/{names[0].study}.csv"
    if claim.shows.startswith("table"):
        return f"tables/{claim.shows}.csv"
    return f"../../paper_figures/{source}/{claim.shows}.png"


def links(verdict: Verdict, source: str) -> list[tuple[str, str]]:
    """Label and address of what shows a claim's quantity, and of the folders that it was worked out from; none where the
    claim was not run. Where these are more than three, the folders that they lie in stand for them."""
    if not verdict.runs:
        return []
    shown = target(verdict.claim, source)
    label = verdict.claim.shows if verdict.claim.shows in shown else Path(shown).name
    paths = [folder(name).rstrip("/").split("/") for name in names_in(verdict.claim.expression)]
    by_depth = [list(dict.fromkeys("/".join(path[:depth]) + "/" for path in paths)) for depth in (4, 3, 2, 1)]
    folders = next(found for found in by_depth if len(found) <= 3)
    return [(label, shown), *((found, found) for found in folders)]


def folder(name: EstimateName) -> str:
    """The folder of the runs, ratings or cherry-picked prompts that a quantity comes from, relative to results/{source}/.

    >>> folder(EstimateName("main", "SSC", "mae", "average", "best"))
    'runs/main/SSC/mae/'
    >>> folder(EstimateName("main", "SSC", "all", "average", "specificity"))
    'diagnostics/main/SSC/'
    """
    if name.study == "cherrypick":
        return f"cherrypick/{name.gate}-{name.mode}/" if name.mode in METRICS else f"cherrypick/{name.mode}/"
    stage = "diagnostics" if name.quantity.startswith(DIAGNOSTICS) else "runs"
    if name.mode == SINGLE_TASK and name.criterion != AVERAGE:
        mode = f"{SINGLE_TASK}-{name.criterion}/"
    elif name.mode in MODES:
        mode = f"{name.mode}/"
    else:
        return f"{stage}/{name.study}/"
    return f"{stage}/{name.study}/{mode}" + (f"{name.gate}/" if name.gate != ALL_GATES else "")
