"""Download of the authors' logs from the Hugging Face Hub: sizes first, then the files, then their checksums."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from collide.common.csv_json import write_csv
from collide.errors import InputError

COLUMNS = ("file", "bytes", "sha256")


class RemoteFile(NamedTuple):
    """A file of the data set, its size in bytes, and its SHA-256; the hub knows the checksums of large files alone."""

    name: str
    size: int
    sha256: str = ""


class Hub(Protocol):
    """The part of the hub that the download needs."""

    def list_files(self, repo: str, revision: str) -> Sequence[RemoteFile]:
        """Return the files of a data set at a commit."""

    def fetch(self, repo: str, revision: str, folder: Path) -> None:
        """Store all files below a folder. Files that are complete there are not fetched again."""


class HuggingFaceHub:
    """The hub behind the package huggingface_hub, which only this download needs and which is imported when it is used."""

    def __init__(self) -> None:
        try:
            # By name: no environment of the pipeline has the package.
            self._package: Any = importlib.import_module("huggingface_hub")
        except ImportError:
            raise InputError(
                "the package huggingface_hub, which the download needs, is not here: `python -m pip install huggingface_hub`"
            ) from None

    def list_files(self, repo: str, revision: str) -> list[RemoteFile]:
        info = self._package.HfApi().dataset_info(repo, revision=revision, files_metadata=True)
        return [RemoteFile(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else "") for file in info.siblings]

    def fetch(self, repo: str, revision: str, folder: Path) -> None:
        self._package.snapshot_download(repo, repo_type="dataset", revision=revision, local_dir=folder)


def download_logs(dataset: Mapping[str, Any], folder: Path, table: Path, hub: Hub) -> None:
    """Store the files of a data set (`repo` and `revision`) below `folder`, and write their checksums to `table`.

    Raises InputError without a revision, and for a file that is not as the hub describes it.
    """
    repo, revision = dataset["repo"], dataset["revision"]
    if revision is None:
        raise InputError(
            "published_dataset.revision is null; expected a commit of the data set, 40 hexadecimal digits, from"
            f" https://huggingface.co/datasets/{repo}/commits/main"
        )
    files = hub.list_files(repo, revision)
    print(f"{repo} at {revision}: {len(files):,} files, {sum(file.size for file in files) / 1e9:.2f} GB", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    hub.fetch(repo, revision, folder)
    rows = [_check_file(folder, file) for file in files]
    write_csv(table, COLUMNS, rows, simulated=False)


def _check_file(folder: Path, file: RemoteFile) -> dict[str, Any]:
    path = folder / file.name
    if not path.is_file():
        raise InputError(f"{path} is missing after the download; start it again, which fetches only what is missing")
    size, checksum = path.stat().st_size, _digest_file(path)
    if size != file.size or file.sha256 not in ("", checksum):
        raise InputError(
            f"{path} is not the file of the data set: {size:,} bytes, sha256 {checksum}; delete it and start again"
        )
    return {"file": file.name, "bytes": size, "sha256": checksum}


def _digest_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
