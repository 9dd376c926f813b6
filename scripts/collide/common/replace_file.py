"""Replace the content of a file in one step."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, data: bytes, sync: bool) -> None:
    """Replace a file so that a killed process leaves either the old or the new content, never a part.

    With `sync` this holds for a machine that loses power, too. Raises OSError and leaves the old file on failure.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as stream:
            stream.write(data)
            if sync:
                stream.flush()
                os.fsync(stream.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
