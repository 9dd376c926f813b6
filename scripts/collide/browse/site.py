"""Writes the pages that show all runs: one HTML file, its scripts, and data that the browser loads as scripts.

A browser refuses to read files by `fetch` where a page was opened from a disk, but loads scripts from there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa

from collide.browse.run_page import read_run, summarize_run
from collide.browse.texts import collect_texts
from collide.browse.trajectories import describe_roles
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.corpus.pairs import read_pairs
from collide.experiment.runs import RunId
from collide.experiment.scales import Scale, build_scale

HERE = Path(__file__).parent
# In the order of loading: each uses those before it, and the last one shows the first view.
SCRIPTS = (
    *("core.js", "differences.js", "charts.js", "all_runs.js", "steps.js", "one_run.js"),
    *("prompt.js", "compare.js", "search.js", "start.js"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of one source: results/{source}, the folder to write, the name of the source, and its design (`design`)."""

    root: Path
    folder: Path
    source: str
    design: Mapping[str, Any]


def write_site(site: Site) -> str:
    """Write all pages from the files that exist, in place of those that were there. Return a sentence about them."""
    shutil.rmtree(site.folder / "data", ignore_errors=True)
    entries, left_out = _write_runs(site)
    datasets = _write_texts(site)
    write_data(
        site.folder,
        "index",
        {
            "source": site.source,
            "notice": SIMULATED_NOTICE if site.source == "simulated" or any(e.get("simulated") for e in entries) else "",
            "runs": entries,
            "left_out": left_out,
            "datasets": datasets,
            "roles": describe_roles(_list_scales(site.design["facts"])),
            "claims": (site.root / "claims.html").exists(),
        },
    )
    _write_page(site)
    shown = sum("steps" in entry for entry in entries)
    size = sum(path.stat().st_size for path in site.folder.rglob("*") if path.is_file()) / 1e6
    return f"{site.folder / 'index.html'} shows {shown} of {len(entries)} runs ({size:.1f} MB)."


def _list_scales(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Scale]:
    """Return the scales of all criteria of all data sets, by the names of both."""
    return {
        f"{dataset}/{name}": build_scale(criterion["scale"])
        for dataset, parts in facts.items()
        for name, criterion in parts["criteria"].items()
    }


def write_data(folder: Path, name: str, data: Any) -> None:
    """Write `data`/{name}.js, which hands the data to the page under this name."""
    path = folder / "data" / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_text(f"collide.receive({json.dumps(name)},{text});\n", encoding="utf-8")


def _write_runs(site: Site) -> tuple[list[dict[str, Any]], list[str]]:
    """Write the data of each run that has steps. Return the entries of all runs, and sentences about folders left out."""
    found = [RunId.parse(path) for path in sorted((site.root / "runs").glob("*/*/*/seed*/steps.jsonl"))]
    planned = [RunId.parse(f"{path}/") for path in site.design["planned"]]
    entries, left_out = [], []
    for run in dict.fromkeys([*planned, *found]):
        if run.study not in site.design["datasets"]:
            left_out.append(f"{run.path}: no study of this name is in the configuration")
        elif run in found:
            entries.append(_write_run(site, run))
        else:
            journal = (site.root / "journal" / run.path).exists()
            entries.append({"run": run.path, **run._asdict(), "state": "running" if journal else "not started"})
    return entries, left_out


def _write_run(site: Site, run: RunId) -> dict[str, Any]:
    dataset = site.design["datasets"][run.study]
    try:
        data = read_run(site.root, run, dataset, site.design["facts"][dataset])
    except (ValueError, LookupError, pa.ArrowException) as error:
        # A job may be writing one of the files at this moment.
        return {"run": run.path, **run._asdict(), "state": "unreadable", "why": f"{type(error).__name__}: {error}"}
    write_data(site.folder, f"runs/{run.path}", data)
    return summarize_run(data)


def _write_texts(site: Site) -> dict[str, bool]:
    """Write the texts of each data set. Return, by data set, True if its pairs exist."""
    found = {}
    for name, facts in site.design["facts"].items():
        path = site.root / "corpus" / name / "pairs.parquet"
        found[name] = path.exists()
        if found[name]:
            write_data(site.folder, f"texts/{name}", collect_texts(read_pairs(path), facts))
    return found


def _write_page(site: Site) -> None:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("page.html.jinja").render(source=site.source, scripts=SCRIPTS)
    (site.folder / "index.html").write_text(page, encoding="utf-8")
    for name in (*SCRIPTS, "style.css"):
        shutil.copyfile(HERE / "assets" / name, site.folder / name)
