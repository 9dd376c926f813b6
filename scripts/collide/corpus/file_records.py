"""Records of a corpus file, whatever holds them: JSON Lines, one JSON array, or Parquet, told apart by content."""

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

PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip"}
"""How packed files begin."""


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a file, with its place for error messages ("corpus.jsonl, line 3")."""

    where: str
    fields: dict[str, Any]


def read_bytes(path: Path) -> bytes:
    """Content of a corpus file. Raises InputError where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"corpus: there is no file {path}; expected a SummEval file, give its path, a URL that names a revision,"
            " or `embedded`"
        ) from None
    except OSError as error:
        raise InputError(f"corpus: {path} cannot be read: {error.strerror}; expected a SummEval file") from None


def parse_records(content: bytes, name: str) -> list[Record]:
    """The records of a file's content; `name` is how error messages call the file. Raises InputError."""
    if packed := next((kind for start, kind in PACKED.items() if content.startswith(start)), None):
        raise InputError(f"{name}: this is a packed file ({packed}); unpack it and give what is inside")
    if content.startswith(b"PAR1"):
        records = list(_parquet(content, name))
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{name}: byte {error.start:,} is no UTF-8 text; expected JSON, JSON Lines or Parquet") from None
        records = list(_array(text, name) if text.lstrip().startswith("[") else _lines(text, name))
    if not records:
        raise InputError(f"{name}: the file holds no records; expected a SummEval file")
    return records


def _parquet(content: bytes, name: str) -> Iterator[Record]:
    try:
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        # Arrow's messages run over several lines; texts that are no UTF-8 and times out of range come as the last two.
        raise InputError(f"{name}: broken Parquet file ({' '.join(str(error).split())}); get it again") from None
    for number, row in enumerate(rows, start=1):
        yield Record(f"{name}, row {number}", row)


def _array(text: str, name: str) -> Iterator[Record]:
    for number, item in enumerate(_parse(text, name, "one array of objects, get the file again"), start=1):
        yield _record(f"{name}, item {number}", item)


def _lines(text: str, name: str) -> Iterator[Record]:
    if re.match(r"\s*\{\s*\n", text):  # as pretty-printers begin
        raise InputError(
            f"{name}: the first object runs over several lines; expected each object on one line (JSON Lines), or one array of"
            " objects"
        )
    # Not splitlines(): JSON strings may hold U+2028 and the like, which end no line of JSON Lines.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            where = f"{name}, line {number}"
            yield _record(where, _parse(line, where, "one object a line, mend the line or get the file again"))


def _parse(text: str, where: str, expected: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{where}: brackets are nested too deep; expected {expected}") from None
    except ValueError as error:
        raise InputError(f"{where}: broken JSON ({error}); expected {expected}") from None


def _record(where: str, item: Any) -> Record:
    if not isinstance(item, dict):
        raise InputError(f"{where}: found {type(item).__name__}; expected an object with the fields of a SummEval file")
    return Record(where, item)
