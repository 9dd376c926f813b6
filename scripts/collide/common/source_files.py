"""Which modules a script is made of, for its rule to name as inputs: Snakemake sees no edit of what a script imports."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

SCRIPTS = Path(__file__).parents[2]
PLUMBING = {
    *("collide/errors.py", "collide/common/script_context.py"),
    *(f"collide/llm/{name}.py" for name in ("client", "journal", "progress", "session")),
    *(
        f"collide/llm/transport/{name}.py"
        for name in ("connection_pool", "endpoint", "error_mapping", "errors", "rate_limiter")
    ),
}
"""What carries replies and messages and shapes none: an edit of it makes no result another."""


@functools.cache
def modules(script: str) -> tuple[Path, ...]:
    """The project's modules that a script imports, and those that they import, plumbing left out."""
    found: set[Path] = set()
    waiting = [SCRIPTS / script]
    while waiting:
        new = _imported(waiting.pop()) - found
        found |= new
        waiting += new
    return tuple(sorted(found))


@functools.cache
def _imported(path: Path) -> frozenset[Path]:
    """The project's modules that a file names in its imports, those within functions too."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    places = {SCRIPTS / f"{name.replace('.', '/')}.py" for name in names}
    return frozenset(place for place in places if place.is_file() and str(place.relative_to(SCRIPTS)) not in PLUMBING)
