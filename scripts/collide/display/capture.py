"""Capture of the process's own standard streams, so that nothing is printed into the live display."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence


class CapturedStreams:
    """Takes what this process and its jobs write to some standard streams, until `restore`.

    The streams become temporary files rather than pipes: a job that outlives this process can still write to them.
    """

    def __init__(self, descriptors: Sequence[int]) -> None:
        """Capture these descriptors of 1 (output) and 2 (errors). Raises OSError where no temporary file can be made."""
        self._kept: dict[int, int] = {}
        # No context manager: the files stay open until the display ends.
        self._files = {number: tempfile.TemporaryFile() for number in descriptors}  # noqa: SIM115
        self._offsets = dict.fromkeys(descriptors, 0)
        _flush_streams()
        for number, file in self._files.items():
            self._kept[number] = os.dup(number)
            os.dup2(file.fileno(), number)

    def read_new(self) -> str:
        """Return the whole lines that were written since the last call."""
        return "".join(self._read(number, whole_lines=True) for number in self._files)

    def restore(self) -> str:
        """Give the streams back; return what was written to them since the last call of `read_new`."""
        _flush_streams()
        for number, kept in self._kept.items():
            os.dup2(kept, number)
            os.close(kept)
        self._kept.clear()
        return "".join(self._read(number, whole_lines=False) for number in self._files)

    def _read(self, number: int, whole_lines: bool) -> str:
        file, offset = self._files[number].fileno(), self._offsets[number]
        size = os.fstat(file).st_size
        data = os.pread(file, size - offset, offset) if size > offset else b""
        if whole_lines:
            data = data[: data.rfind(b"\n") + 1]
        self._offsets[number] += len(data)
        return data.decode("utf-8", "replace")


def _flush_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A stream is None in a detached process, and flushing one that is broken is no reason to fail.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
