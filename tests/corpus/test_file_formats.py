"""File formats: content that is not JSON, JSON Lines or Parquet is refused with one sentence."""

from __future__ import annotations

import gzip
import json

import pytest

from collide.corpus.file_formats import read_bytes
from collide.errors import InputError
from tests.corpus.sample_files import GEVAL, MTEB, RELEASE, as_array, as_lines, as_parquet, read_content

BROKEN = {
    "a line": (as_lines(RELEASE)[:-20], r"corpus, line 4: invalid JSON"),
    "an array": (as_array(GEVAL)[:-20], r"corpus: invalid JSON"),
    "no object": (b'{"id": 1}\n[2]\n', r"corpus, line 2: found list; expected an object"),
    "Parquet": (as_parquet(MTEB)[:-20], r"corpus: invalid Parquet file"),
    "a page of Parquet": (
        as_parquet(MTEB)[:4] + bytes(56) + as_parquet(MTEB)[60:],
        r"corpus: invalid Parquet file \(.*\); download it",
    ),
    "text of Parquet": (as_parquet(MTEB).replace(b"Article", b"Articl\xff"), r"corpus: invalid Parquet file .*utf-8"),
    "gzip": (gzip.compress(as_lines(RELEASE)), r"corpus: the file is compressed \(gzip\); decompress it"),
    "an object over several lines": (
        json.dumps(RELEASE[0], indent=2).encode(),
        r"corpus: the first object spans several lines; expected one object per line",
    ),
    "a deep array": (b"[" * 100_000, r"corpus: the JSON is nested too deeply"),
    "a deep line": (as_lines(RELEASE) + b'{"a":' * 100_000, r"corpus, line 5: the JSON is nested too deeply"),
    "empty": (b" \n", r"corpus: the file contains no records"),
    "empty array": (b"[]", r"corpus: the file contains no records"),
    "bytes": (b'{"id": "\xff"}', r"corpus: byte 8 is not valid UTF-8"),
    "a web page": (b"<!DOCTYPE html>\n<html></html>", r"corpus, line 1: invalid JSON"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_an_invalid_file_is_reported(content, message):
    with pytest.raises(InputError, match=message) as error:
        read_content(content)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(InputError, match=r"the file .*none\.jsonl does not exist"):
        read_bytes(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match=r"cannot read .*: Is a directory"):
        read_bytes(tmp_path)
