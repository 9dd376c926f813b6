"""Folders as data sets: the files that hold the records. No pyarrow here: planning the workflow lists them, too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from collide.errors import InputError

# Files of a folder with another ending, such as a README or a licence, hold no records.
ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".gz", ".zst")


def list_files(path: Path) -> list[Path]:
    """Return the files of a path in the order of their names: the file itself, or the data files of a folder.

    Raises InputError for a path that does not exist and for a folder without data files.
    """
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.is_file() and file.name.endswith(ENDINGS))
    if not files:
        raise InputError(f"{path}: the folder has no data file; expected files that end in {', '.join(ENDINGS)}")
    return files


def digest_listing(checksums: Iterable[tuple[str, str]]) -> str:
    """Return the checksum of several files, given as (name, checksum): that of the list that `sha256sum *` prints of them."""
    return hashlib.sha256("".join(f"{checksum}  {name}\n" for name, checksum in checksums).encode()).hexdigest()
