"""The corpus scripts, from the embedded corpus to the split files."""

from __future__ import annotations

import csv
import hashlib
import json

import pytest

from collide.corpus.pairs import read_pairs
from collide.corpus.preset_reader import read_preset
from collide.corpus.split import SPLITS
from collide.corpus.summeval import SUMMEVAL_ADDRESS
from collide.errors import InputError
from corpus.read_corpus import read_corpus
from corpus.split_corpus import split_corpus
from corpus.write_embedded_corpus import write_embedded_corpus

SCALES = {name: [1, 5] for name in ("fluency", "relevance", "coherence", "consistency")}
SPLIT = {"train": 16, "test": 32, "validation": 10, "seed": 0, "unit": "pair"}
TEXTS = {"inputs": [{"noun": "article"}], "output": {"noun": "summary"}}
RECORDS = read_preset("summeval")["records"]
PROTOCOL = {"human_score": "mean", "validation_from": "outside", "examples": 0}


@pytest.fixture
def corpus(tmp_path):
    write_embedded_corpus(tmp_path / "raw.jsonl", seed=3, articles=5)
    read_corpus(
        tmp_path / "raw.jsonl", tmp_path / "pairs.parquet", tmp_path / "manifest.json", "embedded", RECORDS, TEXTS, SCALES
    )
    return tmp_path


