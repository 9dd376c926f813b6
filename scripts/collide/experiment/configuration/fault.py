"""A fault of the configuration, with the key that it is about."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

Path = tuple[str, ...]


class Fault(NamedTuple):
    """A sentence with a key, what was found and what was expected. `path` leads to the key that has to change."""

    sentence: str
    path: Path


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return the words that suggest the known name nearest to `name`; empty if none is near."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else ""


def check_name(words: str, path: Path, name: str, known: Collection[str]) -> Iterator[Fault]:
    """Yield a fault for a name that is not known; `words` stand between the key and the name, such as "names the study"."""
    if name not in known:
        place = ".".join(path)
        yield Fault(
            f"{place} {words} {name!r}, which is not defined{suggest_name(name, known)}; known: {', '.join(known)}", path
        )
