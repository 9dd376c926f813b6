"""Looks after journals: what was paid for, by run, whether it is sound, and what of it is of no more use (docs/journal.md).

python tools/journal.py list results/simulated/journal
python tools/journal.py size results/live/journal
python tools/journal.py show results/simulated/journal --run main/SSC/mae/seed0 --role gradient --step 1 --criterion fluency
python tools/journal.py verify results/live/journal
python tools/journal.py export results/live/journal > replies.jsonl
python tools/journal.py prune results/live/journal --config more_seeds.yaml
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import argparse
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from snakemake.utils import update_config

from collide.errors import InputError
from collide.experiment.config import check_config
from collide.llm.journal import read_lines, read_records
from collide.llm.pruning import JOURNALS, Waste, named_runs, place_of, remove, waste_of

CONFIG = Path(__file__).parents[1] / "config.yaml"


def journals(folder: Path, run: str | None) -> list[Path]:
    """The journals below a folder, or the one that it is; with `run`, those of them. Raises InputError where there is none."""
    found = [folder] if folder.is_file() else sorted(folder.rglob(JOURNALS))
    if not found:
        raise InputError(f"{folder}: no journal here; expected a file or a folder such as results/simulated/journal")
    if run is not None:
        found = [path for path in found if f"{'/'.join(place_of(path))}/".startswith(f"{run.strip('/')}/")]
        if not found:
            raise InputError(f"{folder}: no journal of the run {run!r}; expected one such as main/SSC/mae/seed0")
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


def visible(text: str) -> str:
    """A text with what a terminal would obey, or cannot show, written out; line feeds and tabs stay."""
    controls = {c for c in set(text) - {"\n", "\t"} if unicodedata.category(c).startswith("C")}
    return text.translate({ord(c): c.encode("unicode_escape").decode("ascii") for c in controls})


def list_journals(paths: Sequence[Path]) -> None:
    """Print replies by role, and bytes, of each journal."""
    total = 0
    for path in paths:
        roles = Counter(record["role"] for record in read_records(path))
        total += path.stat().st_size
        told = ", ".join(f"{count} {role}" for role, count in sorted(roles.items())) or "empty"
        print(f"{path}: {told}; {path.stat().st_size:,} bytes")
    print(f"{len(paths)} journals, {total:,} bytes")


def size(paths: Sequence[Path]) -> None:
    """Print replies and bytes by study and role, and in total."""
    replies: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for path in paths:
        study = place_of(path)[0]
        for line, record in read_lines(path):
            replies[study, record["role"]] += 1
            sizes[study, record["role"]] += len(line)
    rows = [(*key, f"{replies[key]:,}", f"{sizes[key]:,}") for key in sorted(replies)]
    rows = [
        ("study", "role", "replies", "bytes"),
        *rows,
        ("total", "", f"{replies.total():,}", f"{sizes.total():,}"),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for study, role, *numbers in rows:
        told = (number.rjust(width) for number, width in zip(numbers, widths[2:], strict=True))
        print(study.ljust(widths[0]), role.ljust(widths[1]), *told, sep="  ")


def show(found: Iterator[tuple[Path, dict[str, Any]]]) -> None:
    """Print replies as text, each under a line that says where it belongs."""
    for path, record in found:
        place = f"step {record['step']}, {record['pair'] or 'batch'}, {', '.join(record['criteria'])}"
        print(visible(f"== {path}: {record['role']}, {place}, attempt {record['attempt']}"))
        print(visible(record["text"] if record["text"] is not None else f"refused: {record['refused']}"))


def export(found: Iterator[tuple[Path, dict[str, Any]]]) -> None:
    """Print records as JSON Lines."""
    for path, record in found:
        print(json.dumps({"journal": str(path)} | record, ensure_ascii=True))


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


def read_config(overlays: Sequence[Path]) -> dict[str, Any]:
    """config.yaml with others laid over it in order, as Snakemake lays those of --configfile. Raises InputError for a fault."""
    config: dict[str, Any] = {}
    for path in (CONFIG, *overlays):
        try:
            read = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, yaml.YAMLError) as error:
            raise InputError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None
        if not isinstance(read, Mapping):
            raise InputError(f"{path}: holds no configuration; expected keys as in config.yaml")
        update_config(config, read)
    check_config(config)
    return config


def prune(paths: Sequence[Path], config: Mapping[str, Any], delete: bool) -> int:
    """Print what no run of the configuration uses, and delete it when told to; return of how many journals that failed."""
    found: list[Waste] = []
    unknown = failed = 0
    named = named_runs(config)
    for path in paths:
        try:
            waste = waste_of(path, named)
            if waste is None:
                unknown += 1
            elif waste.whole or waste.replies:
                if delete:
                    remove(waste)
                found.append(waste)
                why = "the configuration does not name its run" if waste.whole else "used by no job of its run"
                print(f"{path}: {waste.replies:,} of {waste.held:,} replies, {waste.size:,} bytes: {why}")
        except InputError as error:
            failed += 1
            print(f"Error: {error}", file=sys.stderr)
    total = f"{sum(w.replies for w in found):,} replies, {sum(w.size for w in found):,} bytes"
    print(f"{'deleted' if delete else 'of no use'}: {total} in {len(found)} of {len(paths)} journals")
    if unknown:
        print(f"left alone: {unknown} journals of runs with a job that has not ended well since it was last started")
    if found and not delete:
        print("nothing was deleted; give --delete to do it. These replies were paid for.")
    return failed


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in {
        "list": "replies by role, and size, of each journal",
        "size": "replies and bytes by study and role",
        "show": "replies as text",
        "verify": "check every record",
        "export": "all records as JSON Lines",
        "prune": "what no run of the configuration uses",
    }.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("folder", type=Path, help="a journal, or a folder with journals at any depth")
        command.add_argument("--run", help="only this run, such as main/SSC/mae/seed0, or all that begin so, such as main")
        if name in ("show", "export"):
            command.add_argument("--role")
            command.add_argument("--step", type=int)
            command.add_argument("--criterion")
        if name == "prune":
            more = "laid over config.yaml in order, as with Snakemake's --configfile: give all that your runs were made with"
            command.add_argument("--config", type=Path, nargs="+", action="extend", default=[], metavar="FILE", help=more)
            command.add_argument("--delete", action="store_true", help="do it; without this, only say what would go")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit code."""
    given = parse(arguments)
    try:
        paths = journals(given.folder, given.run)
        match given.command:
            case "list":
                list_journals(paths)
            case "size":
                size(paths)
            case "verify":
                return int(verify(paths) > 0)
            case "prune":
                return int(prune(paths, read_config(given.config), given.delete) > 0)
            case "show":
                show(selected(paths, given.role, given.step, given.criterion))
            case "export":
                export(selected(paths, given.role, given.step, given.criterion))
        sys.stdout.flush()
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader has seen enough. What is still to be flushed when Python ends goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
