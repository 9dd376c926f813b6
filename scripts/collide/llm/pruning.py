"""Pruning: find and delete the parts of journals that no current job needs.

A journal is deleted whole when no job of the configuration writes it. In the other journals, replies are deleted that the job
did not use when it last ended without an error. If the job was started and has not ended since, nobody knows what it needs,
and its journal is left alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from collide.common.locks.file_lock import owner_file
from collide.common.replace_file import replace_file
from collide.cost.budget import JOURNAL_ROOT, SPENT_SUFFIX
from collide.errors import InputError
from collide.llm.journal import lock_journal, read_used_keys, used_keys_file
from collide.llm.journal_lines import read_lines

JOURNAL_PATTERN = "*.journal"
# Folders and name of a journal below the root of all journals, without suffix.
JournalName = tuple[str, ...]
# study/mode/gate/seed/job, initial/dataset/protocol/model/criteria/seed/split, the same with retest and repeat, or
# cherrypick/study/variant/seed
NAME_LENGTHS = (5, 7, 4)


@dataclass(frozen=True, slots=True)
class Unneeded:
    """The unneeded part of a journal: some of its replies, or the whole file if `delete_file` is set."""

    path: Path
    delete_file: bool
    unneeded_replies: int
    all_replies: int
    unneeded_bytes: int


def name_journal(path: Path) -> JournalName:
    """Return the name of a journal. Raises InputError for a file outside the root of all journals."""
    full = path.resolve()
    root = next((folder for folder in full.parents if folder.name == JOURNAL_ROOT), None)
    if root is None:
        raise InputError(f"{path}: belongs to no run; expected a file below a folder named {JOURNAL_ROOT}")
    return full.relative_to(root).with_suffix("").parts


def find_unneeded(path: Path, journals_in_use: Collection[JournalName]) -> Unneeded | None:
    """Return the unneeded part of a journal, or None if it is unknown.

    Raises InputError for a damaged journal, and for a file in a place where no job writes its journal.
    """
    name = name_journal(path)
    if len(name) not in NAME_LENGTHS:
        raise InputError(
            f"{path}: belongs to no run; journals of runs are {JOURNAL_ROOT}/<study>/<mode>/<gate>/seed<seed>/<job>.journal"
        )
    delete_file = name not in journals_in_use
    used = set() if delete_file else read_used_keys(path)
    if used is None:
        return None
    lines = [(len(line), record["key"] in used) for line, record in read_lines(path)]
    unused = [size for size, kept in lines if not kept]
    unneeded_bytes = path.stat().st_size if delete_file else sum(unused)
    return Unneeded(path, delete_file, len(unused), len(lines), unneeded_bytes)


def delete_unneeded(unneeded: Unneeded) -> None:
    """Delete the unneeded part of a journal. An interruption leaves all of it or none of it.

    Raises InputError if a job writes the journal or was started in the meantime.
    """
    path = unneeded.path
    with lock_journal(path):
        if unneeded.delete_file:
            # The journal comes last: what is left after an interruption can be found and deleted again.
            for file in (used_keys_file(path), path.with_suffix(SPENT_SUFFIX), owner_file(path), path):
                file.unlink(missing_ok=True)
            return
        used = read_used_keys(path)
        if used is None:
            raise InputError(f"{path}: its job was started just now; wait for its end, then rerun")
        kept = b"".join(line for line, record in read_lines(path) if record["key"] in used)
        replace_file(path, kept, sync=True)
