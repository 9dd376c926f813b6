"""Layers of the configuration: config.yaml, files laid over it, and the command line. The last one that sets a key decides."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from collide.corpus.preset_reader import read_preset
from collide.errors import InputError

# The key that, with the value true, puts a block in the place of the block below instead of merging the two.
REPLACE = "replace"
# The sections whose entries null removes; * is any name. Anywhere else null is a value.
SECTIONS_OF_ENTRIES = (
    ("datasets",),
    ("datasets", "*", "criteria"),
    ("datasets", "*", "records"),
    ("endpoints",),
    ("models",),
    ("protocols",),
    ("studies",),
)
COMMAND_LINE = "--config"
# The file that holds every key, and so is named where no layer sets one.
DEFAULT_FILE = "config.yaml"


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings of one origin; messages about one of its settings begin with `name`."""

    name: str
    settings: Mapping[str, Any]


class UniqueKeyLoader(yaml.SafeLoader):
    """A YAML loader that refuses a key that stands twice in a mapping; the loaders of PyYAML drop the first value silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return the mapping. Raises InputError for a repeated key."""
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            # A merge key (<<) may repeat keys on purpose, and so may stand twice.
            if key_node.tag == "tag:yaml.org,2002:merge" or not isinstance(key_node, yaml.ScalarNode):
                continue
            line = key_node.start_mark.line + 1
            if key_node.value in seen:
                raise InputError(
                    f"{self.name}, line {line}: the key {key_node.value!r} also stands in line {seen[key_node.value]};"
                    " expected each key once in a block"
                )
            seen[key_node.value] = line
        return super().construct_mapping(node, deep)


def read_layer(path: Path, name: str = "") -> Layer:
    """Return the settings of a YAML or JSON file as a layer with the file's name, or with `name`.

    Raises InputError for a file that cannot be read, holds a key twice, or is no mapping.
    """
    name = name or str(path)
    try:
        loader = UniqueKeyLoader(path.read_text(encoding="utf-8"))
        loader.name = name
        settings = loader.get_single_data()
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise InputError(f"{name}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(settings, Mapping | None):
        raise InputError(f"{name}: found {type(settings).__name__}; expected keys as in config.yaml")
    return Layer(name, settings or {})


def read_command_line(settings: Mapping[str, Any], arguments: Iterable[str]) -> Layer:
    """Return the settings of `--config KEY=VALUE ...` as a layer.

    `settings` are those that Snakemake reads from the arguments. It reads all values inside braces or brackets as text; they
    get the types here that they would have in a file.

    >>> read_command_line({"studies": {"main": {"seeds": ["0"]}}}, ["studies={main: {seeds: [0]}}"]).settings
    {'studies': {'main': {'seeds': [0]}}}
    """
    typed: dict[str, Any] = {}
    for argument in arguments:
        key, _, written = argument.partition("=")
        loader = UniqueKeyLoader(written.strip("'\""))
        loader.name = f"{COMMAND_LINE} {key}"
        # YAML that only Snakemake can read stays text, which the schema refuses.
        with contextlib.suppress(yaml.YAMLError):
            value = loader.get_single_data()
            if key in settings and isinstance(value, Mapping | list):
                # An argument is laid over those before it.
                typed = _merge_blocks(typed, {key: value}, (), keep_marks=True)
    return Layer(COMMAND_LINE, {**settings, **typed})


def insert_presets(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers, with the preset of a data set as a layer below the one that names it.

    Raises InputError for an unknown preset.
    """
    found: list[Layer] = []
    for layer in layers:
        datasets = layer.settings.get("datasets")
        # The schema reports values of other types.
        for name, block in datasets.items() if isinstance(datasets, Mapping) else ():
            preset = block.get("preset") if isinstance(block, Mapping) else None
            if isinstance(preset, str):
                try:
                    found.append(Layer(f"the preset {preset}", {"datasets": {name: read_preset(preset)}}))
                except InputError as error:
                    raise InputError(f"{layer.name}: datasets.{name}.preset: {error}") from None
        found.append(layer)
    return found


def merge_layers(layers: Sequence[Layer]) -> dict[str, Any]:
    """Return the configuration that the layers make, each laid over those before it.

    Mappings are merged, and everything else replaces what stands below. A mapping with `replace: true` replaces, too, and null
    removes an entry of the sections of entries.

    >>> below = Layer("a", {"studies": {"x": {"steps": 1, "seeds": [0]}, "y": {}}})
    >>> merge_layers([below, Layer("b", {"studies": {"x": {"steps": 2}, "y": None}})])
    {'studies': {'x': {'steps': 2, 'seeds': [0]}}}
    >>> merge_layers([below, Layer("b", {"studies": {"x": {"replace": True, "steps": 2}}})])
    {'studies': {'x': {'steps': 2}, 'y': {}}}
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _merge_blocks(merged, layer.settings, ())
    return merged


def _merge_blocks(
    below: Mapping[str, Any], above: Mapping[str, Any], path: tuple[str, ...], keep_marks: bool = False
) -> dict[str, Any]:
    """Return `above` laid over `below`. With `keep_marks`, marks that replace and remove are kept for layers further below."""
    merged = {} if above.get(REPLACE) is True else dict(below)
    for key, value in above.items():
        if key == REPLACE and value is True and not keep_marks:
            continue
        if value is None and _holds_entries(path) and not keep_marks:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            old = merged.get(key)
            merged[key] = _merge_blocks(old if isinstance(old, Mapping) else {}, value, (*path, str(key)), keep_marks)
        else:
            merged[key] = deepcopy(value)
    return merged


def _holds_entries(path: tuple[str, ...]) -> bool:
    return any(
        len(path) == len(section) and all(name in ("*", key) for name, key in zip(section, path, strict=True))
        for section in SECTIONS_OF_ENTRIES
    )


def find_layer(layers: Sequence[Layer], path: Sequence[str]) -> str:
    """Return the name of the last layer that sets the key at `path`, or as much of the path as any layer sets.

    >>> layers = [Layer("config.yaml", {"a": {"b": 1}}), Layer("mine.yaml", {"a": {"c": 2}})]
    >>> find_layer(layers, ["a", "b", "x"]), find_layer(layers, ["a", "c"]), find_layer(layers, ["z"])
    ('config.yaml', 'mine.yaml', 'config.yaml')
    """
    depths = [_count_present(layer.settings, path) for layer in layers]
    deepest = max(depths, default=0)
    if not deepest:
        return DEFAULT_FILE
    return next(layer.name for layer, depth in reversed(list(zip(layers, depths, strict=True))) if depth == deepest)


def _count_present(settings: Any, path: Sequence[str]) -> int:
    """Return how many keys of the path the settings have, one inside the other."""
    for depth, key in enumerate(path):
        if isinstance(settings, list) and key.isdecimal() and int(key) < len(settings):
            settings = settings[int(key)]
        elif isinstance(settings, Mapping) and key in settings:
            settings = settings[key]
        else:
            return depth
    return len(path)