def test_the_manifest_describes_the_corpus(corpus):
    manifest = json.loads((corpus / "manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256((corpus / "raw.jsonl").read_bytes()).hexdigest()
    assert (manifest["corpus"], manifest["layout"]) == ("embedded", "release")
    assert (manifest["documents"], len(manifest["systems"]), manifest["pairs"]) == (5, 16, 80)
    assert manifest["is_summeval"] is False
    scores = [pair.human["coherence"] for pair in read_pairs(corpus / "pairs.parquet")]
    assert manifest["criteria"]["coherence"]["mean"] == pytest.approx(sum(scores) / 80, abs=1e-6)
    assert manifest["criteria"]["coherence"]["share_of_highest"] == pytest.approx(scores.count(5.0) / 80)


@pytest.mark.parametrize(("validation_from", "examples"), [("outside", 0), ("train", 2)])
def test_table_and_files_of_a_split_agree(corpus, validation_from, examples):
    files = {name: corpus / f"{name}.parquet" for name in SPLITS}
    protocol = PROTOCOL | {"validation_from": validation_from, "examples": examples}
    split_corpus(corpus / "pairs.parquet", corpus / "split.csv", files, SPLIT, protocol, SCALES)
    with (corpus / "split.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    pairs = {pair.id: pair for pair in read_pairs(corpus / "pairs.parquet")}
    for name, path in files.items():
        listed = [row for row in rows if row["split"] == name]
        assert read_pairs(path) == [pairs[row["pair"]] for row in listed]
        assert all(row["pair"] == f"{row['document']}/{row['system']}" for row in listed)
    assert len(rows) == 16 + 10 + 32


def test_rows_of_one_expert_are_drawn_into_all_splits(corpus):
    files = {name: corpus / f"{name}.parquet" for name in SPLITS}
    protocol = PROTOCOL | {"human_score": "one_expert", "examples": 1}
    split_corpus(corpus / "pairs.parquet", corpus / "split.csv", files, SPLIT, protocol, SCALES)
    drawn = {name: read_pairs(path) for name, path in files.items()}
    assert [len(drawn[name]) for name in SPLITS] == [15, 10, 32, 1]
    for row in (row for rows in drawn.values() for row in rows):
        number = int(row.id[-1])
        assert row.id == f"{row.document}/{row.system}/expert{number}"
        assert row.human == {name: ratings[number - 1] for name, ratings in row.ratings.items()}
    # 58 rows of 240: some pair is drawn with several experts.
    assert len({(row.document, row.system) for rows in drawn.values() for row in rows}) < 58


KINDS = {"tone": [1, 5], "kind": {"classes": ["ask", "tell", "other"]}}
REPLIES = [
    {"question": f"Question {number}?", "reply": f"Reply {number}.", "tone": f"{number};3;4", "kind": "ask|tell|tell"}
    for number in (1, 2, 3, 4)
] + [{"question": "Last?", "reply": "Reply.", "tone": "1;;2", "kind": "|ask|"}]


def test_ratings_of_classes_go_from_a_table_to_the_splits(tmp_path, capsys):
    raw, pairs, manifest = tmp_path / "replies.csv", tmp_path / "pairs.parquet", tmp_path / "manifest.json"
    with raw.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(REPLIES[0]))
        writer.writeheader()
        writer.writerows(REPLIES)
    texts = {"inputs": [{"noun": "question"}], "output": {"noun": "reply", "plural": "replies"}}
    read_corpus(raw, pairs, manifest, "replies.csv", {}, texts, KINDS)
    facts = json.loads(manifest.read_text())
    assert (facts["format"], facts["layout"], facts["documents_are_rows"], facts["systems"]) == ("CSV", "", True, [])
    assert facts["inputs"] == [{"noun": "question", "columns": ["question"]}]
    assert facts["output"] == {"noun": "reply", "columns": ["reply"]}
    assert facts["criteria"]["tone"]["scale"] == [1, 5] and facts["criteria"]["tone"]["raters"] == [3, 3]
    assert facts["criteria"]["kind"] == {
        "scale": ["ask", "tell", "other"],
        "raters": [3, 3],
        "mean": None,
        "share_of_highest": None,
        "shares": {"ask": 0.0, "tell": 1.0, "other": 0.0},
    }
    assert facts["dropped"] == {"no rater rated all criteria": 1}
    assert "left out: 1 rows, because no rater rated all criteria" in capsys.readouterr().out
    files = {name: tmp_path / f"{name}.parquet" for name in SPLITS}
    sizes = {"train": 1, "validation": 1, "test": 2, "seed": 0, "unit": "document"}
    split_corpus(pairs, tmp_path / "split.csv", files, sizes, PROTOCOL | {"human_score": "median"}, KINDS)
    found = [pair for name in SPLITS for pair in read_pairs(files[name])]
    assert sorted(pair.human["tone"] for pair in found) == [3.0, 3.0, 3.0, 4.0]
    assert {pair.human["kind"] for pair in found} == {1.0}


def test_a_defective_corpus_writes_no_files(tmp_path):
    (tmp_path / "raw").write_text('{"article": "?"}\n{"article": "!"}\n')
    with pytest.raises(InputError, match="unknown layout"):
        read_corpus(tmp_path / "raw", tmp_path / "pairs.parquet", tmp_path / "manifest.json", "raw", RECORDS, TEXTS, SCALES)
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_another_corpus_from_summevals_address_is_refused(tmp_path, capsys):
    write_embedded_corpus(tmp_path / "raw", seed=3, articles=5)
    checksum = hashlib.sha256((tmp_path / "raw").read_bytes()).hexdigest()
    origin = f"{SUMMEVAL_ADDRESS}resolve/main/test.parquet"
    with pytest.raises(InputError, match=r"has 5 documents and 80 pairs .*; expected SummEval"):
        read_corpus(tmp_path / "raw", tmp_path / "pairs.parquet", tmp_path / "manifest.json", origin, RECORDS, TEXTS, SCALES)
    assert checksum in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


# Every prompt and every simulated result depends on these files of the default configuration.
DEFAULT_SPLIT = {"train": 160, "test": 480, "validation": 100, "seed": 0, "unit": "pair"}
DEFAULT_SHA256 = {
    "embedded.jsonl": "2787390964b7a120227458d99ba291bfa456bb127b972657b0347b18befb2113",
    "manifest.json": "d469332fb9dd0df22cc1997a7a68f0485948546b78c07cec029fdf2261b60b06",
    "split.csv": "65095ccf8dddf3320f75c8c087add943ebb5d54dab37588b290570b14ad6aa47",
}
# Of the rows, not of the file: Parquet files also hold the version of the library that wrote them.
PAIRS_SHA256 = "354d1bd1cfdd2c374720d56f76bc39788db845ccf9365ed8526050897bf35703"


def test_the_default_corpus_and_split_are_those_of_all_earlier_runs(tmp_path):
    write_embedded_corpus(tmp_path / "embedded.jsonl", seed=0, articles=100)
    pairs, manifest = tmp_path / "pairs.parquet", tmp_path / "manifest.json"
    read_corpus(tmp_path / "embedded.jsonl", pairs, manifest, "embedded", RECORDS, TEXTS, SCALES)
    files = {name: tmp_path / f"{name}.parquet" for name in SPLITS}
    split_corpus(pairs, tmp_path / "split.csv", files, DEFAULT_SPLIT, PROTOCOL, SCALES)
    found = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in DEFAULT_SHA256}
    assert found == DEFAULT_SHA256
    rows = [[p.id, p.document, p.system, *p.inputs, p.output, p.human] for p in read_pairs(pairs)]
    assert hashlib.sha256(json.dumps(rows).encode()).hexdigest() == PAIRS_SHA256
