"""Lock on a file against other processes, on one machine and on several that share a file system.

A lock is the system's own (`flock`), which ends with the process however it ends. On NFS, Linux makes it a lock of the server.
A file system without such locks (Lustre without its option `flock`, many FUSE file systems) gets a lock that needs no more
than the exclusive creation of a file: the record of the owner, whose modification time the owner renews. It is stale when the
owner's process is known to have ended, or when it was not renewed for some minutes.

The record is written in both cases, beside the locked file, so that others can say whose the lock is.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
import time
from pathlib import Path

from collide.common.locks.lock_owner import LockOwner, describe_this_process, format_owner, read_owner
from collide.common.replace_file import replace_file
from collide.errors import InputError

# Errors of `flock` where a file system has no locks, or a server gives none.
NO_LOCKS = {errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOLCK, errno.EINVAL}
# Errors of `flock` for a lock that another process holds. SMB reports EACCES.
HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES}
OWNER_SUFFIX = ".owner"
# Seconds between two renewals of a record, and its age at which it is stale. Clients of NFS see a new modification time up to
# a minute late, and clocks of machines may differ by seconds.
RENEWAL_SECONDS = 15.0
STALE_SECONDS = 180.0


class LockHeld(InputError):
    """A lock that another process holds. `found` says what this process does, `owner` (None if unknown) which one it is."""

    def __init__(self, found: str, owner: LockOwner | None) -> None:
        whose = f": {owner.describe()}" if owner else ""
        super().__init__(f"{found}{whose}; wait for it or stop it, then run the same command again")
        self.owner = owner


class FileLock:
    """A lock that this process holds.

    file: descriptor of the locked file, open for reading and for writing at its end; -1 after the release
    warning: sentence for the user if the file system has no locks, and otherwise empty
    """

    def __init__(self, path: Path, job: str) -> None:
        """Open a file, create it if necessary, and lock it. `job` says in the record what this process does.

        Raises LockHeld if another process holds the lock, and OSError if the file cannot be opened.
        """
        self.warning = ""
        # Absolute: Snakemake leaves the working directory before the process ends.
        self._record, self._owner = owner_file(path).absolute(), describe_this_process(job)
        self._released = threading.Event()
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if lock_descriptor(self.file):
                # Without a record the lock holds all the same, so a full disk does no harm here.
                with contextlib.suppress(OSError):
                    replace_file(self._record, format_owner(self._owner), sync=False)
            else:
                self._create_record()
                self.warning = f"the file system of {path} has no locks; {owner_file(path)} takes their place"
            # Between the opening and the lock, pruning may have replaced the file.
            if not path.exists() or not os.path.samestat(os.fstat(self.file), path.stat()):
                self._remove_record()
                raise BlockingIOError
        except BlockingIOError:
            os.close(self.file)
            raise LockHeld(f"{path}: another process holds the lock on this file", read_owner(self._record)) from None
        except BaseException:
            os.close(self.file)
            raise

    def release(self) -> None:
        """Remove the record, close the file and give up the lock; nothing if that was done before."""
        if self.file < 0:
            return
        self._released.set()
        self._remove_record()
        os.close(self.file)
        # The system may give the same number to the next file that is opened.
        self.file = -1

    def _create_record(self) -> None:
        """Make the record the lock. Raises BlockingIOError if another process has made it."""
        record, data = self._record, format_owner(self._owner)
        if _is_stale(record):
            record.unlink(missing_ok=True)
        try:
            file = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            raise BlockingIOError from None
        with open(file, "wb") as stream:
            stream.write(data)
        threading.Thread(target=self._renew_record, daemon=True).start()

    def _renew_record(self) -> None:
        while not self._released.wait(RENEWAL_SECONDS):
            with contextlib.suppress(OSError):
                os.utime(self._record)

    def _remove_record(self) -> None:
        if read_owner(self._record) == self._owner:
            with contextlib.suppress(OSError):
                self._record.unlink()


def owner_file(path: Path) -> Path:
    """Return the path of the record of a locked file's owner."""
    return path.with_suffix(OWNER_SUFFIX)


def lock_descriptor(file: int) -> bool:
    """Lock an open file. Returns whether the file system has locks. Raises BlockingIOError if another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            raise BlockingIOError from None
        if error.errno in NO_LOCKS:
            return False
        raise
    return True


def _is_stale(record: Path) -> bool:
    """Return whether the owner of a record has ended, or has not renewed it for too long."""
    with contextlib.suppress(OSError):
        owner = read_owner(record)
        if owner and owner.is_dead():
            return True
        return time.time() - record.stat().st_mtime > STALE_SECONDS
    return False
