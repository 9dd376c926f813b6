"""A changed data set leaves no table of the old one beside tables of the new one."""

import hashlib
import json

import pytest

from collide.report.exhibits.outdated import describe_outdated
from tests.dataset import CONFIG

FOLDER = "results/live/corpus/summeval"
TABLES = ("results/live/tables/table1.tex", "results/live/tables/table6.tex", "results/live/scores/authors-protocol.csv")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with tables of three studies, made from the file old.jsonl."""
    monkeypatch.chdir(tmp_path)
    for path in (*TABLES, f"{FOLDER}/manifest.json"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / "old.jsonl").write_text("old")
    facts = {"corpus": "old.jsonl", "sha256": hashlib.sha256(b"old").hexdigest()}
    (tmp_path / FOLDER / "manifest.json").write_text(json.dumps(facts))
    return tmp_path


def outdated(*made, file="old.jsonl"):
    return describe_outdated(CONFIG | {"corpus": file}, "live", {*made, f"{FOLDER}/manifest.json"})


def test_another_file_is_refused_where_a_table_would_stay(project):
    sentence = outdated(*TABLES[:2], file="new.jsonl")
    assert "the file of the data set summeval has changed" in sentence
    assert "results/live/scores/authors-protocol.csv were made from the one before" in sentence
    assert "table1" not in sentence


def test_a_run_that_makes_everything_again_is_no_fault(project):
    assert outdated(*TABLES, file="new.jsonl") == ""


def test_a_file_with_other_content_has_changed(project):
    assert outdated() == ""
    (project / "old.jsonl").write_text("new")
    assert "table1" in outdated()


def test_pairs_that_are_not_read_again_have_not_changed(project):
    assert describe_outdated(CONFIG | {"corpus": "new.jsonl"}, "live", set()) == ""


def test_an_embedded_corpus_has_changed_where_it_is_written_again(project):
    facts = {"corpus": "embedded", "sha256": "x"}
    (project / FOLDER / "manifest.json").write_text(json.dumps(facts))
    assert outdated(file="embedded") == ""
    assert "table1" in outdated(f"{FOLDER}/embedded.jsonl", file="embedded")


def test_a_data_set_of_its_own_leaves_the_others_as_they_are(project):
    talk = CONFIG["datasets"]["summeval"] | {"file": "talk.jsonl"}
    study = CONFIG["studies"]["main"] | {"dataset": "talk"}
    config = CONFIG | {"datasets": CONFIG["datasets"] | {"talk": talk}, "studies": CONFIG["studies"] | {"talk": study}}
    made = {"results/live/corpus/talk/manifest.json"}
    assert describe_outdated(config | {"corpus": "old.jsonl"}, "live", made) == ""
