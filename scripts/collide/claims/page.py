"""The ledger as a page that needs nothing but itself."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import jinja2

from collide.claims import ledger
from collide.claims.ledger import Claim, Verdict, names_in, tally
from collide.marks import SIMULATED

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
        mark=SIMULATED,
        level=level,
        rule=[part.replace("*", "") for part in (ledger.__doc__ or "").split("\n\n")[1:]],
        show=show,
        target=lambda shows: target(shows, source),
        runs=run_links,
    )


def show(value: float, claim: Claim) -> str:
    """A number with one digit more than the paper prints."""
    digits = len((claim.printed or "0.000").partition(".")[2])
    return f"{value:.{digits + 1 if digits else 0}f}"


def target(shows: str, source: str) -> str:
    """Where the table or figure is that shows a claim's quantity."""
    return f"tables/{shows}.csv" if shows.startswith("table") else f"../../paper_figures/{source}/{shows}.png"


def run_links(claim: Claim) -> list[str]:
    """Folders of the runs that a claim rests on, at most three."""
    folders = []
    for name in names_in(claim.expression):
        if name.study == "cherrypick":
            folders.append(f"cherrypick/{name.gate}-{name.mode}/")
        elif name.mode in ("SSS", "SSC", "SCC", "CCC") and name.gate != "all":
            folders.append(f"runs/{name.study}/{name.mode}/{name.gate}/")
        else:
            folders.append(f"runs/{name.study}/")
    return list(dict.fromkeys(folders))[:3]
