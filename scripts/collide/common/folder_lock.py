"""Lock on the files of one source in one folder, against a second Snakemake."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO

from collide.errors import InputError


def lock_folder(source: str) -> TextIO:
    """Lock this folder's files of a source and return the open lock file; the lock lasts until the process ends.

    Raises InputError when another process holds the lock. Snakemake's own lock would outlive a process that was killed.
    """
    # No context manager: the lock is held as long as the file is open.
    stream = Path(f".snakemake/{source}.lock").open("a")  # noqa: SIM115
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise InputError(
            f"another Snakemake is making files of source {source} in this folder; wait for it or stop it, then run the command"
            " again"
        ) from None
    return stream
