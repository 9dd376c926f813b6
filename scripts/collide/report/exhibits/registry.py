"""Registry of exhibits: those of the paper, and every kind that applies to a study, for all studies of a configuration."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from collide.experiment.datasets import collect_scales, dataset_name
from collide.experiment.variants import list_variants
from collide.report.exhibits.design import Design
from collide.report.exhibits.kind import Kind, load_kinds

PAPER = Path(__file__).with_name("paper.yaml")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A table or figure of one or several studies, or of none.

    `name` is its target, the stem of its files, and its LaTeX label. `is_of_paper` is True for those in paper.yaml.
    """

    name: str
    kind: Kind
    studies: tuple[str, ...]
    heading: str
    is_of_paper: bool = False

    def list_files(self, source: str) -> list[str]:
        """Return its files: first the one that the document shows, then its caption."""
        return self.kind.list_files(self.name, source)


def list_all_exhibits(config: Mapping[str, Any]) -> dict[str, Exhibit]:
    """Return the exhibits of all studies of the configuration by name: the paper's, then the others study by study.

    A study may be inactive. The paper's exhibits of a study that the configuration lacks are left out.
    """
    known = [exhibit for exhibit in read_paper_exhibits() if set(exhibit.studies) <= set(config["studies"])]
    of_paper = [exhibit for exhibit in known if _applies(config, exhibit)]
    taken = {(exhibit.kind.name, exhibit.studies) for exhibit in of_paper}
    others = [
        exhibit
        for study in config["studies"]
        for exhibit in _list_study_exhibits(study)
        if (exhibit.kind.name, exhibit.studies) not in taken and _applies(config, exhibit)
    ]
    return {exhibit.name: exhibit for exhibit in (*of_paper, *others)}


@functools.cache
def read_paper_exhibits() -> tuple[Exhibit, ...]:
    """Return the exhibits of paper.yaml."""
    entries = yaml.safe_load(PAPER.read_text(encoding="utf-8"))
    return tuple(
        Exhibit(entry["name"], load_kinds()[entry["kind"]], tuple(entry["studies"]), entry["heading"], True)
        for entry in entries
    )


def _list_study_exhibits(study: str) -> list[Exhibit]:
    return [
        Exhibit(f"{study}-{kind.name}", kind, (study,), f"Study {study}: {kind.title}")
        for kind in load_kinds().values()
        if kind.per_study
    ]


def _applies(config: Mapping[str, Any], exhibit: Exhibit) -> bool:
    if exhibit.kind.needs_annotation and not set(exhibit.studies) <= set(config["annotation"]["studies"]):
        return False
    return exhibit.kind.applies(plan_design(config, exhibit))


def plan_design(config: Mapping[str, Any], exhibit: Exhibit) -> Design:
    """Return the part of the configuration that an exhibit shows.

    An exhibit of no study shows the criteria of the first active study.
    """
    kind, studies = exhibit.kind, exhibit.studies
    first = next(iter(studies or config["active_studies"]))
    return Design(
        studies={study: config["studies"][study] for study in studies},
        scale_configs=collect_scales(config, dataset_name(config, first)),
        variants=list_variants(config, first) if kind.shows_variants else {},
        level=config["bootstrap"]["level"],
        rubrics=list(config["diagnostics"]["rubrics"]) if kind.shows_rubrics else [],
        datasets={study: dataset_name(config, study) for study in studies},
    )


def render_readme_rows() -> list[str]:
    """Return the rows of the README's table of targets: name, heading, and the builder's file below scripts/collide/report/."""
    return [
        f"| `{exhibit.name}` | {exhibit.heading} | `{_name_file(exhibit.kind)}` |"
        for exhibit in (*read_paper_exhibits(), *_list_study_exhibits("STUDY"))
    ]


def _name_file(kind: Kind) -> str:
    return kind.find_builder().__module__.removeprefix("collide.report.").replace(".", "/") + ".py"
