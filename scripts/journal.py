"""Looks after journals: what was paid for, by run, and whether it is sound.

python scripts/journal.py list results/simulated/journal
python scripts/journal.py show results/simulated/journal --role gradient --step 1 --criterion fluency
python scripts/journal.py verify results/live/journal
python scripts/journal.py export results/live/journal > replies.jsonl
python scripts/journal.py prune results/live/journal --delete
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from collide.decomposition import run_modes
from collide.errors import InputError
from collide.llm.journal import read_records

SUFFIX = "*.journal"


def journals(folder: Path) -> list[Path]:
    """The journals below a folder, or the one that it is. Raises InputError where there is none."""
    found = [folder] if folder.is_file() else sorted(folder.rglob(SUFFIX))
    if not found:
        raise InputError(f"{folder}: no journal here; expected a file or a folder such as results/simulated/journal")
    return found


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """A record as it is exported: a refusal has no text but a reason."""
    reply = record.pop("reply")
    if isinstance(reply, str):
        return record | {"text": None, "refused": reply}
    keys = ("text", "model", "finish_reason", "tokens_in", "tokens_out")
    return record | dict(zip(keys, reply, strict=True))


def selected(
    paths: Sequence[Path], role: str | None, step: int | None, criterion: str | None
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The records that fit all that is given."""
    for path in paths:
        for record in map(flat, read_records(path)):
            fits = (
                role in (None, record["role"])
                and step in (None, record["step"])
                and (criterion is None or criterion in record["criteria"])
            )
            if fits:
                yield path, record


def unused(paths: Sequence[Path], folder: Path, config: dict[str, Any]) -> list[Path]:
    """Journals of runs, .../<study>/<mode>/<gate>/seed<seed>/<job>.journal, that the configuration no longer names.

    Other journals, such as those of cherry-picked prompts, are left alone.
    """
    named = {
        (name, mode, gate, f"seed{seed}")
        for name, study in config["studies"].items()
        for mode in run_modes(study["modes"], config["criteria"])
        for gate in study["gates"]
        for seed in study["seeds"]
    }
    return [path for path in paths if len(parts := path.relative_to(folder).parts) == 5 and parts[:4] not in named]


def list_journals(paths: Sequence[Path]) -> None:
    """Print replies by role, and bytes, of each journal."""
    total = 0
    for path in paths:
        roles = Counter(record["role"] for record in read_records(path))
        total += path.stat().st_size
        told = ", ".join(f"{count} {role}" for role, count in sorted(roles.items())) or "empty"
        print(f"{path}: {told}; {path.stat().st_size:,} bytes")
    print(f"{len(paths)} journals, {total:,} bytes")


def verify(paths: Sequence[Path]) -> int:
    """Read every record; print what is torn or damaged, and return how many journals are damaged."""
    damaged = 0
    for path in paths:
        try:
            count = sum(1 for _ in read_records(path, log=sys.stdout))
            print(f"{path}: {count} replies, sound")
        except InputError as error:
            damaged += 1
            print(error)
    return damaged


def prune(paths: Sequence[Path], folder: Path, config: Path, delete: bool) -> None:
    """Print the journals that no run of the configuration uses, and delete them when told to."""
    found = unused(paths, folder, yaml.safe_load(config.read_text(encoding="utf-8")))
    for path in found:
        print(f"{'deleted' if delete else 'would delete'} {path}")
        if delete:
            path.unlink()
    if not found:
        print("every journal belongs to a run of the configuration")
    elif not delete:
        print("nothing was deleted; give --delete to do it. These replies were paid for.")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in {
        "list": "replies by role, and size, of each journal",
        "show": "replies as text",
        "verify": "check every record",
        "export": "all records as JSON Lines",
        "prune": "journals that no run of config.yaml uses",
    }.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("folder", type=Path)
        if name in ("show", "export"):
            command.add_argument("--role")
            command.add_argument("--step", type=int)
            command.add_argument("--criterion")
        if name == "prune":
            command.add_argument("--config", type=Path, default=Path("config.yaml"))
            command.add_argument("--delete", action="store_true", help="do it; without this, only say what would go")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit code."""
    given = parse(arguments)
    try:
        paths = journals(given.folder)
        if given.command == "list":
            list_journals(paths)
        elif given.command == "verify":
            return int(verify(paths) > 0)
        elif given.command == "prune":
            prune(paths, given.folder, given.config, given.delete)
        else:
            for path, record in selected(paths, given.role, given.step, given.criterion):
                if given.command == "export":
                    print(json.dumps({"journal": str(path)} | record, ensure_ascii=True))
                else:
                    place = f"step {record['step']}, {record['pair'] or 'batch'}, {', '.join(record['criteria'])}"
                    print(f"== {path}: {record['role']}, {place}, attempt {record['attempt']}")
                    print(record["text"] if record["text"] is not None else f"refused: {record['refused']}")
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
