"""Lock on the files of one source in one folder, against a second Snakemake, and a check of Snakemake's folder for records."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable
from pathlib import Path

from collide.common.locks.file_lock import FileLock, LockHeld
from collide.errors import InputError

# Snakemake's folder for its records of finished jobs, in the working directory.
RECORDS = Path(".snakemake")
# A file of this many bytes shows whether the disk is full. Records are smaller.
PROBE_BYTES = 4096


def check_records_folder() -> None:
    """Raise InputError if Snakemake cannot write its records; it would end with a traceback."""
    place = RECORDS if RECORDS.exists() else Path()
    try:
        # A temporary file leaves no trace.
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(bytes(PROBE_BYTES))
    except OSError as error:
        raise InputError(
            f"Snakemake cannot write its records to {RECORDS.resolve()} ({error.strerror}): make the folder writable, free"
            " space, or name another folder with --directory"
        ) from None


def lock_folder(source: str, warn: Callable[[str], None]) -> FileLock | None:
    """Lock this folder's files of a source and return the lock, which lasts until the process ends.

    Where no lock can be had, the user is warned by `warn`, and the result is None. Raises LockHeld when another process holds
    the lock. Snakemake's own lock would outlive a process that was killed.
    """
    try:
        lock = FileLock(RECORDS / f"{source}.lock", f"Snakemake, source {source}")
    except LockHeld as held:
        raise LockHeld(f"another Snakemake is making files of source {source} in this folder", held.owner) from None
    except OSError as error:
        warn(f"Cannot lock this folder ({error}): start no second Snakemake in it.")
        return None
    if lock.warning:
        warn(f"Warning: {lock.warning}.")
    atexit.register(lock.release)
    return lock
