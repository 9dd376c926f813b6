"""Formats of a data set's files: CSV, TSV, JSON, JSON Lines and Parquet, plain or compressed, recognised by content."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from collide.corpus.files.content import decode_text, decompress
from collide.corpus.files.csv_files import parse_csv
from collide.corpus.files.json_files import parse_json
from collide.corpus.files.record import Record
from collide.errors import InputError

# The column that holds the name of the file where a data set is a folder: "train" for train-00000-of-00001.parquet.
FILE_COLUMN = "file"


def parse_records(content: bytes, name: str) -> tuple[str, list[Record]]:
    """Return the format and the records of a file's content. `name` stands for the file in error messages.

    Raises InputError for content that is damaged, in another format, or without records.
    """
    content, compression = decompress(content, name)
    if content.startswith(b"PAR1"):
        kind, records = "Parquet", _parse_parquet(content, name)
    else:
        kind, records = _parse_text(decode_text(content, name), name)
    if not records:
        raise InputError(f"{name}: the file contains no records; expected one per text that is judged")
    return ", ".join(filter(None, [kind, compression])), records


def add_file_column(records: list[Record], file: Path) -> list[Record]:
    """Return the records of one file of a folder with the column `file`, unless the file has such a column."""
    name = file.name.split(".")[0].split("-0")[0]
    return [Record(record.location, {FILE_COLUMN: name} | record.fields) for record in records]


def _parse_text(text: str, name: str) -> tuple[str, list[Record]]:
    start = text.lstrip()
    if start.startswith(("[", "{")):
        return parse_json(text, name)
    if start.startswith("<"):
        raise InputError(f"{name}: the file is a web page or XML; expected CSV, TSV, JSON, JSON Lines or Parquet")
    if start.startswith("version https://git-lfs"):
        raise InputError(f"{name}: the file is a pointer of Git LFS, not the data; download the file itself (git lfs pull)")
    return parse_csv(text, name)


def _parse_parquet(content: bytes, name: str) -> list[Record]:
    try:
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        # ValueError: text that is not UTF-8; OverflowError: dates out of range. Arrow's messages may span several lines.
        raise InputError(f"{name}: invalid Parquet file ({' '.join(str(error).split())}); download it again") from None
    return [Record(f"{name}, row {number}", row) for number, row in enumerate(rows, start=1)]
