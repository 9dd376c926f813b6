"""The design of source `published`: the studies of the configuration, with the modes, gates and runs that a folder holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from collide.errors import InputError
from collide.experiment.datasets import dataset_name, study_criteria
from collide.experiment.gates import GATES
from collide.experiment.modes import SINGLE_TASK, STUDY_MODES, expand_modes
from collide.experiment.paths import run_files, variant_files
from collide.experiment.runs import RunId, list_runs
from collide.experiment.sources import DOWNLOADED, PUBLISHED
from collide.experiment.variants import list_variants
from collide.published.folders import PICKED, RATING_FILES, FoundFolder, FoundRuns, find_base, find_runs, list_run_files

# The protocol of config.yaml that describes how the authors' code runs.
PROTOCOL = "authors"
# Folders that the workflow writes to, below the working directory.
WRITTEN = ("results", "logs", "paper_figures")


def fill_design(config: dict[str, Any]) -> dict[str, FoundRuns]:
    """Put what the published folder holds in the place of the studies' design; return the folders by study.

    For any other source than `published` the configuration stays as it is. Raises InputError where no active study has a run.
    """
    if config["source"] != PUBLISHED:
        return {}
    base = find_base(choose_folder(config))
    asked = {study: part for study, part in config["published_studies"].items() if study in config["active_studies"]}
    for study, part in asked.items():
        if not (base / part).is_dir():
            raise InputError(f"published_studies.{study} is {part!r}, but {base} has no such folder; expected one below it")
    found = {study: find_runs(base / part, study_criteria(config, study)) for study, part in asked.items()}
    _name_studies(found)
    config["active_studies"] = [study for study in config["active_studies"] if study in found and found[study].list_runs()]
    if not config["active_studies"]:
        raise InputError(
            f"{base}: no run of an active study; published_studies names {', '.join(config['published_studies']) or 'none'}"
        )
    for study in config["active_studies"]:
        config["studies"][study]["asked"] = list_cells(config, study)
        config["studies"][study] |= _describe_study(study, config["studies"][study], found[study])
    # Balanced choices are of this project, and no call is made.
    config["cherrypick"] |= {"ratios": []}
    return found


def list_cells(config: Mapping[str, Any], study: str) -> list[tuple[str, str]]:
    """Return the modes and gates of a study, as the configuration asks for them."""
    settings = config["studies"][study]
    modes = expand_modes(settings["modes"], list(study_criteria(config, study)))
    return [(mode, gate) for mode in modes for gate in settings["gates"]]


def choose_folder(config: Mapping[str, Any]) -> Path:
    """Return the folder of the logs: the one that `published` names, or the download.

    Raises InputError if there is neither, and for a folder that the workflow would write into.
    """
    if config["published"] is not None:
        folder = Path(config["published"]).expanduser()
        for written in map(Path, WRITTEN):
            inner, outer = written.resolve(), folder.resolve()
            if inner.is_relative_to(outer) or outer.is_relative_to(inner):
                raise InputError(
                    f"published is {str(folder)!r}, which holds or lies in the folder {written} that the workflow writes to;"
                    " expected another folder, or another --directory"
                )
        return folder
    if not DOWNLOADED.is_dir():
        raise InputError(
            f"published is null, and {DOWNLOADED} is not there; name the folder of the authors' logs, as in `--config"
            " source=published published=FOLDER`, or download them first: `snakemake --cores 1 download_published`"
        )
    return DOWNLOADED


def _name_studies(found: dict[str, FoundRuns]) -> None:
    """Note, of each subfolder that is the base of a study, which one it is."""
    bases = {runs.base.resolve(): study for study, runs in found.items()}
    for study, runs in found.items():
        folders = [_name_study(folder, bases.get(folder.path.resolve())) for folder in runs.folders]
        found[study] = FoundRuns(runs.base, folders)


def _name_study(folder: FoundFolder, study: str | None) -> FoundFolder:
    return replace(folder, problem=f"the folder of study {study}") if study else folder


def _describe_study(study: str, settings: Mapping[str, Any], found: FoundRuns) -> dict[str, Any]:
    """Return the settings of a study that follow from its runs. `found` lists them: the grid may have gaps."""
    runs = found.list_runs()
    return {
        "modes": [mode for mode in STUDY_MODES if any(_show_mode(run) == mode for run in runs)],
        "gates": sorted({run.gate for run in runs}, key=lambda gate: _order_gate(gate, settings["gates"])),
        "seeds": sorted({run.number for run in runs}),
        "steps": max(run.steps for run in runs),
        "batch_size": max(run.batch_size for run in runs),
        "protocol": PROTOCOL,
        "found_variants": [f"{pick.gate}-{pick.mode}" for pick in found.list_cherrypicks()],
        "found": [RunId(study, run.mode, run.gate, run.number).path for run in runs],
    }


def _show_mode(run: FoundFolder) -> str:
    return SINGLE_TASK if run.mode.startswith(SINGLE_TASK) else run.mode


def _order_gate(gate: str, configured: list[str]) -> tuple[int, int]:
    return configured.index(gate) if gate in configured else len(configured), list(GATES).index(gate)


def describe_run(found: Mapping[str, FoundRuns], run: RunId) -> dict[str, Any]:
    """Return the folder of a run as plain values: a parameter of the rule that imports it."""
    return asdict(_find_run(found, run)) | {"path": str(_find_run(found, run).path)}


def _find_run(found: Mapping[str, FoundRuns], run: RunId) -> FoundFolder:
    return next(folder for folder in found[run.study].list_runs() if (folder.mode, folder.gate, folder.number) == run[1:])


def list_study_files(found: Mapping[str, FoundRuns], run: RunId) -> list[str]:
    """Return the files that the import of a run reads: its own, and the ratings of all runs of its study."""
    ratings = found[run.study].find_ratings()
    rated = [str(path) for name in RATING_FILES.values() if ratings and (path := ratings / name).is_file()]
    return [*list_run_files(_find_run(found, run).files), *rated]


def name_ratings(found: Mapping[str, FoundRuns], study: str) -> str:
    """Return the folder with the ratings of a study; empty if there is none."""
    return str(found[study].find_ratings() or "")


def find_cherrypick(found: Mapping[str, FoundRuns], study: str, variant: str) -> str:
    """Return the file with the authors' predictions by the prompt of a variant."""
    return next(str(pick.files / PICKED) for pick in found[study].list_cherrypicks() if variant == f"{pick.gate}-{pick.mode}")


