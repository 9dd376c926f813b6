"""Source files of a script, which its rule names as inputs: Snakemake does not notice edits of imported modules."""

from __future__ import annotations

import ast
import functools
import os
from pathlib import Path

SCRIPTS = Path(__file__).parents[2]

# These carry replies and do not parse them, so an edit of one changes no result and must rerun no job.
NOT_TRACKED = {
    *("collide/errors.py", "collide/common/replace_file.py", "collide/common/script_context.py"),
    *(f"collide/llm/{name}.py" for name in ("account", "client", "journal", "journal_lines", "progress", "session")),
    *(f"collide/llm/transport/{name}.py" for name in ("connection_pool", "endpoint", "error_mapping", "errors", "senders")),
    *("collide/llm/transport/rate_limiter.py", "collide/llm/transport/retries.py"),
    *("collide/cost/budget.py", "collide/cost/usage.py"),
}


def track_code(script: str, *patterns: str) -> list[str]:
    """Return paths, relative to the working directory, of the modules that a script imports and of further files.

    `script` is a path below scripts/; `patterns` are file patterns below scripts/collide.
    """
    return list(_track_code(script, patterns, Path.cwd()))


# Planning asks once per job, and the answer is the same for all jobs of a rule.
@functools.cache
def _track_code(script: str, patterns: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    further = [path for pattern in patterns for path in sorted((SCRIPTS / "collide").glob(pattern))]
    return tuple(os.path.relpath(path, folder) for path in (*list_source_files(script), *further))


@functools.cache
def list_source_files(script: str) -> tuple[Path, ...]:
    """Return the project's modules that a script imports, directly or not, without NOT_TRACKED."""
    found: set[Path] = set()
    waiting = [SCRIPTS / script]
    while waiting:
        new = _find_imports(waiting.pop()) - found
        found |= new
        waiting += new
    return tuple(sorted(found))


@functools.cache
def _find_imports(path: Path) -> frozenset[Path]:
    """Return the project's modules that a file imports, including imports within functions."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    # Only files of the package: a folder of scripts may share its name with a package that is installed.
    places = {SCRIPTS / f"{name.replace('.', '/')}.py" for name in names if name.startswith("collide.")}
    return frozenset(place for place in places if place.is_file() and str(place.relative_to(SCRIPTS)) not in NOT_TRACKED)
