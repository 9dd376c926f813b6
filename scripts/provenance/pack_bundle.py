"""Pack the journals of a run with its configuration and manifest, after a search for keys and personal paths."""

import contextlib
import getpass
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Iterable

from collide.common.script_context import script_context
from collide.errors import InputError
from collide.provenance.bundle import list_members, write_bundle
from collide.provenance.leaks import collect_personal, collect_secrets, describe_leaks, find_leaks


def pack_bundle(manifest: Path, config: Path, further: Iterable[Path], project: str, bundle: Path) -> None:
    """Write the bundle. Raises InputError, and writes nothing, if a file holds a key or a personal path."""
    content = json.loads(manifest.read_text(encoding="utf-8"))
    members = list_members(content, manifest, config, further)
    user = ""
    # A container may run as a user without a name.
    with contextlib.suppress(OSError, KeyError):
        user = getpass.getuser()
    secrets = collect_secrets(content["config"]["endpoints"], os.environ)
    personal = collect_personal(str(Path.home()), user, project, str(Path.cwd()))
    # A finding names the file that its reader can open.
    searched = {str(config) if name == "config.yaml" else name: found for name, found in members.items()}
    if leaks := find_leaks(searched, secrets, personal):
        raise InputError(f"{describe_leaks(leaks)}; remove it and run again; nothing was packed")
    write_bundle(members, bundle)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        pack_bundle(
            Path(snakemake.input.manifest),
            Path(snakemake.input.config),
            map(Path, snakemake.input.further),
            snakemake.params.project,
            Path(snakemake.output.bundle),
        )
