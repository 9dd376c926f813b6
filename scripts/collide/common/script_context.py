"""Context in which every script runs: its output goes to the rule's log, and errors that the user can fix to the terminal."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from collide.common.signals import allow_interrupts
from collide.errors import InputError
from collide.llm.transport.errors import ProviderError

# Errors of the disk rather than of the pipeline, and what the user can do: no space, quota, file size limit, I/O error, a file
# that a server has lost; a read-only file system, missing permissions.
DISK_ERRORS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE), "free space or fix the disk"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "make it writable"),
}


class _LogFile(io.FileIO):
    """A log file that drops what the disk does not take, so that a full disk fails no job for a log line."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


@contextlib.contextmanager
def script_context(log: str | Path) -> Iterator[TextIO]:
    """Redirect stdout and stderr to the file `log` and yield it; print errors that the user can fix as one sentence.

    An `InputError`, a `ProviderError` or a disk error is printed to the terminal and the log without traceback, and the
    process exits with code 1; an interrupt likewise with code 130. Any other exception is a bug of the pipeline and
    keeps its traceback.
    """
    _ignore_variables()
    _keep_font_cache()
    if "pyarrow" in sys.modules:
        # Imported here, because a script that reads no Parquet should not load pyarrow.
        from collide.common.light_pyarrow import detach_pandas

        detach_pandas()
    terminal, path = sys.stderr, Path(str(log))
    try:
        stream = _open_log(path)
    except OSError as error:
        print(f"Error: cannot write the log: {error}", file=terminal)
        raise SystemExit(1) from None
    with stream, contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        try:
            with allow_interrupts():
                yield stream
        except (InputError, ProviderError) as error:
            _print_error(f"Error: {error}", path, terminal, stream)
            raise SystemExit(1) from None
        except OSError as error:
            if error.errno not in DISK_ERRORS:
                raise
            _print_error(f"Error: {error}; {DISK_ERRORS[error.errno]}, then rerun", path, terminal, stream)
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            sentence = "Interrupted; all replies received so far are in the journal. Run the same command again to continue."
            _print_error(sentence, path, terminal, stream)
            # 128 + SIGINT, as a shell reports an interrupted command.
            raise SystemExit(130) from None


def _ignore_variables() -> None:
    """Keep libraries that are imported later from variables of the environment that would change or stop this script."""
    # matplotlib refuses to be imported with a backend that it does not know.
    os.environ["MPLBACKEND"] = "agg"
    # Python would write the secrets of all connections to this file, and aiohttp fails to be imported where it cannot.
    os.environ.pop("SSLKEYLOGFILE", None)


def _keep_font_cache() -> None:
    """Name a folder for matplotlib's font cache where the home folder takes none. Each figure would make the cache anew."""
    if not os.access(os.environ.get("HOME", ""), os.W_OK):
        os.environ.setdefault("MPLCONFIGDIR", str(Path(".snakemake", "matplotlib").resolve()))


def _open_log(path: Path) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Line buffering lets a user follow a running job; backslashreplace, because a reply may hold lone surrogates.
    return io.TextIOWrapper(
        io.BufferedWriter(_LogFile(path, "w")), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )


def _print_error(sentence: str, path: Path, terminal: TextIO, stream: TextIO) -> None:
    """Print to the terminal and to the log; a failure of one does not keep the sentence from the other."""
    for place, text in ((terminal, f"{sentence} (log: {path})"), (stream, sentence)):
        with contextlib.suppress(OSError):
            print(text, file=place, flush=True)
