"""Parsing of corpus files in JSON Lines, one JSON array, or Parquet. The format is recognised by content, not by file name."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from collide.errors import InputError

# First bytes of compressed files. They are refused rather than unpacked: the manifest's checksum is that of the file read.
COMPRESSED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip"}


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a file, with its location for error messages ("corpus.jsonl, line 3")."""

    location: str
    fields: dict[str, Any]


def read_bytes(path: Path) -> bytes:
    """Return the content of a corpus file. Raises InputError if it does not exist or cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"corpus: the file {path} does not exist; set `corpus` to the path of a SummEval file, to a URL that names a"
            " revision, or to `embedded`"
        ) from None
    except OSError as error:
        raise InputError(f"corpus: cannot read {path}: {error.strerror}; expected a SummEval file") from None


def parse_records(content: bytes, name: str) -> list[Record]:
    """Return the records of a file's content. `name` stands for the file in error messages.

    Raises InputError for content that is compressed, invalid or empty.
    """
    if compression := next((kind for start, kind in COMPRESSED.items() if content.startswith(start)), None):
        raise InputError(f"{name}: the file is compressed ({compression}); decompress it first")
    if content.startswith(b"PAR1"):
        records = list(_parse_parquet(content, name))
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{name}: byte {error.start:,} is not valid UTF-8; expected JSON, JSON Lines or Parquet") from None
        records = list(_parse_array(text, name) if text.lstrip().startswith("[") else _parse_lines(text, name))
    if not records:
        raise InputError(f"{name}: the file contains no records; expected a SummEval file")
    return records


def _parse_parquet(content: bytes, name: str) -> Iterator[Record]:
    try:
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        # ValueError: text that is not UTF-8; OverflowError: dates out of range. Arrow's messages may span several lines.
        raise InputError(f"{name}: invalid Parquet file ({' '.join(str(error).split())}); download it again") from None
    for number, row in enumerate(rows, start=1):
        yield Record(f"{name}, row {number}", row)


def _parse_array(text: str, name: str) -> Iterator[Record]:
    for number, item in enumerate(_parse_json(text, name, "one array of objects; download the file again"), start=1):
        yield _check_record(f"{name}, item {number}", item)


def _parse_lines(text: str, name: str) -> Iterator[Record]:
    # A pretty-printed object: its first line alone would give a misleading message about invalid JSON.
    if re.match(r"\s*\{\s*\n", text):
        raise InputError(
            f"{name}: the first object spans several lines; expected one object per line (JSON Lines), or one array of objects"
        )
    # Not splitlines(): JSON strings may contain U+2028 and other characters that do not end a line of JSON Lines.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            location = f"{name}, line {number}"
            item = _parse_json(line, location, "one object per line; fix the line or download the file again")
            yield _check_record(location, item)


def _parse_json(text: str, location: str, expected: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{location}: the JSON is nested too deeply; expected {expected}") from None
    except ValueError as error:
        raise InputError(f"{location}: invalid JSON ({error}); expected {expected}") from None


def _check_record(location: str, item: Any) -> Record:
    if not isinstance(item, dict):
        raise InputError(f"{location}: found {type(item).__name__}; expected an object with the fields of a SummEval file")
    return Record(location, item)
