"""The configuration of a Snakemake workflow, built from its layers before any rule reads it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from collide.annotation.plan import find_filled_sheet
from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.configuration.overlays import (
    Layer,
    find_layer,
    insert_presets,
    merge_layers,
    read_command_line,
    read_layer,
)
from collide.experiment.files import find_missing_file, list_active_datasets, resolve_file
from collide.experiment.models import separate_overlaid_models
from collide.experiment.paths import check_braces


def list_layers(default: Path, workflow: Any, config: Mapping[str, Any]) -> list[Layer]:
    """Return the layers of a Snakemake workflow: the file `default`, then those that the user laid over it.

    `config` is the configuration that Snakemake has made. Where this workflow is a module of another one, it is the `config` of
    the module.
    """
    layers = [read_layer(default, default.name)]
    if workflow.modifier.skip_configfile:
        return [*layers, Layer("the configuration of the module", deepcopy(dict(config)))]
    settings = workflow.config_settings
    given = [read_layer(path) for path in settings.configfiles]
    given.append(read_command_line(settings.config, settings.config_args))
    return given if settings.replace_workflow_config else [*layers, *given]


def fill_config(config: dict[str, Any], layers: list[Layer], project: Path) -> None:
    """Put the configuration that the layers make in the place of what `config` holds, and check it.

    Raises InputError for the first fault, and for a path of the project or of a file that Snakemake cannot handle.
    """
    default = layers[0]
    layers = insert_presets(layers)
    merged = merge_layers(layers)
    # Faults of single layers may leave sections out, so that only a checked configuration can be completed.
    check_config(merged, layers)
    overlay = merge_layers([layer for layer in layers if layer is not default])
    separate_overlaid_models(merged, default.settings, overlay)
    config.clear()
    config.update(merged)
    datasets = list_active_datasets(config)
    if fault := find_missing_file(config, datasets):
        raise InputError(f"{find_layer(layers, fault.path)}: {fault.sentence}")
    files = {f"the data set {name}": resolve_file(config, name, config["source"]) for name in datasets}
    check_braces({"the project": str(project), **files, "the filled sheet": find_filled_sheet(config)})
