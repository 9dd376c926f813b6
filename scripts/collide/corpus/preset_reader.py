"""Presets: descriptions of public data sets, each a file of the folder presets."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import yaml

from collide.errors import InputError

PRESETS = Path(__file__).parent / "presets"


def list_presets() -> list[str]:
    """Return the names of the presets."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def read_preset(name: str) -> dict[str, Any]:
    """Return the keys of a data set that a preset gives. Raises InputError for a name that no preset has."""
    if name not in list_presets():
        close = difflib.get_close_matches(name, list_presets(), n=1)
        advice = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(list_presets())}"
        raise InputError(f"the preset {name!r} does not exist; {advice}")
    return yaml.safe_load((PRESETS / f"{name}.yaml").read_text(encoding="utf-8"))


def fill_presets(config: MutableMapping[str, Any]) -> None:
    """Fill the blocks of `datasets` from their presets, in place, before the configuration is checked.

    Raises InputError for an unknown preset.
    """
    datasets = config.get("datasets")
    # The schema reports values of other types.
    if not isinstance(datasets, MutableMapping):
        return
    for name, block in datasets.items():
        if isinstance(block, Mapping) and isinstance(block.get("preset"), str):
            try:
                datasets[name] = fill_from_preset(block)
            except InputError as error:
                raise InputError(f"config.yaml (or --config): datasets.{name}: {error}") from None


def fill_from_preset(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a data set's block with the keys of its preset that it does not give itself.

    Raises InputError for an unknown preset.
    """
    return merge_blocks(read_preset(block["preset"]), block) if "preset" in block else dict(block)


def merge_blocks(preset: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    """Return both mappings in one; where both have a key, mappings are merged and any other value is that of `block`.

    null removes a key of the preset. Elsewhere it is a value: in `values` of `records` it stands for a missing rating.

    >>> merge_blocks({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"c": 3, "b": None}, "d": [2]})
    {'a': {'c': 3}, 'd': [2]}
    """
    merged = dict(preset)
    for key, value in block.items():
        own = merged.get(key)
        if value is None and key in preset:
            del merged[key]
        else:
            merged[key] = merge_blocks(own, value) if isinstance(own, Mapping) and isinstance(value, Mapping) else value
    return merged
