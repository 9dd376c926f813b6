"""Which models answered: a served model may be another one than the one asked for, and a table must not hide it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def served_otherwise(usages: Iterable[Mapping[str, Any]], asked: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each role whose replies came from another model than the one asked for, out of the jobs' usage files.

    `asked` is the name by role that the configuration gives the role's model.
    """
    served: dict[str, Counter[str]] = {}
    for usage in usages:
        for part in usage.values():
            for role, facts in part["roles"].items():
                served.setdefault(role, Counter()).update(facts["models"])
    for role, counts in sorted(served.items()):
        others = [f"{model} in {count:,}" for model, count in sorted(counts.items()) if model != asked[role]]
        if others:
            told = f"asked for {asked[role]}, served {' and '.join(others)}"
            yield f"{role.capitalize()} model: {told} of {counts.total():,} replies."
