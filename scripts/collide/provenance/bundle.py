"""Bundle for reviewers: the journals of a run with its configuration, from which its results are made again without a key."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from collide.errors import InputError
from collide.experiment.files import EMBEDDED, is_url

# Members have these in place of the time and the owner of the file, so that the same files make the same bytes.
NO_TIME, FILE_MODE = 0, 0o644


def list_members(manifest: Mapping[str, Any], manifest_file: Path, config: Path, further: Iterable[Path]) -> dict[str, bytes]:
    """Return the files of a bundle by the path at which they are unpacked.

    `config` is the resolved configuration, which takes the place of config.yaml. `further` are files that the configuration
    names and that are packed at their own paths. Raises InputError where there is no reply to pack, or a journal is missing.
    """
    folder = f"results/{manifest['source']}/bundle"
    journals, further = _list_journals(manifest), list(further)
    for path in further:
        if path.is_absolute() or ".." in path.parts:
            raise InputError(f"{path} lies outside of the working directory, so that no bundle can hold it; copy it there")
    return {
        "config.yaml": config.read_bytes(),
        f"{folder}/README.md": _describe_bundle(manifest).encode(),
        f"{folder}/SHA256SUMS": "".join(f"{file['sha256']}  {file['path']}\n" for file in manifest["outputs"]).encode(),
        f"{folder}/manifest.json": manifest_file.read_bytes(),
        **{path.as_posix(): path.read_bytes() for path in further},
        **{path: Path(path).read_bytes() for path in journals},
    }


def write_bundle(members: Mapping[str, bytes], path: Path) -> None:
    """Write files as a compressed tar archive. The same files make the same bytes."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(members.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), NO_TIME, FILE_MODE
            archive.addfile(member, io.BytesIO(content))
    path.write_bytes(gzip.compress(tar.getvalue(), mtime=NO_TIME))


def _list_journals(manifest: Mapping[str, Any]) -> list[str]:
    """Return the journals of jobs that made calls. Raises InputError where there are none, or one is missing."""
    journals = [job["journal"] for job in manifest["jobs"] if any(role["replies"] for role in job["roles"])]
    if not journals:
        raise InputError(f"source {manifest['source']} has no replies to pack; a bundle holds those of models")
    for path in journals:
        if not Path(path).is_file():
            raise InputError(f"{path} is missing, but its job made calls; restore it from a copy, or run the job again")
    return journals


def _describe_bundle(manifest: Mapping[str, Any]) -> str:
    """Return the page for reviewers, in Markdown."""
    source, code = manifest["source"], manifest["code"]
    variables = sorted(
        {settings["api_key_env"] for settings in manifest["config"]["endpoints"].values() if settings.get("api_key_env")}
    )
    unset = f"    unset {' '.join(variables)}\n" if variables and source != "simulated" else ""
    version = f"commit {code['commit']}" if code["commit"] else "the same version"
    changed = " The code had changes that are not in this commit." if code["changed"] else ""
    notice = f"**{manifest['simulated']}**\n\n" if "simulated" in manifest else ""
    corpora = "\n".join(map(_describe_corpus, manifest["corpora"]))
    return f"""# Replay of a collide run, source {source}

{notice}The journals in this bundle hold every reply of the models. In an empty copy of the workflow, at {version}, these
commands make the tables, figures and checked claims again. They call no model and need no key.{changed}
The digest of the code is {code["digest"]}, as in `manifest.json`.

    tar -xzf bundle.tar.gz
{unset}    snakemake --cores 8 all --config source={source}
    sha256sum --check --quiet results/{source}/bundle/SHA256SUMS

The first command replaces `config.yaml`. The last one prints nothing if all files have the same bytes. Figures may differ in
bytes, not in content, where another version of a font library draws them. A call that no journal answers stops the run with a
message that names the call. `manifest.json` says which runs are behind each table, figure and claim.

## Data sets

No data set is in the bundle.

| data set | from | SHA-256 | bytes |
|---|---|---|---|
{corpora}
"""


def _describe_corpus(corpus: Mapping[str, Any]) -> str:
    if corpus["corpus"] == EMBEDDED:
        origin = "written by the workflow itself"
    elif is_url(corpus["corpus"]):
        origin = f"downloaded by the workflow from {corpus['corpus']}"
    else:
        origin = f"to be put at `{corpus['corpus']}`"
    return f"| {corpus['dataset']} | {origin} | {corpus['sha256']} | {corpus['bytes']} |"
