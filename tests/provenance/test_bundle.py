import os
import tarfile
from pathlib import Path

import pytest

from collide.errors import InputError
from collide.provenance.bundle import list_members, write_bundle

JOURNAL = "results/live/journal/main/SSC/none/seed0/optimize.journal"
MANIFEST = {
    "source": "live",
    "config": {"endpoints": {"openrouter": {"api_key_env": "OPENROUTER_API_KEY"}, "local": {}}},
    "code": {"commit": "c0ffee", "changed": True, "digest": "0d"},
    "corpora": [
        {"dataset": "summeval", "corpus": "https://example.org/a.parquet", "sha256": "ab", "bytes": 3},
        {"dataset": "mine", "corpus": "data/mine.csv", "sha256": "cd", "bytes": 4},
        {"dataset": "stories", "corpus": "embedded", "sha256": "ef", "bytes": 5},
    ],
    "jobs": [
        {"journal": JOURNAL, "roles": [{"replies": 2}]},
        {"journal": "results/live/journal/none.journal", "roles": [{"replies": 0}]},
    ],
    "outputs": [{"path": "results/live/tables/table1.csv", "sha256": "0a", "bytes": 1}],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(JOURNAL).parent.mkdir(parents=True)
    Path(JOURNAL).write_bytes(b"replies\n")
    Path("manifest.json").write_text("{}\n")
    Path("resolved.yaml").write_text("source: live\n")
    return tmp_path


def list_packed(manifest=MANIFEST, further=()):
    return list_members(manifest, Path("manifest.json"), Path("resolved.yaml"), further)


def test_a_bundle_holds_journals_configuration_manifest_and_checksums_and_no_data_set(folder):
    members = list_packed()
    names = {"README.md", "SHA256SUMS", "manifest.json"}
    assert set(members) == {"config.yaml", JOURNAL, *(f"results/live/bundle/{name}" for name in names)}
    assert members["config.yaml"] == b"source: live\n"
    assert members["results/live/bundle/SHA256SUMS"] == b"0a  results/live/tables/table1.csv\n"


def test_its_page_names_code_keys_and_where_each_data_set_comes_from(folder):
    page = list_packed()["results/live/bundle/README.md"].decode()
    assert "commit c0ffee" in page and "changes that are not in this commit" in page
    assert "unset OPENROUTER_API_KEY" in page
    assert "| summeval | downloaded by the workflow from https://example.org/a.parquet | ab | 3 |" in page
    assert "| mine | to be put at `data/mine.csv` | cd | 4 |" in page
    assert "| stories | written by the workflow itself | ef | 5 |" in page


def test_the_same_files_make_the_same_bytes(folder):
    write_bundle(list_packed(), folder / "a.tar.gz")
    os.utime(JOURNAL, (0, 0))
    Path(JOURNAL).chmod(0o600)
    write_bundle(dict(reversed(list_packed().items())), folder / "b.tar.gz")
    assert (folder / "a.tar.gz").read_bytes() == (folder / "b.tar.gz").read_bytes()
    with tarfile.open(folder / "a.tar.gz") as archive:
        assert {(member.mtime, member.uid, member.uname, member.mode) for member in archive} == {(0, 0, "", 0o644)}
        assert archive.extractfile(JOURNAL).read() == b"replies\n"


def test_a_missing_journal_is_named(folder):
    Path(JOURNAL).unlink()
    with pytest.raises(InputError, match=f"{JOURNAL} is missing, but its job made calls"):
        list_packed()


def test_a_source_without_replies_has_nothing_to_pack(folder):
    with pytest.raises(InputError, match="source live has no replies to pack"):
        list_packed({**MANIFEST, "jobs": []})


def test_a_filled_sheet_is_packed_unless_it_lies_elsewhere(folder):
    Path("filled.csv").write_text("item,score\n")
    assert list_packed(further=[Path("filled.csv")])["filled.csv"] == b"item,score\n"
    for path in (folder / "filled.csv", Path("../filled.csv")):
        with pytest.raises(InputError, match="lies outside of the working directory"):
            list_packed(further=[path])
