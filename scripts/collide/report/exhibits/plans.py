"""Plans of the exhibits for the rules: which exhibits a configuration makes, and the files that each one reads and writes."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from collide.analysis.estimate_files import corpus_part, find_variant, part_of
from collide.analysis.estimates import ALL_GATES, GRADIENT_GROUPS, EstimateName
from collide.common.source_files import digest_files, list_tracked_files
from collide.experiment.datasets import dataset_name
from collide.experiment.files import list_active_datasets
from collide.experiment.models import list_requested_names
from collide.experiment.paths import manifest_file, rating_files, run_files, variant_files
from collide.experiment.runs import RunId, list_runs
from collide.experiment.sources import PUBLISHED
from collide.experiment.variants import list_variants
from collide.optimize.rated_texts import DIAGNOSTICS
from collide.report.exhibits.design import Design
from collide.report.exhibits.kind import FigureKind, Kind, TableKind, load_kinds
from collide.report.exhibits.registry import Exhibit, list_all_exhibits, plan_design

Config = Mapping[str, Any]


def list_targets(config: Config) -> list[Exhibit]:
    """Return the exhibits whose studies are all active, in the order of the document. Each is a target of its own name.

    The exhibits of a study that are not of the paper stand in the order of `active_studies`.
    """
    active = config["active_studies"]
    found = [exhibit for exhibit in list_all_exhibits(config).values() if set(exhibit.studies) <= set(active)]
    return sorted(found, key=lambda exhibit: -1 if exhibit.is_of_paper else active.index(exhibit.studies[0]))


def list_exhibits(config: Config) -> list[Exhibit]:
    """Return the exhibits of `all` and of the document: the targets, those of human ratings only with a filled sheet."""
    return [exhibit for exhibit in list_targets(config) if config["annotation"]["filled"] or not exhibit.kind.needs_annotation]


def list_sections(config: Config, source: str) -> dict[str, dict[str, str]]:
    """Return the sections of the document: by title, the headings of the exhibits by the file that the document shows.

    The first section has no title. It holds the paper's exhibits; each study with further ones has a section of its own.
    """
    sections: dict[str, dict[str, str]] = {}
    for exhibit in list_exhibits(config):
        title = "" if exhibit.is_of_paper else f"Study {exhibit.studies[0]}"
        sections.setdefault(title, {})[exhibit.list_files(source)[0]] = exhibit.heading
    return sections


def list_shown_files(config: Config, source: str) -> list[str]:
    """Return the files of the exhibits that the document shows, in its order."""
    return [exhibit.list_files(source)[0] for exhibit in list_exhibits(config)]


def list_caption_files(config: Config, source: str) -> list[str]:
    """Return the files with the captions of the exhibits, in the order of the document."""
    return [exhibit.list_files(source)[1] for exhibit in list_exhibits(config)]


def match_names(exhibits: Iterable[Exhibit], kind: type[Kind]) -> str:
    """Return a regular expression of the names of all tables or all figures, for a wildcard."""
    # Names of studies and kinds have no character that means something else in an expression.
    return "|".join(exhibit.name for exhibit in exhibits if isinstance(exhibit.kind, kind))


@functools.cache
def track_exhibit_code(kind: str) -> str:
    """Return a digest of the source files that shape the exhibits of a kind."""
    return digest_files(list_exhibit_files(kind))


def list_exhibit_files(kind: str) -> list[Path]:
    """Return the source files that shape exhibits of a kind: those of its script, and those of the module of its builder."""
    found = load_kinds()[kind]
    module = found.find_builder().__module__.replace(".", "/") + ".py"
    return [
        *list_tracked_files(found.script, *found.further_files),
        *list_tracked_files(module, module.removeprefix("collide/")),
    ]


def design_params(config: Config, exhibit: Exhibit) -> dict[str, Any]:
    """Return `plan_design` as plain values: Snakemake reads parameters before a script can import the package."""
    return asdict(plan_design(config, exhibit))


def list_requested_models(config: Config, exhibit: Exhibit, source: str) -> dict[str, str]:
    """Return the requested model name of each role of a table's study."""
    (study,) = exhibit.studies
    return list_requested_names(config, study, source)


