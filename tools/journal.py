"""Inspect and clean up journals: list, show and export replies, verify files, and delete replies that no job needs.

python tools/journal.py list results/simulated/journal
python tools/journal.py size results/live/journal
python tools/journal.py show results/simulated/journal --run main/SSC/mae/seed0 --role gradient --step 1 --criterion fluency
python tools/journal.py verify results/live/journal
python tools/journal.py export results/live/journal > replies.jsonl
python tools/journal.py prune results/live/journal --config more_seeds.yaml

docs/journal.md describes the files and the commands.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import argparse
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.configuration.overlays import insert_presets, merge_layers, read_layer
from collide.experiment.jobs import list_model_jobs
from collide.llm.journal_lines import read_lines, read_records
from collide.llm.pruning import JOURNAL_PATTERN, JournalName, Unneeded, delete_unneeded, find_unneeded, name_journal

CONFIG = Path(__file__).parents[1] / "config.yaml"
REPLY_FIELDS = ("text", "model", "finish_reason", "tokens_in", "tokens_out")


def find_journals(folder: Path, run: str | None) -> list[Path]:
    """Return the journals below a folder (or a single journal), with `run` only those of this run.

    Raises InputError if there is none.
    """
    found = [folder] if folder.is_file() else sorted(folder.rglob(JOURNAL_PATTERN))
    if not found:
        raise InputError(f"{folder}: no journal here; expected a file or a folder such as results/simulated/journal")
    if run is not None:
        # The slashes at both ends keep main/SS from selecting main/SSS.
        found = [path for path in found if f"{'/'.join(name_journal(path))}/".startswith(f"{run.strip('/')}/")]
        if not found:
            raise InputError(f"{folder}: no journal of the run {run!r}; expected one such as main/SSC/mae/seed0")
    return found


def flatten_record(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with the fields of its reply at the top level. A refusal has no text but a reason."""
    reply = record.pop("reply")
    if isinstance(reply, str):
        return record | {"text": None, "refused": reply}
    return record | dict(zip(REPLY_FIELDS, reply, strict=True))


