"""Version of the workflow's code: the git commit where there is one, and a digest of the source files."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

# Parts of the project whose content can change a result. config.yaml is recorded in whole.
CODE_PARTS = ("Snakefile", "rules", "scripts")
# An answer of git takes milliseconds; a home folder on a slow network drive may need longer.
GIT_SECONDS = 30


@functools.cache
def find_code_version(project: Path) -> dict[str, Any]:
    """Return the version of the code in a project folder.

    commit: hash of the checked-out commit; None outside of a git checkout, or without git
    changed: True if source files differ from this commit; None without one
    digest: SHA-256 of names and contents of all source files, whatever the line ends
    """
    commit = _ask_git(project, "rev-parse", "HEAD")
    changes = _ask_git(project, "status", "--porcelain", "--", *CODE_PARTS) if commit else None
    changed = None if changes is None else bool(changes)
    return {"commit": commit, "changed": changed, "digest": digest_code(project)}


def digest_code(project: Path) -> str:
    """Return the SHA-256 of names and contents of all source files, whatever their line ends."""
    digest = hashlib.sha256()
    for path in list_code(project):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        for part in (path.relative_to(project).as_posix().encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def list_code(project: Path) -> list[Path]:
    """Return the source files of a project, without what Python caches."""
    found = [path for part in CODE_PARTS for path in (project / part, *(project / part).rglob("*"))]
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _ask_git(project: Path, *arguments: str) -> str | None:
    """Return the output of a git command in a folder, or None where git fails or is not there."""
    # Without its optional locks, git writes no file of the checkout.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(project), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
