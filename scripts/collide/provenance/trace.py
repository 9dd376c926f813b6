"""Trace of tables, figures and claims to the runs and files behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from collide.analysis.estimate_files import find_variant
from collide.analysis.estimates import EstimateName, find_picked_study
from collide.claims.claim_reader import list_names, read_claims
from collide.experiment.jobs import EVALUATED_SPLITS, ModelJob, list_model_jobs
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.paths import initial_prediction_files, rating_files, run_files, variant_files
from collide.experiment.runs import RunId, list_cell_runs, list_study_runs
from collide.experiment.variants import list_variants
from collide.report.exhibits import plans
from collide.report.exhibits.kind import FigureKind
from collide.report.exhibits.registry import Exhibit, plan_design

Config = Mapping[str, Any]

RUN_FILES = ("steps.jsonl", "predictions.parquet")
PICKED_FILES = ("picked.csv", "prompts.jsonl")


def trace_runs(config: Config, source: str) -> list[dict[str, Any]]:
    """Return the runs of the active studies, each with its files and the journals of its jobs.

    The predictions of an initial prompt belong to all runs that start from it.
    """
    journals = _group_journals(list_model_jobs(config, source))
    return [
        {
            "run": run.path,
            "files": [
                *(path for name in RUN_FILES for path in run_files([run], name, source)),
                *rating_files([run], source),
                *initial_prediction_files(config, run, EVALUATED_SPLITS, source),
            ],
            "journals": journals.get(f"results/{source}/journal/{run.path}", []),
        }
        for run in list_study_runs(config, config["active_studies"])
    ]


def trace_picked(config: Config, source: str) -> list[dict[str, Any]]:
    """Return the cherry-picked prompts, each with the runs that it was picked from, its files and its journals."""
    journals = _group_journals(list_model_jobs(config, source))
    return [
        {
            "picked": f"{study}/{name}",
            "runs": _list_paths(list_cell_runs(config, study, SINGLE_TASK, variant["gates"])),
            "files": [
                *(f"results/{source}/cherrypick/{study}/{name}/{file}" for file in PICKED_FILES),
                *variant_files(config, study, "predictions.parquet", source, [name]),
            ],
            "journals": journals.get(f"results/{source}/journal/cherrypick/{study}/{name}", []),
        }
        for study in config["active_studies"]
        for name, variant in list_variants(config, study).items()
    ]


def trace_exhibits(config: Config, source: str) -> list[dict[str, Any]]:
    """Return the tables and figures of `all`, each with its files, the files of its estimates, and what is behind them."""
    return [
        {
            "exhibit": exhibit.name,
            "heading": exhibit.heading,
            "files": exhibit.list_files(source),
            "estimates": plans.list_estimate_files(config, exhibit, source),
            **find_behind(config, list_shown(config, exhibit)),
        }
        for exhibit in plans.list_exhibits(config)
    ]


def trace_claims(config: Config) -> list[dict[str, Any]]:
    """Return the claims of the paper, each with the names of its estimates and what is behind them."""
    claims = ((claim, list_names(claim.expression)) for claim in read_claims())
    return [
        {
            "claim": claim.id,
            "exhibit": claim.exhibit,
            "estimates": ["/".join(name) for name in names],
            **find_behind(config, names),
        }
        for claim, names in claims
    ]


def find_behind(config: Config, names: Iterable[EstimateName]) -> dict[str, list[str]]:
    """Return the `runs` and the `picked` prompts behind estimates; those of inactive studies are left out."""
    runs: dict[str, None] = {}
    picked: dict[str, None] = {}
    for name in names:
        study = find_picked_study(name) or name.study
        if study not in config["active_studies"]:
            continue
        if variant := find_variant(name, list_variants(config, study)):
            picked[f"{study}/{variant}"] = None
        runs |= dict.fromkeys(_list_paths(plans.list_runs_behind(config, name)))
    return {"runs": list(runs), "picked": list(picked)}


def list_shown(config: Config, exhibit: Exhibit) -> Iterator[EstimateName]:
    """Yield the estimates that an exhibit shows, and the cells whose single ratings it shows, as estimates without quantity."""
    design = plan_design(config, exhibit)
    yield from exhibit.kind.list_estimates(design)
    if isinstance(exhibit.kind, FigureKind):
        yield from (EstimateName(*cell, "", "") for cell in exhibit.kind.ratings(design))


def _list_paths(runs: Iterable[RunId]) -> list[str]:
    return [run.path for run in runs]


def _group_journals(jobs: Sequence[ModelJob]) -> dict[str, list[str]]:
    """Return the journals of jobs by their folder."""
    found: dict[str, list[str]] = {}
    for job in jobs:
        found.setdefault(job.journal.rpartition("/")[0], []).append(job.journal)
    return found
