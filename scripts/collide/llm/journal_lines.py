"""File format of the journal: one record per line, `<crc32 of the JSON, 8 hexadecimal digits> <JSON>`.

Each line is written with one write to a file opened for appending. A killed process therefore leaves whole lines and at most
one incomplete line at the end. A damaged line before the end cannot come from a crash and is an error.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from collide.errors import InputError
from collide.llm.request import Reply

# Fields of a reply that a line holds under their names, only where they are known: no value here means that they are not.
KNOWN_FIELDS: dict[str, object] = {
    "provider": "",
    "tokens_cached": None,
    "cost": None,
    "seconds": None,
    "received": None,
    "retries": 0,
    "batched": False,
    "reasoning_only": False,
}

# One encoder for all lines: `json.dumps` makes a new one each time.
_ENCODE_RECORD = json.JSONEncoder(separators=(",", ":")).encode


def encode_line(record: dict[str, Any]) -> bytes:
    """Return a record as a line of a journal."""
    # Lone surrogates cannot be encoded as UTF-8. Escaping all that is not ASCII keeps whatever a model wrote.
    text = _ENCODE_RECORD(record).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def describe_reply(reply: Reply) -> dict[str, Any]:
    """Return the fields of a record that describe a reply: `reply`, and those of KNOWN_FIELDS that are known."""
    known = {name: value for name, unknown in KNOWN_FIELDS.items() if (value := getattr(reply, name)) != unknown}
    return {"reply": [reply.text, reply.model, reply.finish_reason, reply.tokens_in, reply.tokens_out], **known}


def read_reply(record: Mapping[str, Any]) -> Reply | str:
    """Return the reply of a record, or the reason as text if the endpoint refused the request."""
    reply = record["reply"]
    if isinstance(reply, str):
        return reply
    return Reply(*reply, **{name: record[name] for name in KNOWN_FIELDS if name in record})


def read_records(path: Path, log: TextIO | None = None, writable: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the records of a journal in order, as `read_lines` does."""
    return (record for _, record in read_lines(path, log, writable))


def read_lines(path: Path, log: TextIO | None = None, writable: int | None = None) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield the lines of a journal with their records, in order.

    An incomplete last line is reported in `log` and cut off the file `writable`, an open descriptor of the journal.
    Raises InputError for a damaged line before the last.
    """
    data = path.read_bytes()
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        line = data[start : end + 1]
        record = _decode_line(line[:-1]) if end >= 0 else None
        if record is None:
            _check_last_line(path, data, start, end)
            if log:
                message = f"removed an incomplete reply of {len(data) - start} bytes at the end; it will be requested again"
                print(f"{path}: {message}", file=log)
            # Cut off, because the next line would otherwise be appended to the incomplete one and damage both.
            if writable is not None:
                os.ftruncate(writable, start)
            return
        yield line, record
        start = end + 1


def _decode_line(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line, or None when the checksum does not match."""
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        return None
    return json.loads(text)


def _check_last_line(path: Path, data: bytes, start: int, end: int) -> None:
    """Raise InputError if the line without a valid checksum from `start` to `end` has lines after it."""
    if 0 <= end < len(data) - 1:
        number = data.count(b"\n", 0, start) + 1
        raise InputError(
            f"{path}, line {number}: the checksum does not match and more lines follow, so this damage is not from a crash;"
            " restore the file from a copy, or delete that line to have its reply requested again"
        )
