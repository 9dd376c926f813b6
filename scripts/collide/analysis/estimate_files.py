"""Mapping from an estimate's name to the pair of files (CSV, draws) that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from collide.analysis.estimates import (
    ALL_GATES,
    ANNOTATED_SUFFIX,
    CONSTANT,
    CORPUS,
    GRADIENT_GROUPS,
    PER_TASK,
    PLAIN_SUFFIX,
    PPI_SUFFIX,
    EstimateName,
    find_picked_study,
)
from collide.experiment.files import list_active_datasets
from collide.experiment.runs import list_runs
from collide.experiment.variants import list_variants
from collide.optimize.rated_texts import DIAGNOSTICS


class Part(NamedTuple):
    """A pair of files with estimates of the same inputs; `stem` is their path below results/{source}/`folder`, no suffix."""

    stem: str
    folder: str = "estimates"

    def csv_path(self, source: str) -> str:
        """Return the path of the CSV file: value and interval of each estimate."""
        return f"results/{source}/{self.folder}/{self.stem}.csv"

    def draws_path(self, source: str) -> str:
        """Return the path of the Parquet file: bootstrap draws of each estimate, float64."""
        return f"results/{source}/{self.folder}/{self.stem}.parquet"


# Has no file of draws and is not merged.
ANNOTATION_PART = Part("ppi", "annotation")


def corpus_part(dataset: str) -> Part:
    """Return the part with the constant judge of a data set."""
    return Part(f"{CORPUS}/{dataset}")


def agreement_part(study: str, mode: str, gate: str) -> Part:
    """Return the part with the agreement and run dynamics of a cell."""
    return Part(f"{study}/{mode}/{gate}/agreement")


def diagnostics_part(study: str, mode: str, gate: str) -> Part:
    """Return the part with the diagnostics of a cell, or of the whole study for mode groups and for all gates together."""
    # A group or all gates need the ratings of several cells anyway, so one job reads them once for all such estimates of the
    # study. A cell has a part of its own, so that a figure of one gate needs no runs of another.
    if mode in GRADIENT_GROUPS or gate == ALL_GATES:
        return Part(f"{study}/diagnostics")
    return Part(f"{study}/{mode}/{gate}/diagnostics")


def variant_part(study: str, variant: str) -> Part:
    """Return the part of a variant that picks from a study, by the variant's name (a key of `list_variants`)."""
    return Part(f"cherrypick/{study}/{variant}")


def quality_part(study: str) -> Part:
    """Return the part with the judge evaluation of a study. It has no file of draws and is not merged."""
    return Part(study, "quality")


def find_variant(name: EstimateName, variants: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the cherry-picked variant that an estimate is of; empty for any other estimate.

    `variants` are those of the study that it picks from.
    """
    if not find_picked_study(name):
        return ""
    labels = ((variant, facts["label"], facts["gate"]) for variant, facts in variants.items())
    return next((variant for variant, label, gate in labels if (label, gate) == (name.mode, name.gate)), "")


def part_of(name: EstimateName, variants: Mapping[str, Mapping[str, Any]]) -> Part:
    """Return the part that holds an estimate; `variants` are those of its study, by name.

    Raises LookupError for a cherry-picked estimate of no variant, and for a paired difference: only the merged files have it.
    """
    if name.mode == CONSTANT:
        return corpus_part(name.study.removeprefix(f"{CORPUS}:"))
    if "/" in name.quantity:
        return quality_part(name.study)
    if study := find_picked_study(name):
        if variant := find_variant(name, variants):
            return variant_part(study, variant)
        raise LookupError(f"no part holds {'/'.join(name)}: no cherry-picked variant {name.mode} with gate {name.gate}")
    if "-" in name.mode and name.mode not in GRADIENT_GROUPS:
        raise LookupError(f"no part holds {'/'.join(name)}: a difference is in the merged estimates only")
    if name.quantity.endswith((PLAIN_SUFFIX, PPI_SUFFIX, ANNOTATED_SUFFIX)):
        return ANNOTATION_PART
    if name.quantity.partition("_")[0] in DIAGNOSTICS:
        return diagnostics_part(name.study, name.mode, name.gate)
    return agreement_part(name.study, name.mode, name.gate)


def list_parts(config: Mapping[str, Any]) -> list[Part]:
    """Return the parts of all active studies, study by study, then those of their variants and of the data sets."""
    parts, variants = [], []
    for study in config["active_studies"]:
        cells = list(dict.fromkeys((run.study, run.shown_mode, run.gate) for run in list_runs(config, study)))
        parts += [agreement_part(*cell) for cell in cells]
        parts += [diagnostics_part(*cell) for cell in cells]
        # Any group stands for the whole study here: all of them are in the same part.
        parts.append(diagnostics_part(study, PER_TASK, ALL_GATES))
        variants += [variant_part(study, name) for name in list_variants(config, study)]
    return [*parts, *variants, *map(corpus_part, list_active_datasets(config))]


def list_agreement_files(config: Mapping[str, Any], study: str, source: str) -> list[str]:
    """Return the files with the agreement of the cells of a study."""
    cells = dict.fromkeys((run.study, run.shown_mode, run.gate) for run in list_runs(config, study))
    return [agreement_part(*cell).csv_path(source) for cell in cells]
