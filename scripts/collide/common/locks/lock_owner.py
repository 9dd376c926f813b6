"""Record of the process that holds a lock: host, process, job, and job on a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

# Variables in which a scheduler tells a job its number, and the command that stops the job.
CLUSTER_JOBS = {"SLURM_JOB_ID": "scancel", "LSB_JOBID": "bkill", "PBS_JOBID": "qdel"}


@dataclass(frozen=True, slots=True)
class LockOwner:
    """A process that holds a lock.

    host, process: name of the machine, and process id on it
    boot, start: identity of the machine's last boot, and start of the process in clock ticks since then; empty and 0 if unknown
    job: what the process does, in words
    stop: command that stops its job on a cluster; empty for a process that a scheduler did not start
    """

    host: str
    process: int
    boot: str
    start: int
    job: str
    stop: str

    def describe(self) -> str:
        """Return the owner in words.

        >>> LockOwner("node1", 12, "", 0, "optimize main/SSS/mae/seed0", "scancel 45").describe()
        'process 12 on node1 (optimize main/SSS/mae/seed0), which `scancel 45` stops'
        """
        where = f"process {self.process} on {self.host} ({self.job})"
        return f"{where}, which `{self.stop or f'kill {self.process}'}` stops"

    def is_dead(self) -> bool:
        """Return whether the process has certainly ended. Of a process on another machine nothing is certain."""
        if self.host != socket.gethostname():
            return False
        return self.boot != _read_boot() or self.start != _read_start(self.process)


def describe_this_process(job: str, environment: Mapping[str, str] = os.environ) -> LockOwner:
    """Return this process as the owner of a lock."""
    jobs = [f"{command} {environment[name]}" for name, command in CLUSTER_JOBS.items() if environment.get(name)]
    process = os.getpid()
    return LockOwner(socket.gethostname(), process, _read_boot(), _read_start(process), job, jobs[0] if jobs else "")


def read_owner(record: Path) -> LockOwner | None:
    """Return the owner that a record names; None if there is no record, or if it is being written."""
    try:
        return LockOwner(**json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def format_owner(owner: LockOwner) -> bytes:
    """Return the content of a record."""
    return f"{json.dumps(asdict(owner))}\n".encode()


def _read_boot() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _read_start(process: int) -> int:
    """Return when a process started. A later process may have the same number, but not the same start. 0: it has ended."""
    try:
        # The name of the program, in parentheses, may hold blanks. The start is the 22nd field, the 20th after the name.
        state, *fields = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return _find_process(process)
    return 0 if state == "Z" else int(fields[18])


def _find_process(process: int) -> int:
    """Return 1 if there is such a process, and otherwise 0, on a system without /proc, such as macOS."""
    try:
        # A process of another user exists, too.
        with contextlib.suppress(PermissionError):
            os.kill(process, 0)
    except ProcessLookupError:
        return 0
    return 1
