"""Read docs/files.md: the paths that it describes, and the columns or keys of each file."""

import functools
import itertools
import json
import re

import pandas as pd
import pyarrow.parquet as pq

from .conftest import ROOT


@functools.cache
def read_page():
    """Return the described paths, and (paths, columns) of each described table of columns."""
    paths, tables, owners = [], [], []
    lines = (ROOT / "docs/files.md").read_text(encoding="utf-8").splitlines()
    for is_blank, lines_of_block in itertools.groupby(lines, lambda line: not line):
        block = [] if is_blank else list(lines_of_block)
        cells = [line.split("|")[1].strip() for line in block if line.startswith("|")]
        quoted = list_quoted(" ".join(cells or block))
        if cells[:1] == ["file"]:
            paths += quoted
        elif cells[:1] in (["column"], ["key"]):
            tables.append((owners, quoted))
        elif block:
            # The line before a table of columns names the files that have them.
            owners = [path for path in quoted if path.startswith("results/")]
    return paths, tables


def list_quoted(text):
    """Return the names between backticks, one for each of the alternatives that {a,b} stands for."""
    names = []
    for name in re.findall("`([^`]+)`", text):
        pieces = re.split(r"(\{[^}]*,[^}]*\})", name)
        choices = [piece[1:-1].split(",") if piece.startswith("{") and "," in piece else [piece] for piece in pieces]
        names += map("".join, itertools.product(*choices))
    return names


def matches(pattern, name, separator):
    """Return True if a name fits a pattern, in which {word} stands for any text without the separator."""
    pieces = re.split(r"\{[^}]*\}", pattern)
    return re.fullmatch(f"[^{separator}]+?".join(map(re.escape, pieces)), name) is not None


@functools.cache
def find_owner(name):
    """Return the described path whose columns a file has, None for a file without described columns.

    Of several that match, such as {study}.csv and {study}-asymmetry.csv, the one with the most fixed letters.
    """
    owners = [path for paths, _ in read_page()[1] for path in paths if matches(path, name, "/")]
    return max(owners, key=lambda path: len(re.sub(r"\{[^}]*\}", "", path)), default=None)


def read_columns(path):
    """Return the columns of a table, or the dotted keys of the values in JSON objects; None for other files."""
    match path.suffix:
        case ".csv":
            return set(pd.read_csv(path).columns)
        case ".parquet":
            return set(pq.read_schema(path).names)
        case ".jsonl":
            with path.open(encoding="utf-8") as stream:
                return {key for line in stream for key in list_keys(json.loads(line))}
        case ".json":
            content = json.loads(path.read_text(encoding="utf-8"))
            # Usage files hold a report for each job, by the name of the job.
            is_usage = set(content) <= {"optimize", "evaluate", "diagnose"}
            return {key for report in (content.values() if is_usage else [content]) for key in list_keys(report)}
    return None


def list_keys(value, path=""):
    """Yield the dotted keys that lead to values other than objects; [] stands for the objects of a list."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from list_keys(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from list_keys(inner, f"{path}[]")
    else:
        yield path


def list_ancestors(key):
    """Return the dotted keys above a key, itself first."""
    return [key, *(key[: found.start()] for found in re.finditer(r"\.|\[\]", key))]


def find_undescribed(found, described):
    """Return the keys without description. A described key also covers the keys below it if none of these is described."""
    parents = {above for name in described for above in list_ancestors(name)[1:]}
    leaves = [name for name in described if name not in parents]

    def is_described(key):
        covered = any(matches(name, above, ".") for name in leaves for above in list_ancestors(key))
        return covered or any(matches(name, key, ".") for name in described)

    return {key for key in found if not is_described(key)}


def find_missing(found, described):
    """Return the described keys that lead to no key found."""
    existing = {above for key in found for above in list_ancestors(key)}
    return {name for name in described if not any(matches(name, key, ".") for key in existing)}