def list_estimate_files(config: Config, exhibit: Exhibit, source: str) -> list[str]:
    """Return the estimate files that hold what an exhibit shows, and no others.

    No file holds estimates of runs that the configuration does not have. The exhibit reports these as not run.
    """
    design = plan_design(config, exhibit)
    estimates = exhibit.kind.list_estimates(design)
    # Runs depend on these parts alone, and an exhibit has many estimates of each cell.
    has_runs = {cell: bool(list_runs_behind(config, EstimateName(*cell, "", ""))) for cell in {name[:3] for name in estimates}}
    parts = [
        part_of(estimate, design.variants)
        for estimate in estimates
        if find_variant(estimate, design.variants) or has_runs[estimate[:3]]
    ]
    if isinstance(exhibit.kind, TableKind) and exhibit.kind.build(design).shows_mae:
        parts.append(corpus_part(dataset_name(config, design.study)))
    return list(dict.fromkeys(part.csv_path(source) for part in parts))


def list_manifest_files(config: Config, exhibit: Exhibit, source: str) -> list[str]:
    """Return the manifest of the corpus of an exhibit's first study, as a list of one; empty for an exhibit of no study."""
    return [manifest_file(dataset_name(config, study), source) for study in exhibit.studies[:1]]


def list_rating_files(config: Config, exhibit: Exhibit, source: str) -> list[str]:
    """Return the files with the single ratings that a figure shows."""
    if not isinstance(exhibit.kind, FigureKind):
        raise TypeError(f"{exhibit.name} is no figure")
    names = [EstimateName(*cell, "", "") for cell in exhibit.kind.ratings(plan_design(config, exhibit))]
    return rating_files((run for cell in names for run in list_runs_behind(config, cell)), source)


def list_usage_files(config: Config, exhibit: Exhibit, source: str) -> list[str]:
    """Return the usage files of the jobs that a table's numbers come from: they record which models answered."""
    design = plan_design(config, exhibit)
    # Many estimates of a table have the same jobs behind them.
    behind = dict.fromkeys(
        estimate._replace(criterion="", quantity=estimate.quantity.partition("_")[0] if _is_rating(estimate) else "")
        for estimate in exhibit.kind.list_estimates(design)
    )
    return list(dict.fromkeys(path for estimate in behind for path in _list_usage(config, design, estimate, source)))


def _is_rating(estimate: EstimateName) -> bool:
    return estimate.quantity.partition("_")[0] in DIAGNOSTICS


def _list_usage(config: Config, design: Design, estimate: EstimateName, source: str) -> Iterator[str]:
    if variant := find_variant(estimate, design.variants):
        yield from variant_files(config, design.study, "usage.json", source, [variant])
        return
    runs = list_runs_behind(config, estimate)
    if _is_rating(estimate):
        # Ratings are of gradients and rewrites, so the evaluation on the test pairs has no part in them.
        yield from run_files(runs, "optimize.json", source)
        yield from (path.replace(".csv", ".usage.json") for path in rating_files(runs, source))
    else:
        yield from run_files(runs, "usage.json", source)


def list_runs_behind(config: Config, estimate: EstimateName) -> list[RunId]:
    """Return the runs behind an estimate of a mode or group of modes under one gate or all; empty where there are none."""
    if estimate.study not in config["studies"]:
        return []
    modes = GRADIENT_GROUPS.get(estimate.mode, (estimate.mode,))
    runs = list_runs(config, estimate.study)
    return [run for run in runs if run.shown_mode in modes and estimate.gate in (run.gate, ALL_GATES)]


def collect_settings(config: Config, source: str) -> dict[str, Any]:
    """Return the part of the configuration that the first page of the document shows."""
    published = source == PUBLISHED
    unnamed: Config = {"models": {}} if published else {}
    studies = {study: {**config["studies"][study], **unnamed} for study in config["active_studies"]}
    evaluator = config["diagnostics"]["evaluator"]
    models = dict.fromkeys([*(model for study in studies.values() for model in study["models"].values()), evaluator])
    return {
        # The manifest of imported pairs counts those of each split.
        "splits": {
            dataset: {} if published else config["datasets"][dataset]["split"] for dataset in list_active_datasets(config)
        },
        "studies": studies,
        "runs": {study: len(list_runs(config, study)) for study in studies},
        "models": {} if published else {model: config["models"][model][source]["name"] for model in models},
        "evaluator": "" if published else evaluator,
        "rubrics": config["diagnostics"]["rubrics"],
        "bootstrap": config["bootstrap"],
        "cherrypick": config["cherrypick"] if any(list_variants(config, study) for study in studies) else {},
    }
