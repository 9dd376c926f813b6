"""The journal: every reply is appended before anything uses it, and answers first on a rerun.

A line a reply: `<crc32 of the rest, 8 hexadecimal digits> <JSON>`. Each line is one write to a file opened for appending, so
a killed process leaves whole lines and at most one torn one at the end, which is cut when the journal is next opened. A line
that is damaged before the end was not left by a crash: it is refused. One process writes a journal at a time. Replies that
were paid for are on the disk, not only with the operating system, a second after they came.

When a job ends well, it writes the keys of all replies that it used, 16 bytes each, to a file beside its journal. From its
start until then the file is not there: what the journal is needed for is not known, and pruning leaves it alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from collide.errors import InputError
from collide.llm.request import CallOrigin, Reply

SYNC_SECONDS = 1.0
"""Within this time a paid reply is forced to the disk, with all others that came."""


class Journal:
    """Replies, and reasons of refusals, by key; a context manager that holds the file. `sync` forces them to the disk. Keys are
    of 32 hexadecimal digits.

    Replies out of `also_read`, other jobs' journals, answer too, but are not this journal's: `borrowed` tells them apart, and
    `tokens`, by role those in and out, leaves them out.
    """

    def __init__(self, path: Path, also_read: Iterable[Path] = (), log: TextIO | None = None, sync: bool = False) -> None:
        self.path, self._sync = path, sync
        self._records: dict[str, Any] = {}
        self._used: set[str] = set()
        self._refusal: InputError | None = None
        self._due: asyncio.TimerHandle | None = None
        self.tokens: dict[str, list[int]] = {}
        for other in also_read:
            if other.exists():
                self._records.update((record["key"], record["reply"]) for record in read_records(other, log))
        self._borrowed = set(self._records)
        new = [place for place in (path, *path.parents) if not place.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _open_locked(path)
        try:
            used_file(path).unlink(missing_ok=True)
            for record in read_records(path, log, self._file):
                self._keep(record["key"], record["reply"], record["role"], record.get("guess", (0, 0)))
            self._size = os.fstat(self._file).st_size
            for place in {path, *new} if sync else ():
                _force_folder(place.parent)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._due:
                self._due.cancel()
            if self._sync:
                self._force()
            if error is None:
                if self._refusal:
                    raise self._refusal
                self._write_used()
        finally:
            os.close(self._file)
            # A reply that comes too late must not land in the file that gets this number next.
            self._file = -1

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> Reply | str | None:
        """The reply recorded under a key, the reason of a refusal, or None. What is found counts as used."""
        record = self._records.get(key)
        if record is not None:
            self._used.add(key)
        return Reply(*record) if isinstance(record, list) else record

    def borrowed(self, key: str) -> bool:
        """Whether the reply under a key is another journal's."""
        return key in self._borrowed

    def append(
        self, key: str, reply: Reply | str, role: str, origin: CallOrigin, attempt: int, guess: tuple[int, int] = (0, 0)
    ) -> None:
        """Record a reply, or the reason of a refusal. Raises InputError when the disk does not take it, and ever after.

        `guess` are the tokens, in and out, that `tokens` takes for those that the provider did not tell.
        """
        record: Any = reply
        if isinstance(reply, Reply):
            record = [reply.text, reply.model, reply.finish_reason, reply.tokens_in, reply.tokens_out]
        facts: dict[str, Any] = {
            "role": role,
            "step": origin.step,
            "pair": origin.pair,
            "criteria": origin.criteria,
            "attempt": attempt,
        }
        if isinstance(reply, Reply) and None in (reply.tokens_in, reply.tokens_out):
            facts["guess"] = guess
        self._write(_line({"key": key, "reply": record, **facts}))
        self._keep(key, record, role, guess)
        self._used.add(key)
        if self._sync and self._due is None:
            self._due = _later(self._force)

    def _write(self, line: bytes) -> None:
        """Append a line whole, or leave the file as it was and take no more. Raises InputError."""
        if self._refusal:
            raise self._refusal
        try:
            written = os.write(self._file, line)
            reason = f"{written} of {len(line)} bytes were written" if written < len(line) else None
        except OSError as error:
            reason = str(error)
        if reason is None:
            self._size += len(line)
            return
        # Half a line with others behind it would be damage in the middle. Where it cannot be cut off, nothing follows it.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
        raise self._refuse(reason)

    def _force(self) -> None:
        """Have what was appended on the disk; where the disk fails, take no more."""
        self._due = None
        try:
            os.fsync(self._file)
        except OSError as error:
            self._refuse(str(error))

    def _write_used(self) -> None:
        # Without this file pruning leaves the journal alone, so a disk that is full now does no harm.
        with contextlib.suppress(OSError):
            replace_file(used_file(self.path), b"".join(map(bytes.fromhex, sorted(self._used))), self._sync)

    def _refuse(self, reason: str) -> InputError:
        self._refusal = self._refusal or InputError(
            f"the disk takes no more of {self.path} ({reason}); the earlier replies are kept: make room, or mend the disk, and"
            " start again"
        )
        return self._refusal

    def _keep(self, key: str, record: Any, role: str, guess: Sequence[int]) -> None:
        self._records[key] = record
        self._borrowed.discard(key)
        if isinstance(record, list):
            tokens = self.tokens.setdefault(role, [0, 0])
            for place, told in enumerate(record[3:5]):
                tokens[place] += guess[place] if told is None else told


