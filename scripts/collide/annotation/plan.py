"""Plan of the annotation for the rules: its runs, and the filled sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collide.errors import InputError
from collide.experiment.runs import RunId, list_study_runs

NO_SHEET = (
    "`ppi` needs human ratings, but annotation.filled is null; run `snakemake annotation_sheet`, rate the items"
    " (docs/annotation.md), and set annotation.filled to the path of the filled sheet"
)


def list_annotated_runs(config: Mapping[str, Any]) -> list[RunId]:
    """Return the runs that items are drawn from."""
    return list_study_runs(config, config["annotation"]["studies"])


def find_filled_sheet(config: Mapping[str, Any]) -> str:
    """Return the path of the filled sheet, empty without one.

    Raises InputError if there is no such file, or if it is a file that the pipeline writes and so may write again.
    """
    filled = config["annotation"]["filled"]
    if not filled:
        return ""
    if not Path(filled).is_file():
        raise InputError(f"config.yaml (or --config): annotation.filled is {filled!r}; expected the path of a filled sheet")
    folder = Path("results", config["source"], "annotation").resolve()
    if Path(filled).resolve().parent == folder:
        raise InputError(
            f"config.yaml (or --config): annotation.filled is {filled!r}, in the folder of the empty sheet, which is written"
            " anew after a change; move the filled sheet to another folder"
        )
    return filled


def require_filled_sheet(config: Mapping[str, Any]) -> str:
    """Return the path of the filled sheet. Raises InputError with the steps to take if the configuration names none."""
    filled = find_filled_sheet(config)
    if not filled:
        raise InputError(NO_SHEET)
    return filled
