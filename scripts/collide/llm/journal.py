"""The journal of a job: replies are appended to a file before anything uses them, and answer the same requests on a rerun.

The file format is in `journal_lines`. Only one process may write a journal at a time. Paid replies are forced to the disk
within a second, so that a power failure loses no more than that.

When a job ends without an error, it writes the keys of all replies that it used to a file beside its journal, 16 bytes per
key. The file is removed when the job starts. While it is missing, pruning leaves the journal alone, because nobody knows
which replies are still needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from collide.common.locks.file_lock import FileLock, LockHeld
from collide.common.replace_file import replace_file
from collide.cost.usage import PaidReplies
from collide.errors import InputError
from collide.llm.journal_lines import describe_reply, encode_line, read_records, read_reply
from collide.llm.request import CallOrigin, Reply

# One fsync takes some 10 ms on a slow disk, too long to wait for after every reply. A second of paid replies is the most
# that a power failure may cost.
SYNC_SECONDS = 1.0
# Hexadecimal digits of a key, see Request.compute_key.
KEY_DIGITS = 32


class Journal:
    """Replies and refusals by key. A context manager that holds the open, locked file. With `sync`, replies are forced to
    the disk.

    `paid` sums by role what the cost of all replies follows from.
    """

    def __init__(self, path: Path, log: TextIO | None = None, sync: bool = False, job: str = "journal") -> None:
        """Open the journal for writing. `job` says to others what this process does.

        Raises LockHeld if another process writes the journal, and InputError if it is damaged.
        """
        self.path, self._sync = path, sync
        self._records: dict[str, Reply | str] = {}
        self._used: set[str] = set()
        self._write_error: InputError | None = None
        self._pending_sync: asyncio.TimerHandle | None = None
        self.paid: dict[str, PaidReplies] = {}
        new = [place for place in (path, *path.parents) if not place.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock_journal(path, job)
        self._file = self._lock.file
        try:
            if log and self._lock.warning:
                print(f"warning: {self._lock.warning}", file=log, flush=True)
            used_keys_file(path).unlink(missing_ok=True)
            for record in read_records(path, log, self._file):
                self._add_record(record["key"], read_reply(record), record["role"], record.get("guess", (0, 0)))
            self._size = os.fstat(self._file).st_size
            # A synced file can still be lost if the entry of the file in its folder is not on the disk.
            for place in {path, *new} if sync else ():
                _sync_folder(place.parent)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._pending_sync:
                self._pending_sync.cancel()
            if self._sync:
                self._sync_file()
            if error is None:
                if self._write_error:
                    raise self._write_error
                self._write_used_keys()
        finally:
            self._lock.release()
            # The system may give the same number to the next file that is opened; a late reply must not land in it.
            self._file = -1

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> Reply | str | None:
        """Return the reply recorded under a key, the reason of a refusal, or None; mark the key as used."""
        record = self._records.get(key)
        if record is not None:
            self._used.add(key)
        return record

    def append(
        self,
        key: str,
        reply: Reply | str,
        role: str,
        origin: CallOrigin,
        attempt: int,
        assumed_tokens: tuple[int, int] = (0, 0),
    ) -> None:
        """Record a reply, or the reason of a refusal, in the file.

        `assumed_tokens` (in, out) replace token counts that the provider did not report. Raises InputError if the file
        cannot be written; every later call raises it again.
        """
        described = describe_reply(reply) if isinstance(reply, Reply) else {"reply": reply}
        record: dict[str, Any] = {
            "key": key,
            "reply": described.pop("reply"),
            "role": role,
            "step": origin.step,
            "pair": origin.pair,
            "criteria": origin.criteria,
            "attempt": attempt,
        }
        if isinstance(reply, Reply) and None in (reply.tokens_in, reply.tokens_out):
            record["guess"] = assumed_tokens
        self._write_line(encode_line(record | described))
        self._add_record(key, reply, role, assumed_tokens)
        self._used.add(key)
        if self._sync and self._pending_sync is None:
            self._pending_sync = _schedule_sync(self._sync_file)

    def _write_line(self, line: bytes) -> None:
        """Append a whole line, or leave the file as it was. Raises InputError, then and at every later call."""
        if self._write_error:
            raise self._write_error
        try:
            written = os.write(self._file, line)
            reason = f"{written} of {len(line)} bytes were written" if written < len(line) else None
        except OSError as error:
            reason = str(error)
        if reason is None:
            self._size += len(line)
            return
        # Remove the partial line: a later line would make the journal unreadable. If removal fails, `_write_error` blocks all
        # later writes.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
        raise self._remember_write_error(reason)

    def _sync_file(self) -> None:
        """Force the file to the disk. If the disk fails, accept no further replies."""
        self._pending_sync = None
        try:
            os.fsync(self._file)
        except OSError as error:
            self._remember_write_error(str(error))

    def _write_used_keys(self) -> None:
        # Without this file pruning leaves the journal alone, so a full disk does no harm here.
        with contextlib.suppress(OSError):
            replace_file(used_keys_file(self.path), b"".join(map(bytes.fromhex, sorted(self._used))), self._sync)

    def _remember_write_error(self, reason: str) -> InputError:
        self._write_error = self._write_error or InputError(
            f"cannot write to {self.path} ({reason}); the earlier replies are kept: free space or fix the disk, then rerun"
        )
        return self._write_error

    def _add_record(self, key: str, reply: Reply | str, role: str, assumed_tokens: Sequence[int]) -> None:
        self._records[key] = reply
        if isinstance(reply, Reply):
            self.paid.setdefault(role, PaidReplies()).add_reply(reply, assumed_tokens)


def used_keys_file(path: Path) -> Path:
    """Return the path of the file with the keys that the job of a journal used."""
    return path.with_suffix(".used")


def read_used_keys(path: Path) -> set[str] | None:
    """Return the keys that the job of a journal used, or None if its last start has not ended without an error."""
    try:
        keys = used_keys_file(path).read_bytes().hex()
    except FileNotFoundError:
        return None
    return {keys[start : start + KEY_DIGITS] for start in range(0, len(keys), KEY_DIGITS)}


@contextlib.contextmanager
def lock_journal(path: Path) -> Iterator[None]:
    """Keep other processes from writing a journal. Raises LockHeld if one does."""
    lock = _lock_journal(path, "pruning")
    try:
        yield
    finally:
        lock.release()


def _schedule_sync(sync_file: Callable[[], None]) -> asyncio.TimerHandle | None:
    """Call `sync_file` in SYNC_SECONDS, also if no further reply arrives. Without an event loop, `__exit__` syncs."""
    try:
        return asyncio.get_running_loop().call_later(SYNC_SECONDS, sync_file)
    except RuntimeError:
        return None


def _sync_folder(folder: Path) -> None:
    """Force the names of new files in a folder to the disk."""
    # Some file systems cannot sync a folder, and do not need to.
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _lock_journal(path: Path, job: str) -> FileLock:
    """Return the lock on a journal, with its open file. Raises LockHeld if another process holds it."""
    try:
        return FileLock(path, job)
    except LockHeld as held:
        raise LockHeld(f"{path}: another process is writing this journal", held.owner) from None