def read_records(path: Path, log: TextIO | None = None, writable: int | None = None) -> Iterator[dict[str, Any]]:
    """The records of a journal in order. A torn last line is told in `log` and, given the file's descriptor, cut off.

    Raises InputError for a damaged line before the last.
    """
    return (record for _, record in read_lines(path, log, writable))


def read_lines(path: Path, log: TextIO | None = None, writable: int | None = None) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """The lines of a journal with their records, as `read_records` reads them."""
    data = path.read_bytes()
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        line = data[start : end + 1]
        record = _record(line[:-1]) if end >= 0 else None
        if record is None:
            _torn_or_damaged(path, data, start, end, log)
            if writable is not None:
                os.ftruncate(writable, start)
            return
        yield line, record
        start = end + 1


def used_file(path: Path) -> Path:
    """The file beside a journal that holds the keys of the replies that its job used."""
    return path.with_suffix(".used")


def read_used(path: Path) -> set[str] | None:
    """The keys that the job of a journal used; None where it has not ended well since it was last started."""
    try:
        keys = used_file(path).read_bytes().hex()
    except FileNotFoundError:
        return None
    return {keys[start : start + 32] for start in range(0, len(keys), 32)}


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from writing a journal. Raises InputError when one does."""
    file = _open_locked(path)
    try:
        yield
    finally:
        os.close(file)


def replace_file(path: Path, data: bytes, force: bool) -> None:
    """Give a file new content at once: a process that is killed leaves the old or the new, and so, with `force`, does a machine
    that goes down."""
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as stream:
            stream.write(data)
            if force:
                stream.flush()
                os.fsync(stream.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _torn_or_damaged(path: Path, data: bytes, start: int, end: int, log: TextIO | None) -> None:
    if 0 <= end < len(data) - 1:
        number = data.count(b"\n", 0, start) + 1
        raise InputError(
            f"{path}, line {number}: damaged, its checksum does not fit and sound lines follow, so no crash left it;"
            " restore the file from a copy, or delete that line to have its reply asked for again"
        )
    if log:
        print(f"{path}: cut a torn reply of {len(data) - start} bytes off the end; it will be asked for again", file=log)


def _line(record: dict[str, Any]) -> bytes:
    # Lone surrogates cannot be UTF-8; escaping all that is not ASCII keeps whatever a model wrote.
    text = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _record(line: bytes) -> dict[str, Any] | None:
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        return None
    return json.loads(text)


def _later(force: Callable[[], None]) -> asyncio.TimerHandle | None:
    """Have the running loop call `force`, however quiet it gets; without a loop the end of the journal does."""
    try:
        return asyncio.get_running_loop().call_later(SYNC_SECONDS, force)
    except RuntimeError:
        return None


def _force_folder(folder: Path) -> None:
    """Have the names of new files in a folder on the disk."""
    # Some file systems cannot do this for a folder, and need not.
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _open_locked(path: Path) -> int:
    """Descriptor of a journal that no other process writes. Raises InputError when one does."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    with contextlib.suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Pruning may have put another file in this one's place before it was locked.
        if os.path.samestat(os.fstat(file), path.stat()):
            return file
    os.close(file)
    raise InputError(f"{path}: another process is writing this journal; wait for it, or end it, and start again")
