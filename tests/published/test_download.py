"""The download of the authors' logs, with a hub of our own in place of the public one, which no test reaches."""

import hashlib
import sys

import pytest

from collide.common.csv_json import read_csv
from collide.errors import InputError
from collide.published.download import HuggingFaceHub, RemoteFile, download_logs

REVISION = "0" * 40
CONTENT = {"a/run/eval_step_0.parquet": b"large", "README.md": b"small"}


class FakeHub:
    """A hub whose connection breaks after `files` files, and that remembers what it sent."""

    def __init__(self, files=2):
        self.files, self.sent = files, []

    def list_files(self, repo, revision):
        assert (repo, revision) == ("some/logs", REVISION)
        digests = [hashlib.sha256(content).hexdigest() for content in CONTENT.values()]
        return [
            RemoteFile(name, 5, digest if name.startswith("a") else "") for name, digest in zip(CONTENT, digests, strict=True)
        ]

    def fetch(self, repo, revision, folder):
        for name, content in CONTENT.items():
            path = folder / name
            if not path.exists() and len(self.sent) < self.files:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                self.sent.append(name)


def download(tmp_path, hub, revision=REVISION):
    download_logs({"repo": "some/logs", "revision": revision}, tmp_path / "files", tmp_path / "checksums.csv", hub)


def test_size_is_said_and_checksums_are_recorded(tmp_path, capsys):
    download(tmp_path, FakeHub())
    assert capsys.readouterr().out == f"some/logs at {REVISION}: 2 files, 0.00 GB\n"
    rows = read_csv(tmp_path / "checksums.csv")
    assert {row["file"]: row["sha256"] for row in rows} == {
        name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()
    }


def test_an_interrupted_download_goes_on(tmp_path):
    with pytest.raises(InputError, match="missing after the download"):
        download(tmp_path, FakeHub(files=1))
    assert not (tmp_path / "checksums.csv").exists()
    again = FakeHub()
    download(tmp_path, again)
    assert again.sent == ["README.md"]


def test_a_file_with_another_checksum_is_refused(tmp_path):
    path = tmp_path / "files" / "a/run/eval_step_0.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"wrong")
    with pytest.raises(InputError, match="is not the file of the data set"):
        download(tmp_path, FakeHub())


def test_a_download_needs_a_revision(tmp_path):
    with pytest.raises(InputError, match=r"published_dataset\.revision is null"):
        download(tmp_path, FakeHub(), None)


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match="pip install huggingface_hub"):
        HuggingFaceHub()
