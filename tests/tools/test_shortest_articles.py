"""The tool that picks the documents with the shortest articles."""

import json

import pytest
from tools.shortest_articles import main

ARTICLES = {"a": "xxx", "b": "x", "c": "xxxx", "d": "xx"}
MTEB = [{"id": name, "text": text, "machine_summaries": ["One.", "Two."]} for name, text in ARTICLES.items()]
GEVAL = [
    {"doc_id": record["id"], "system_id": system, "source": record["text"], "system_output": "One.", "scores": {}}
    for record in MTEB
    for system in ("M0", "M1")
]


@pytest.mark.parametrize("records", [MTEB, GEVAL], ids=["mteb", "geval"])
def test_the_shortest_documents_are_written_as_they_were(records, tmp_path, capsys):
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert main([str(path), "2"]) == 0
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert written == [record for record in records if record.get("id", record.get("doc_id")) in ("b", "d")]


def test_a_file_that_is_no_corpus_is_refused_with_a_sentence(tmp_path, capsys):
    (tmp_path / "other.jsonl").write_text('{"title": "x"}\n')
    assert main([str(tmp_path / "other.jsonl"), "2"]) == 1
    assert main([str(tmp_path / "missing.jsonl"), "2"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "unknown layout with the columns title" in first and "does not exist" in second


def test_it_needs_a_file_and_a_number(capsys):
    assert main(["corpus.jsonl", "ten"]) == 2
    assert capsys.readouterr().err.startswith("Usage: ")
