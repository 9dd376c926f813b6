"""Digest of the source files of a script, a parameter of its rule: Snakemake does not notice edits of imported modules.

A digest is one value per job. The files as inputs made planning slower by a fifth, with some 20 files for each of 20,000 jobs.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parents[2]

# Only files of the package: a folder of scripts may share its name with a package that is installed. A regular expression,
# since parsing 150 files would take 0.4 s at each start; ruff keeps imports in this form.
_IMPORT = re.compile(r"^[ \t]*from (collide[\w.]*) import (?:\(([^)]*)\)|(.+))", re.MULTILINE)

# These carry replies and do not parse them, so an edit of one changes no result and must rerun no job.
NOT_TRACKED = {
    *("collide/errors.py", "collide/common/replace_file.py", "collide/common/script_context.py"),
    *(f"collide/llm/{name}.py" for name in ("account", "client", "journal", "journal_lines", "progress", "session")),
    *(f"collide/llm/transport/{name}.py" for name in ("connection_pool", "endpoint", "error_mapping", "errors", "senders")),
    *("collide/llm/transport/rate_limiter.py", "collide/llm/transport/retries.py"),
    *("collide/cost/budget.py", "collide/cost/usage.py"),
}


# Planning asks once per job, and the answer is the same for all jobs of a rule.
@functools.cache
def track_code(script: str, *patterns: str) -> str:
    """Return a digest of the modules that a script imports and of further files; see `list_tracked_files`."""
    return digest_files(list_tracked_files(script, *patterns))


def track_model_code(script: str, *patterns: str) -> Callable[[Any], str]:
    """Return a function of the wildcards for the digest of a script that calls models; the simulator is part of it only where
    it replies."""
    simulator = ("simulator/*.py", "simulator/roles/*.py")
    return lambda wildcards: track_code(script, *patterns, *(simulator if wildcards.source == "simulated" else ()))


def list_tracked_files(script: str, *patterns: str) -> list[Path]:
    """Return the modules that a script imports, and further files.

    `script` is a path below scripts/; `patterns` are file patterns below scripts/collide.
    """
    further = [path for pattern in patterns for path in sorted((SCRIPTS / "collide").glob(pattern))]
    return [*list_source_files(script), *further]


def digest_files(paths: Iterable[Path]) -> str:
    """Return a digest of files below scripts/, of their names and contents, at any order of `paths`."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(set(paths)):
        # Line ends may differ between checkouts of the same code.
        content = path.read_bytes().replace(b"\r\n", b"\n")
        for part in (path.relative_to(SCRIPTS).as_posix().encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


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
    for module, in_brackets, on_line in _IMPORT.findall(path.read_text(encoding="utf-8")):
        names += [module, *(f"{module}.{name}" for name in re.findall(r"\w+", in_brackets or on_line))]
    places = {SCRIPTS / f"{name.replace('.', '/')}.py" for name in names}
    return frozenset(place for place in places if place.is_file() and str(place.relative_to(SCRIPTS)) not in NOT_TRACKED)
