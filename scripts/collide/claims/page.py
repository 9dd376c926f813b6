"""The list of claims as one HTML page that loads no other file, and the files that each claim links to."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from collide.analysis.estimates import ALL_GATES, AVERAGE, EstimateName, find_picked_study
from collide.analysis.metrics import METRICS
from collide.claims.claim_reader import Claim, list_names, read_uncheckable
from collide.claims.comparability import RunDesign, describe_scale, find_differences
from collide.claims.comparison.margins import Rules
from collide.claims.verdicts import Verdict, count_verdicts
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.modes import MODES, SINGLE_TASK, name_single_mode
from collide.experiment.scales import build_scale
from collide.optimize.rated_texts import DIAGNOSTICS

TEMPLATE = Path(__file__).with_name("page.html.jinja")

# A claim may be about many runs; more links than this become links to a common folder.
MAX_FOLDERS = 3


@dataclass(frozen=True, slots=True)
class ShownStudy:
    """A study of the paper as it was run: its corpus, criteria and models, and how it differs from the paper's."""

    name: str
    corpus: str
    criteria: str
    models: str
    differences: tuple[str, ...]


def render_page(
    verdicts: Sequence[Verdict],
    source: str,
    simulated: bool,
    level: float,
    rules: Rules,
    studies: Sequence[ShownStudy],
    checks: Sequence[Mapping[str, str]] = (),
) -> str:
    """Return the page. All text is escaped, and links are relative to results/{source}/.

    `checks` are the rows of checks.csv, which the authors' logs alone have.
    """
    # Claims and names of models are text of others: all of it is escaped, and a misspelt variable is an error.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # A table's cells come before the sentences of its place, so that sorting by place is not needed.
    places = [(place, list(group)) for place, group in itertools.groupby(verdicts, key=lambda v: v.claim.places[0])]
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        verdicts=verdicts,
        places=places,
        counts=_count_by_consistency(verdicts),
        rules=rules,
        source=source,
        simulated=simulated,
        notice=SIMULATED_NOTICE,
        level=level,
        studies=studies,
        checks=checks,
        format_value=format_value,
        uncheckable=read_uncheckable(),
        list_links=lambda verdict: list_links(verdict, source),
        list_run_links=lambda verdict: list_run_links(verdict, source),
    )


def show_study(study: str, run: RunDesign) -> ShownStudy:
    """Return the facts of a study of the paper as it was run."""
    scales = {name: describe_scale(build_scale(config)) for name, config in run.scales.items()}
    # One model often has several roles.
    roles: dict[str, list[str]] = {}
    for role, model in run.models.items():
        roles.setdefault(model, []).append(role)
    return ShownStudy(
        study,
        f"{run.manifest['corpus']}, {run.manifest['pairs']:,} pairs",
        ", ".join(f"{name} ({scale})" for name, scale in scales.items()),
        "; ".join(f"{', '.join(names)}: {model}" for model, names in roles.items()),
        tuple(difference.text for difference in find_differences(study, run)),
    )


def _count_by_consistency(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, int]]:
    """Return the number of claims by verdict: those that the paper does not contradict itself, and those that it does."""
    kept, contradicted = ([v for v in verdicts if v.claim.contradicted == flag] for flag in (False, True))
    return {kind: (count, count_verdicts(contradicted)[kind]) for kind, count in count_verdicts(kept).items()}


def format_value(value: float, claim: Claim, sign: bool = False) -> str:
    """Return a number with one digit more than the paper prints, with its sign if `sign` is True."""
    digits = len((claim.printed or "0.000").partition(".")[2])
    # z: a rounded value of -0.0 has no sign.
    return f"{value:{'+' if sign else ''}z.{digits + 1 if digits else 0}f}"


def find_exhibit(claim: Claim, source: str) -> str:
    """Return the file that shows a claim's quantity: a table, a figure, or a file of lengths."""
    names = list_names(claim.expression)
    if names and all(name.quantity.startswith("tokens") for name in names):
        return f"{find_folder(names[0])}picked.csv" if find_picked_study(names[0]) else f"lengths/{names[0].study}.csv"
    if claim.exhibit.startswith("table"):
        return f"tables/{claim.exhibit}.csv"
    return f"../../paper_figures/{source}/{claim.exhibit}.png"


def list_links(verdict: Verdict, source: str) -> list[tuple[str, str]]:
    """Return label and address of the exhibit that shows a claim, and of the folders with the files behind it.

    A claim without runs has no links. Where there are more than MAX_FOLDERS folders, their parent folders are linked.
    """
    if not verdict.measured.runs:
        return []
    exhibit = find_exhibit(verdict.claim, source)
    label = verdict.claim.exhibit if verdict.claim.exhibit in exhibit else Path(exhibit).name
    paths = [find_folder(name).rstrip("/").split("/") for name in list_names(verdict.claim.expression)]
    # Folders are at most four deep: runs/<study>/<mode>/<gate>.
    by_depth = [list(dict.fromkeys("/".join(path[:depth]) + "/" for path in paths)) for depth in (4, 3, 2, 1)]
    folders = next(found for found in by_depth if len(found) <= MAX_FOLDERS)
    return [(label, exhibit), *((folder, folder) for folder in folders)]


def list_run_links(verdict: Verdict, source: str) -> list[str]:
    """Return the addresses at which the pages of all runs (`browse`) show the runs behind a claim."""
    folders = [address.split("/", 1) for _, address in list_links(verdict, source)[1:]]
    paths = [path.rstrip("/") for stage, path in folders if stage in ("runs", "diagnostics")]
    return [f"browse/index.html#/runs/{path}".rstrip("/") for path in dict.fromkeys(paths)]


def find_folder(name: EstimateName) -> str:
    """Return the folder of the runs, ratings or cherry-picked prompts behind an estimate, relative to results/{source}/.

    >>> find_folder(EstimateName("main", "SSC", "mae", "average", "best"))
    'runs/main/SSC/mae/'
    >>> find_folder(EstimateName("main", "SSC", "all", "average", "specificity"))
    'diagnostics/main/SSC/'
    """
    if study := find_picked_study(name):
        variant = f"{name.gate}-{name.mode}" if name.mode in METRICS else name.mode
        return f"cherrypick/{study}/{variant}/"
    stage = "diagnostics" if name.quantity.startswith(DIAGNOSTICS) else "runs"
    if name.mode == SINGLE_TASK and name.criterion != AVERAGE:
        mode = f"{name_single_mode(name.criterion)}/"
    elif name.mode in MODES:
        mode = f"{name.mode}/"
    else:
        # A group of modes, or Single-Task over all criteria, comes from several folders of the study.
        return f"{stage}/{name.study}/"
    return f"{stage}/{name.study}/{mode}" + (f"{name.gate}/" if name.gate != ALL_GATES else "")
