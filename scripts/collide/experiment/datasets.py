"""Data sets: the part of a study's data set that jobs get as a parameter, and its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collide.experiment.criteria import Criterion, read_criteria
from collide.experiment.scales import ScaleConfig
from collide.experiment.texts import TextNames, read_text_names

# The data set of a study that names none.
DEFAULT_DATASET = "summeval"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Criteria of a data set by name, and the words that prompts use for its texts."""

    criteria: Mapping[str, Criterion]
    texts: TextNames


def dataset_name(config: Mapping[str, Any], study: str) -> str:
    """Return the name of a study's data set."""
    return config["studies"][study].get("dataset", DEFAULT_DATASET)


def study_criteria(config: Mapping[str, Any], study: str) -> dict[str, dict[str, Any]]:
    """Return the criteria of a study's data set, as config.yaml holds them."""
    return config["datasets"][dataset_name(config, study)]["criteria"]


def collect_scales(config: Mapping[str, Any], dataset: str) -> dict[str, ScaleConfig]:
    """Return the scales of a data set's criteria, as config.yaml holds them."""
    return {name: facts["scale"] for name, facts in config["datasets"][dataset]["criteria"].items()}


def collect_dataset(config: Mapping[str, Any], dataset: str) -> dict[str, Any]:
    """Return the plain values that `read_dataset` makes a `Dataset` from: a parameter of the rules whose jobs write prompts."""
    facts = config["datasets"][dataset]
    return {key: facts[key] for key in ("criteria", "inputs", "output")}


def read_dataset(facts: Mapping[str, Any]) -> Dataset:
    """Return the data set that `collect_dataset` describes."""
    return Dataset(read_criteria(facts["criteria"]), read_text_names(facts))