def select_records(
    paths: Sequence[Path], role: str | None, step: int | None, criterion: str | None
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the records that match all given conditions, with their journals."""
    for path in paths:
        for record in map(flatten_record, read_records(path)):
            matches = (
                role in (None, record["role"])
                and step in (None, record["step"])
                and (criterion is None or criterion in record["criteria"])
            )
            if matches:
                yield path, record


def escape_controls(text: str) -> str:
    """Return a text with control characters escaped, so that no reply can control the terminal. Line feeds and tabs stay."""
    controls = {c for c in set(text) - {"\n", "\t"} if unicodedata.category(c).startswith("C")}
    return text.translate({ord(c): c.encode("unicode_escape").decode("ascii") for c in controls})


def print_journals(paths: Sequence[Path]) -> None:
    """Print the replies by role, and the bytes, of each journal."""
    total = 0
    for path in paths:
        roles = Counter(record["role"] for record in read_records(path))
        total += path.stat().st_size
        counts = ", ".join(f"{count} {role}" for role, count in sorted(roles.items())) or "empty"
        print(f"{path}: {counts}; {path.stat().st_size:,} bytes")
    print(f"{len(paths)} journals, {total:,} bytes")


def print_sizes(paths: Sequence[Path]) -> None:
    """Print replies and bytes by study and role, and in total."""
    replies: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for path in paths:
        study = name_journal(path)[0]
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
        aligned = (number.rjust(width) for number, width in zip(numbers, widths[2:], strict=True))
        print(study.ljust(widths[0]), role.ljust(widths[1]), *aligned, sep="  ")


def print_replies(found: Iterator[tuple[Path, dict[str, Any]]]) -> None:
    """Print replies as text, each below a line with its place in the run."""
    for path, record in found:
        place = f"step {record['step']}, {record['pair'] or 'batch'}, {', '.join(record['criteria'])}"
        print(escape_controls(f"== {path}: {record['role']}, {place}, attempt {record['attempt']}"))
        print(escape_controls(record["text"] if record["text"] is not None else f"refused: {record['refused']}"))


def export_records(found: Iterator[tuple[Path, dict[str, Any]]]) -> None:
    """Print records as JSON Lines."""
    for path, record in found:
        print(json.dumps({"journal": str(path)} | record, ensure_ascii=True))


def verify_journals(paths: Sequence[Path]) -> int:
    """Read every record, print incomplete and damaged lines, and return the number of damaged journals."""
    damaged = 0
    for path in paths:
        try:
            count = sum(1 for _ in read_records(path, log=sys.stdout))
            print(f"{path}: {count} replies, intact")
        except InputError as error:
            damaged += 1
            print(error)
    return damaged


def read_config(overlays: Sequence[Path]) -> dict[str, Any]:
    """Return config.yaml updated with other files in order, as Snakemake does with --configfile.

    Raises InputError for a file that cannot be read and for an invalid configuration.
    """
    layers = insert_presets([read_layer(path) for path in (CONFIG, *overlays)])
    config = merge_layers(layers)
    check_config(config, layers)
    return config


def list_journals_in_use(config: Mapping[str, Any]) -> set[JournalName]:
    """Return the names of the journals that jobs of the configuration write, in all its studies, active or not."""
    # An inactive study may be made active again, and its replies were paid for.
    all_studies = {**config, "active_studies": list(config["studies"])}
    # The names do not depend on the source.
    return {name_journal(Path(job.journal)) for job in list_model_jobs(all_studies, config["source"])}


def prune_journals(paths: Sequence[Path], in_use: Collection[JournalName], delete: bool) -> int:
    """Print the replies that no job needs, delete them with `delete`, and return the number of journals that failed."""
    found: list[Unneeded] = []
    unknown = failed = 0
    for path in paths:
        try:
            unneeded = find_unneeded(path, in_use)
            if unneeded is None:
                unknown += 1
            elif unneeded.delete_file or unneeded.unneeded_replies:
                if delete:
                    delete_unneeded(unneeded)
                found.append(unneeded)
                why = "no job of the configuration writes it" if unneeded.delete_file else "not used by its job"
                counts = f"{unneeded.unneeded_replies:,} of {unneeded.all_replies:,} replies, {unneeded.unneeded_bytes:,} bytes"
                print(f"{path}: {counts}: {why}")
        except InputError as error:
            failed += 1
            print(f"Error: {error}", file=sys.stderr)
    replies, size = sum(part.unneeded_replies for part in found), sum(part.unneeded_bytes for part in found)
    total = f"{replies:,} replies, {size:,} bytes"
    print(f"{'deleted' if delete else 'unneeded'}: {total} in {len(found)} of {len(paths)} journals")
    if unknown:
        print(f"left alone: {unknown} journals of jobs that were started and have not ended without an error")
    if found and not delete:
        print("nothing was deleted; add --delete to do it. These replies were paid for.")
    return failed


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in {
        "list": "replies by role, and size, of each journal",
        "size": "replies and bytes by study and role",
        "show": "replies as text",
        "verify": "check every record",
        "export": "all records as JSON Lines",
        "prune": "replies that no job of the configuration needs",
    }.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("folder", type=Path, help="a journal, or a folder with journals at any depth")
        command.add_argument("--run", help="only this run, such as main/SSC/mae/seed0, or all below a folder, such as main")
        if name in ("show", "export"):
            command.add_argument("--role")
            command.add_argument("--step", type=int)
            command.add_argument("--criterion")
        if name == "prune":
            more = "files that update config.yaml, as Snakemake's --configfile does: give all that your runs were made with"
            command.add_argument("--config", type=Path, nargs="+", action="extend", default=[], metavar="FILE", help=more)
            command.add_argument("--delete", action="store_true", help="delete them; otherwise they are only listed")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    given = parse_arguments(arguments)
    try:
        paths = find_journals(given.folder, given.run)
        match given.command:
            case "list":
                print_journals(paths)
            case "size":
                print_sizes(paths)
            case "verify":
                return int(verify_journals(paths) > 0)
            case "prune":
                return int(prune_journals(paths, list_journals_in_use(read_config(given.config)), given.delete) > 0)
            case "show":
                print_replies(select_records(paths, given.role, given.step, given.criterion))
            case "export":
                export_records(select_records(paths, given.role, given.step, given.criterion))
        sys.stdout.flush()
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. Python flushes the rest when it exits; send that to nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    # Replies may hold characters that the terminal's encoding does not have.
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
