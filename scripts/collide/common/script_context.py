"""The frame of a script that Snakemake runs: output goes to the rule's log, what a user must read also to the terminal."""

from __future__ import annotations

import contextlib
import errno
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from collide.errors import InputError
from collide.llm.transport.errors import ProviderError

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
"""Failures of a disk, which its user can mend."""


class _Log(io.FileIO):
    """The file of a log, which drops what the disk does not take: no job fails for a line of its log."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


@contextlib.contextmanager
def job(log: str | Path) -> Iterator[TextIO]:
    """Send stdout and stderr to the file `log` and yield it; end with one sentence where the user can mend the cause.

    An `InputError`, a `ProviderError` or a disk that takes no more is told on the terminal and in the log, and the process
    ends with exit code 1 and no traceback; an interrupt is told so, too, with exit code 130. Any other exception is a defect
    of the pipeline and keeps its traceback.
    """
    terminal, path = sys.stderr, Path(str(log))
    try:
        stream = _open(path)
    except OSError as error:
        print(f"Error: the log cannot be written: {error}", file=terminal)
        raise SystemExit(1) from None
    with stream, contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        try:
            yield stream
        except (InputError, ProviderError) as error:
            _tell(f"Error: {error}", path, terminal, stream)
            raise SystemExit(1) from None
        except OSError as error:
            if error.errno not in DISK:
                raise
            _tell(f"Error: {error}; make room, or mend the disk, and start again", path, terminal, stream)
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            sentence = "Interrupted; all replies received so far are in the journal, the same command goes on from there."
            _tell(sentence, path, terminal, stream)
            raise SystemExit(130) from None


def _open(path: Path) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return io.TextIOWrapper(
        io.BufferedWriter(_Log(path, "w")), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )


def _tell(sentence: str, path: Path, terminal: TextIO, stream: TextIO) -> None:
    """On the terminal first, whatever becomes of the log; and in the log, whatever became of the terminal."""
    for place, text in ((terminal, f"{sentence} (log: {path})"), (stream, sentence)):
        with contextlib.suppress(OSError):
            print(text, file=place, flush=True)
