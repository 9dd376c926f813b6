"""Facts of the configured studies that pages need: the data set, criteria and planned runs of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.experiment.datasets import collect_dataset, dataset_name
from collide.experiment.runs import list_study_runs


def collect_design(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values that pages need of the configuration: the parameter of the rule `browse`.

    datasets: by study, the name of its data set.
    facts: by data set, its criteria, inputs and output.
    planned: the paths of the runs of the active studies, in the order of the studies.
    """
    datasets = {study: dataset_name(config, study) for study in config["studies"]}
    return {
        "datasets": datasets,
        "facts": {name: collect_dataset(config, name) for name in sorted(set(datasets.values()))},
        "planned": [run.path for run in list_study_runs(config, config["active_studies"])],
    }
