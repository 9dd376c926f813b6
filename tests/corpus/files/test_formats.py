"""File formats: the same records from each format, and one sentence for each fault of a file."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pyarrow as pa
import pytest

from collide.corpus.files.content import read_bytes
from collide.corpus.files.folder import list_files
from collide.corpus.files.formats import add_file_column, parse_records
from collide.errors import InputError
from tests.corpus.sample_files import GEVAL, MTEB, RELEASE, as_array, as_lines, as_parquet

ROWS = [{"id": "d1", "text": 'A "quoted", text\nof two lines', "tone": "3"}, {"id": "d2", "text": "Überzeugung", "tone": "5"}]


def as_table(rows, separator=",", quoting=csv.QUOTE_MINIMAL):
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=separator, quoting=quoting, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def as_zstd(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


FORMATS = {
    "CSV": (as_table(ROWS), "CSV"),
    "CSV with semicolons": (as_table(ROWS, ";"), "CSV with semicolons"),
    "TSV": (as_table(ROWS, "\t"), "TSV"),
    "quoted": (as_table(ROWS, quoting=csv.QUOTE_ALL), "CSV"),
    "blank lines": (b"\n" + as_table(ROWS) + b"\n\n", "CSV"),
    "byte order mark": (b"\xef\xbb\xbf" + as_table(ROWS), "CSV"),
    "UTF-16": (as_table(ROWS).decode().encode("utf-16"), "CSV"),
    "UTF-16, big endian": (b"\xfe\xff" + as_lines(ROWS).decode().encode("utf-16-be"), "JSON Lines"),
    "JSON Lines": (as_lines(ROWS), "JSON Lines"),
    "one line": (as_lines(ROWS[:1]), "JSON"),
    "array": (as_array(ROWS), "JSON"),
    "array under a key": (json.dumps({"version": 1, "data": ROWS}).encode(), "JSON"),
    "arrays under keys": (json.dumps({"train": ROWS[:1], "test": ROWS[1:]}, indent=1).encode(), "JSON"),
    "objects by id": (json.dumps({"first": ROWS[0], "second": ROWS[1]}, indent=1).encode(), "JSON"),
    "Parquet": (as_parquet(ROWS), "Parquet"),
    "gzip": (gzip.compress(as_table(ROWS)), "CSV, gzip"),
    "gzip of two parts": (gzip.compress(as_lines(ROWS[:1])) + gzip.compress(as_lines(ROWS[1:])), "JSON Lines, gzip"),
    "zstd": (as_zstd(as_lines(ROWS)), "JSON Lines, zstd"),
    "zstd of two parts": (as_zstd(as_lines(ROWS[:1])) + as_zstd(as_lines(ROWS[1:])), "JSON Lines, zstd"),
}


@pytest.mark.parametrize(("content", "format_name"), FORMATS.values(), ids=FORMATS)
def test_a_file_is_recognised_by_its_content(content, format_name):
    found, records = parse_records(content, "corpus")
    assert found == format_name
    fields = [{name: value for name, value in record.fields.items() if name in ROWS[0]} for record in records]
    assert fields == (ROWS[:1] if content == as_lines(ROWS[:1]) else ROWS)


def test_records_of_one_object_have_its_key():
    content = json.dumps({"train": ROWS[:1], "test": ROWS[1:]}).encode()
    records = parse_records(content, "corpus")[1]
    assert [record.fields["key"] for record in records] == ["train", "test"]
    assert records[1].location == "corpus, test, item 1"


def test_a_record_of_a_table_is_located_by_its_first_line():
    assert [record.location for record in parse_records(as_table(ROWS), "corpus")[1]] == ["corpus, line 2", "corpus, line 4"]


def test_a_field_may_be_longer_than_pythons_limit():
    rows = [{"id": "d", "text": "long " * 50_000}]
    assert parse_records(as_table(rows), "corpus")[1][0].fields == rows[0]


def test_quotation_marks_of_a_tsv_may_quote_nothing():
    content = b'id\ttext\n1\t"So" she said\n2\tan inch is 1"\n3\t"open\n'
    assert [record.fields["text"] for record in parse_records(content, "c")[1]] == ['"So" she said', 'an inch is 1"', '"open']


def test_a_column_of_row_numbers_without_a_name_is_ignored():
    assert parse_records(b",id,text\n0,a,b\n", "corpus")[1][0].fields == {"id": "a", "text": "b"}


BROKEN = {
    "a line": (as_lines(RELEASE)[:-20], r"corpus, line 4: invalid JSON"),
    "an array": (as_array(GEVAL)[:-20], r"corpus: invalid JSON"),
    "an object": (json.dumps({"data": ROWS}, indent=1).encode()[:-20], r"corpus: invalid JSON"),
    "no object": (b'{"id": 1}\n[2]\n', r"corpus, line 2: found list; expected an object"),
    "Parquet": (as_parquet(MTEB)[:-20], r"corpus: invalid Parquet file"),
    "a page of Parquet": (
        as_parquet(MTEB)[:4] + bytes(56) + as_parquet(MTEB)[60:],
        r"corpus: invalid Parquet file \(.*\); download it",
    ),
    "text of Parquet": (as_parquet(MTEB).replace(b"Article", b"Articl\xff"), r"corpus: invalid Parquet file .*utf-8"),
    "zip": (b"PK\x03\x04...", r"corpus: the file is a zip archive or an Excel file; unpack it, or export it as CSV"),
    "bzip2": (b"BZh9...", r"corpus: the file is compressed by bzip2; unpack it"),
    "half a gzip": (gzip.compress(as_lines(RELEASE))[:-9], r"corpus: damaged compressed file \(.*\); download it again"),
    "half a zstd": (as_zstd(as_lines(RELEASE))[:-9], r"corpus: damaged compressed file \(Truncated.*\); download it again"),
    "an object over several lines": (
        json.dumps(RELEASE[0], indent=2).encode() * 2,
        r"corpus: the first object spans several lines; expected one object per line",
    ),
    "a deep array": (b"[" * 100_000, r"corpus: the JSON is nested too deeply"),
    "a deep line": (as_lines(RELEASE) + b'{"a":' * 100_000, r"corpus, line 5: the JSON is nested too deeply"),
    "empty": (b" \n", r"corpus: the file contains no records"),
    "empty array": (b"[]", r"corpus: the file contains no records"),
    "header alone": (b"id,text\n", r"corpus: the file contains no records"),
    "bytes": (b'{"id": "a"}\n{"id": "\xff"}', r"corpus, line 2: byte 20 \(0xff\) is not valid UTF-8; save .* iconv"),
    "half of UTF-16": ("id,text".encode("utf-16") + b"\x00", r"corpus, line 1: byte .* is not valid UTF-16"),
    "UTF-16 without a mark": ("id,text\n".encode("utf-16-le"), r"corpus: the file has zero bytes.*UTF-16 without"),
    "a web page": (b"<!DOCTYPE html>\n<html></html>", r"corpus: the file is a web page or XML"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", r"corpus: .*pointer of Git LFS.*git lfs pull"),
    "a short row": (b"id,text\na,b\nc\n", r"corpus, line 3: 1 fields, but the header has 2"),
    "a long row": (b"id,text\na,b,c\n", r"corpus, line 2: 3 fields, but the header has 2.*quotation marks"),
    "an open quote": (b'id,text\na,b\nc,"d\ne,f\n', r"corpus, line 3: invalid CSV \(.*\); expected quotation marks in pairs"),
    "an open quote in a TSV": (b'id\ttext\na\t"b\nc\n', r"corpus, line 2: invalid TSV"),
    "a column twice": (b"id,text,id\na,b,c\n", r"corpus, line 1: two columns are named 'id'"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_an_invalid_file_is_reported(content, message):
    with pytest.raises(InputError, match=message) as error:
        parse_records(content, "corpus")
    assert "\n" not in str(error.value)


def test_a_missing_or_empty_file_is_reported(tmp_path):
    with pytest.raises(InputError, match=r"the file .*none\.jsonl does not exist"):
        read_bytes(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match=r"cannot read .*: Is a directory"):
        read_bytes(tmp_path)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match=r"empty\.csv: the file is empty"):
        read_bytes(tmp_path / "empty.csv")


def test_a_folder_stands_for_its_data_files(tmp_path):
    with pytest.raises(InputError, match=r": the folder has no data file; expected files that end in \.csv"):
        list_files(tmp_path)
    for name in ("train-00000-of-00001.parquet", "dev.parquet", "README.md", ".hidden"):
        (tmp_path / name).write_bytes(as_parquet(ROWS))
    assert [file.name for file in list_files(tmp_path)] == ["dev.parquet", "train-00000-of-00001.parquet"]
    records = [add_file_column(parse_records(read_bytes(file), "corpus")[1], file) for file in list_files(tmp_path)]
    assert [found[0].fields["file"] for found in records] == ["dev", "train"]
