"""Plans of the exhibits for the rules: which exhibits a configuration makes, and the files that each one reads and writes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from collide.analysis.estimate_files import corpus_part, find_variant, part_of
from collide.analysis.estimates import ALL_GATES, GRADIENT_GROUPS, EstimateName
from collide.common.source_files import digest_files, list_tracked_files
from collide.experiment.datasets import dataset_name, study_criteria
from collide.experiment.files import list_active_datasets
from collide.experiment.models import list_requested_names
from collide.experiment.paths import rating_files, run_files, variant_files
from collide.experiment.runs import RunId, list_runs
from collide.experiment.sources import PUBLISHED
from collide.experiment.variants import list_variants
from collide.optimize.rated_texts import DIAGNOSTICS
from collide.report.exhibit import Design, Exhibit, FigureExhibit, TableExhibit, load_exhibits

Config = Mapping[str, Any]


def list_targets(config: Config) -> list[Exhibit]:
    """Return the exhibits whose studies are all active, in the order of the document. Each is a target of its own name."""
    active = set(config["active_studies"])
    return [exhibit for exhibit in load_exhibits().values() if active.issuperset(exhibit.studies)]


def list_exhibits(config: Config) -> list[Exhibit]:
    """Return the exhibits of `all` and of the document: the targets, those of human ratings only with a filled sheet."""
    return [exhibit for exhibit in list_targets(config) if config["annotation"]["filled"] or not exhibit.needs_annotation]


def list_document_headings(config: Config, source: str) -> dict[str, str]:
    """Return the headings of the exhibits by the file that the document shows, in the order of the document."""
    return {exhibit.list_files(source)[0]: exhibit.heading for exhibit in list_exhibits(config)}


def list_caption_files(config: Config, source: str) -> list[str]:
    """Return the files with the captions of the exhibits, in the order of the document."""
    return [exhibit.list_files(source)[1] for exhibit in list_exhibits(config)]


def match_names(kind: type[Exhibit]) -> str:
    """Return a regular expression of the names of all tables or all figures, for a wildcard."""
    return "|".join(name for name, exhibit in load_exhibits().items() if isinstance(exhibit, kind))


@functools.cache
def track_exhibit_code(name: str) -> str:
    """Return a digest of the source files that shape an exhibit."""
    return digest_files(list_exhibit_files(name))


def list_exhibit_files(name: str) -> list[Path]:
    """Return the source files that shape an exhibit: those of its script, and those of the module of its builder."""
    exhibit = load_exhibits()[name]
    module = exhibit.find_builder().__module__.replace(".", "/") + ".py"
    return [
        *list_tracked_files(exhibit.script, *exhibit.further_files),
        *list_tracked_files(module, module.removeprefix("collide/")),
    ]


def plan_design(config: Config, name: str) -> Design:
    """Return the part of the configuration that an exhibit shows."""
    exhibit = load_exhibits()[name]
    variants = list_variants(config) if exhibit.shows_variants else {}
    return Design(
        studies={study: config["studies"][study] for study in exhibit.studies},
        criteria=list(study_criteria(config, next(iter(exhibit.studies), config["active_studies"][0]))),
        # Variants of other studies are left out.
        variants={label: variant for label, variant in variants.items() if variant["study"] in exhibit.studies},
        level=config["bootstrap"]["level"],
        rubrics=list(config["diagnostics"]["rubrics"]) if exhibit.shows_rubrics else [],
    )


def design_params(config: Config, name: str) -> dict[str, Any]:
    """Return `plan_design` as plain values: Snakemake reads parameters before a script can import the package."""
    return asdict(plan_design(config, name))


def caption_figure(config: Config, name: str) -> str:
    """Return the caption of a figure."""
    return _find_figure(name).caption(plan_design(config, name))


def list_requested_models(config: Config, name: str, source: str) -> dict[str, str]:
    """Return the requested model name of each role of a table's study."""
    (study,) = load_exhibits()[name].studies
    return list_requested_names(config, study, source)


def list_estimate_files(config: Config, name: str, source: str) -> list[str]:
    """Return the estimate files that hold what an exhibit shows, and no others.

    No file holds estimates of runs that the configuration does not have. The exhibit reports these as not run.
    """
    exhibit, design = load_exhibits()[name], plan_design(config, name)
    parts = [
        part_of(estimate, design.variants)
        for estimate in exhibit.list_estimates(design)
        if find_variant(estimate, design.variants) or list_runs_behind(config, estimate)
    ]
    if isinstance(exhibit, TableExhibit) and exhibit.build(design).shows_mae:
        parts.append(corpus_part(dataset_name(config, design.study)))
    return list(dict.fromkeys(part.csv_path(source) for part in parts))


def _find_figure(name: str) -> FigureExhibit:
    exhibit = load_exhibits()[name]
    if not isinstance(exhibit, FigureExhibit):
        raise TypeError(f"{name} is no figure")
    return exhibit


def list_rating_files(config: Config, name: str, source: str) -> list[str]:
    """Return the files with the single ratings that a figure shows."""
    cells = _find_figure(name).ratings(plan_design(config, name))
    names = [EstimateName(*cell, "", "") for cell in cells]
    return rating_files((run for cell in names for run in list_runs_behind(config, cell)), source)


def list_usage_files(config: Config, name: str, source: str) -> list[str]:
    """Return the usage files of the jobs that a table's numbers come from: they record which models answered."""
    exhibit, design = load_exhibits()[name], plan_design(config, name)
    return list(
        dict.fromkeys(
            path for estimate in exhibit.list_estimates(design) for path in _list_usage(config, design, estimate, source)
        )
    )


def _list_usage(config: Config, design: Design, estimate: EstimateName, source: str) -> Iterator[str]:
    if variant := find_variant(estimate, design.variants):
        yield from variant_files(config, "usage.json", source, [variant])
        return
    runs = list_runs_behind(config, estimate)
    if estimate.quantity.partition("_")[0] in DIAGNOSTICS:
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


def collect_settings(config: Mapping[str, Any], source: str) -> dict[str, Any]:
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
        "cherrypick": config["cherrypick"] if list_variants(config) else {},
    }


def render_readme_rows() -> list[str]:
    """Return the rows of the README's table of targets: name, heading, and the builder's file below scripts/collide/report/."""
    rows = []
    for name, exhibit in load_exhibits().items():
        file = exhibit.find_builder().__module__.removeprefix("collide.report.").replace(".", "/") + ".py"
        rows.append(f"| `{name}` | {exhibit.heading} | `{file}` |")
    return rows
