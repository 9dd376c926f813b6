"""Record: one object or row of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One object or row of a file, with its location for error messages ("corpus.jsonl, line 3")."""

    location: str
    fields: dict[str, Any]
