"""Lock on the files of one source in one folder, against a second Snakemake."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from pathlib import Path

from collide.common.locks.file_lock import FileLock, LockHeld


def lock_folder(source: str, warn: Callable[[str], None]) -> FileLock | None:
    """Lock this folder's files of a source and return the lock, which lasts until the process ends.

    Where no lock can be had, the user is warned by `warn`, and the result is None. Raises LockHeld when another process holds
    the lock. Snakemake's own lock would outlive a process that was killed.
    """
    try:
        lock = FileLock(Path(f".snakemake/{source}.lock"), f"Snakemake, source {source}")
    except LockHeld as held:
        raise LockHeld(f"another Snakemake is making files of source {source} in this folder", held.owner) from None
    except OSError as error:
        warn(f"Cannot lock this folder ({error}): start no second Snakemake in it.")
        return None
    if lock.warning:
        warn(f"Warning: {lock.warning}.")
    atexit.register(lock.release)
    return lock
