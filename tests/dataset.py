"""The data set summeval of config.yaml as values, and short ways to make others."""

from pathlib import Path

import yaml

from collide.experiment.criteria import Criterion
from collide.experiment.datasets import Dataset, collect_dataset, read_dataset
from collide.experiment.scales import build_scale

CONFIG = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8"))
DATASET = read_dataset(collect_dataset(CONFIG, "summeval"))
TEXT_NAMES = DATASET.texts


def make_criterion(name, description="What it is.", scale=(1, 5), instruction="Rate from 1 to 5."):
    """Return a criterion; the scale is written as in config.yaml."""
    return Criterion(name, description, build_scale(scale), instruction)


def make_dataset(criteria):
    """Return a data set with the texts of summeval and these criteria, a mapping by name or a list."""
    named = criteria.values() if isinstance(criteria, dict) else criteria
    return Dataset({criterion.name: criterion for criterion in named}, TEXT_NAMES)