def list_run_folders(found: Mapping[str, FoundRuns]) -> list[str]:
    """Return the folders with the files of all runs."""
    return [str(run.files) for runs in found.values() for run in runs.list_runs()]


def list_pair_files(found: Mapping[str, FoundRuns]) -> list[str]:
    """Return the files that the pairs of all runs are read from."""
    return [path for folder in list_run_folders(found) for path in list_run_files(Path(folder))]


def list_inventory(found: Mapping[str, FoundRuns]) -> list[dict[str, Any]]:
    """Return a row for each folder of each study: what it is, and why it is left out if it is."""
    return [
        {"study": study, "folder": folder.path.name, **{key: value for key, value in asdict(folder).items() if key != "path"}}
        for study, runs in found.items()
        for folder in runs.folders
    ]


def list_checked(config: Mapping[str, Any], found: Mapping[str, FoundRuns]) -> dict[str, dict[str, Any]]:
    """Return the files of each active study that the checks read, and its folders, as plain values."""
    return {study: _list_checked(config, study, found) for study in config["active_studies"] if study in found}


def _list_checked(config: Mapping[str, Any], study: str, found: Mapping[str, FoundRuns]) -> dict[str, Any]:
    runs, variants = list_runs(config, study), list(list_variants(config, study))
    return {
        "runs": list(zip(*(run_files(runs, name, PUBLISHED) for name in ("steps.jsonl", "predictions.parquet")), strict=True)),
        "pairs": f"results/{PUBLISHED}/corpus/{dataset_name(config, study)}/pairs.parquet",
        "picked": {
            variant: variant_files(config, study, "predictions.parquet", PUBLISHED, [variant])[0] for variant in variants
        },
        "evaluations": {variant: find_cherrypick(found, study, variant) for variant in variants},
        "folders": [asdict(folder) | {"path": str(folder.path)} for folder in found[study].folders],
        "cells": config["studies"][study]["asked"],
        "criteria": list(study_criteria(config, study)),
    }


def list_checked_files(config: Mapping[str, Any], found: Mapping[str, FoundRuns]) -> list[str]:
    """Return the files that the checks read."""
    files: list[str] = []
    for facts in list_checked(config, found).values():
        files += [path for run in facts["runs"] for path in run]
        files += [facts["pairs"], *facts["picked"].values(), *facts["evaluations"].values()]
    return list(dict.fromkeys(files))
