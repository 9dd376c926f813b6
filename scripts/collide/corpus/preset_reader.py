"""Presets: descriptions of public data sets, each a file of the folder presets."""

from __future__ import annotations

import difflib
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
