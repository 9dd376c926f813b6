"""Files of pairs: read as written, with a description of each column; other files are refused."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collide.corpus.pairs import Pair, corpus_digest, read_pairs, write_pairs
from collide.errors import InputError

PAIRS = [
    Pair("d1/M0", "d1", "M0", ("Line one.\n\nLine “two” {{ x }}.", "b"), "A summary.", {"fluency": 4.5, "tone": 1.0}),
    Pair(
        "d1/M1",
        "d1",
        "M1",
        ("Line one.",),
        "Another\u2028one.",
        {"fluency": 5.0, "tone": 10 / 3},
        {"fluency": (5.0, 5.0), "tone": (3.0, 4.0)},
        "train",
    ),
]


def test_pairs_are_read_as_written(tmp_path):
    write_pairs(tmp_path / "pairs.parquet", PAIRS)
    assert read_pairs(tmp_path / "pairs.parquet") == PAIRS


def test_a_corpus_without_criteria_is_read_as_written(tmp_path):
    pair = Pair("d/M0", "d", "M0", (), "Sum.", {})
    write_pairs(tmp_path / "pairs.parquet", [pair])
    assert read_pairs(tmp_path / "pairs.parquet") == [pair]


def test_a_file_without_pairs_has_the_columns_of_its_criteria(tmp_path):
    write_pairs(tmp_path / "none.parquet", [], ["tone"])
    assert pq.read_schema(tmp_path / "none.parquet").names[-3:] == ["human_tone", "experts_tone", "split"]
    assert read_pairs(tmp_path / "none.parquet") == []


def test_every_column_is_described_in_the_file(tmp_path):
    write_pairs(tmp_path / "pairs.parquet", PAIRS)
    schema = pq.read_schema(tmp_path / "pairs.parquet")
    assert schema.names == [
        "pair",
        "document",
        "system",
        "inputs",
        "output",
        "human_fluency",
        "human_tone",
        "experts_fluency",
        "experts_tone",
        "split",
    ]
    assert all(schema.metadata[name.encode()] for name in schema.names)


def test_same_pairs_give_the_same_bytes(tmp_path):
    write_pairs(tmp_path / "a.parquet", PAIRS)
    write_pairs(tmp_path / "b.parquet", PAIRS)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_files_without_pairs_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.parquet: the file does not exist"):
        read_pairs(tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("not Parquet at all")
    with pytest.raises(InputError, match=r"text\.parquet: not a readable Parquet file"):
        read_pairs(tmp_path / "text.parquet")
    write_pairs(tmp_path / "page.parquet", PAIRS)
    content = (tmp_path / "page.parquet").read_bytes()
    (tmp_path / "page.parquet").write_bytes(content[:4] + bytes(56) + content[60:])
    with pytest.raises(InputError, match=r"page\.parquet: not a readable Parquet file"):
        read_pairs(tmp_path / "page.parquet")
    pq.write_table(pa.table({"pair": ["d/M0"], "score": [1]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match=r"column 'document' is missing; found pair, score"):
        read_pairs(tmp_path / "other.parquet")


def test_the_digest_ignores_the_order_of_pairs():
    assert corpus_digest(PAIRS) == corpus_digest(PAIRS[::-1]) != corpus_digest(PAIRS[:1])
