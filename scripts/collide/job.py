"""The frame of a script that Snakemake runs: output goes to the rule's log, what a user must read also to the terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from collide.errors import InputError
from collide.llm.errors import ProviderError


@contextlib.contextmanager
def job(log: str | Path) -> Iterator[TextIO]:
    """Send stdout and stderr to the file `log` and yield it; end with one sentence where the user can mend the cause.

    An `InputError` or `ProviderError` is written to the log and to the terminal, and the process ends with exit code 1
    and no traceback. Any other exception is a defect of the pipeline and keeps its traceback.
    """
    terminal = sys.stderr
    path = Path(str(log))
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("w", encoding="utf-8", buffering=1) as stream,
        contextlib.redirect_stdout(stream),
        contextlib.redirect_stderr(stream),
    ):
        try:
            yield stream
        except (InputError, ProviderError) as error:
            print(f"Error: {error}", file=stream)
            print(f"Error: {error} (log: {path})", file=terminal)
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            print(
                "Interrupted; all replies received so far are in the journal, the same command goes on from there.",
                file=stream,
            )
            raise SystemExit(130) from None
