"""Pruning: what journals hold that no current run needs.

A journal goes whole when the configuration does not name its run. Of the others those replies go that no job of the run used
when it last ended well. Where a job was started since and has not ended well, what it needs is not known, and nothing goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collide.cost.budget import ROOT, SUFFIX
from collide.errors import InputError
from collide.experiment.modes import criteria_scope, expand_modes
from collide.experiment.variants import list_variants
from collide.llm.journal import locked, read_lines, read_used, replace_file, used_file

Run = tuple[str, ...]
"""(study, mode, gate, seed<seed>), (cherrypick, variant, seed<seed>) or (initial, task model, criteria, seed<seed>)."""
CHERRYPICK, INITIAL = "cherrypick", "initial"
JOURNALS = "*.journal"


@dataclass(frozen=True, slots=True)
class Waste:
    """What may go of a journal: all that it holds, or some replies; with their bytes."""

    path: Path
    whole: bool
    replies: int
    held: int
    size: int


def place_of(path: Path) -> tuple[str, ...]:
    """The folders and the name of a journal below the root of all journals. Raises InputError where there is no such root."""
    full = path.resolve()
    root = next((folder for folder in full.parents if folder.name == ROOT), None)
    if root is None:
        raise InputError(f"{path}: belongs to no run; expected a file below a folder named {ROOT}")
    return full.relative_to(root).with_suffix("").parts


def run_of(path: Path) -> Run:
    """The run that a journal belongs to. Raises InputError for a journal that lies elsewhere than those of runs."""
    match place_of(path):
        case (study, mode, gate, seed, _):
            return study, mode, gate, seed
        case (first, variant, seed) if first == CHERRYPICK:
            return CHERRYPICK, variant, seed
    raise InputError(f"{path}: belongs to no run, whose journals are {ROOT}/<study>/<mode>/<gate>/seed<seed>/<job>.journal")


def named_runs(config: Mapping[str, Any]) -> set[Run]:
    """The runs that a configuration names, whether `all` covers them or not."""
    runs: set[Run] = {
        (name, mode, gate, f"seed{seed}")
        for name, study in config["studies"].items()
        for mode in expand_modes(study["modes"], config["criteria"])
        for gate in study["gates"]
        for seed in study["seeds"]
    }
    started = {
        (INITIAL, config["studies"][study]["models"]["task"], criteria_scope(mode), seed) for study, mode, _, seed in runs
    }
    everything = {**config, "active_studies": list(config["studies"])}
    seeds = config["studies"].get("main", {"seeds": []})["seeds"]
    return runs | started | {(CHERRYPICK, name, f"seed{seed}") for name in list_variants(everything) for seed in seeds}


def keys_in_use(folder: Path) -> set[str] | None:
    """Keys that the jobs with journals in a folder used, which may be in one another's; None where one has not ended well."""
    used: set[str] = set()
    for path in folder.glob(JOURNALS):
        own = read_used(path)
        if own is None:
            return None
        used |= own
    return used


def waste_of(path: Path, named: set[Run]) -> Waste | None:
    """What may go of a journal; None where that is not known. Raises InputError for a journal that is damaged or of no run."""
    whole = run_of(path) not in named
    used = set() if whole else keys_in_use(path.parent)
    if used is None:
        return None
    lines = [(len(line), record["key"] in used) for line, record in read_lines(path)]
    unused = [size for size, kept in lines if not kept]
    return Waste(path, whole, len(unused), len(lines), path.stat().st_size if whole else sum(unused))


def remove(waste: Waste) -> None:
    """Take it out of its journal, which holds all or none of it at any moment. Raises InputError when a job writes the journal
    or has been started since."""
    path = waste.path
    with locked(path):
        if waste.whole:
            for file in (used_file(path), path.with_suffix(SUFFIX), path):
                file.unlink(missing_ok=True)
            return
        used = keys_in_use(path.parent)
        if used is None:
            raise InputError(f"{path}: a job of its run was started just now; wait for it, and start again")
        kept = b"".join(line for line, record in read_lines(path) if record["key"] in used)
        replace_file(path, kept, force=True)
