"""Pairs: the output of one system for one document, with human scores, and their Parquet files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from collide.errors import InputError

# Descriptions of the columns. Each file holds them as metadata of its schema, for readers without this code.
TEXT_COLUMNS = {
    "pair": "Name of the pair, <document>/<system>.",
    "document": "Name of the document.",
    "system": "Name of the system; empty where the data set names none.",
    "inputs": "Texts that the system got, in the order of the prompts.",
    "output": "Text that the system wrote.",
}
SPLIT_COLUMN = {"split": "Split that the corpus puts the pair in; empty where it has no splits."}
HUMAN_PREFIX = "human_"
HUMAN_COLUMN = "Human score of {}."
RATINGS_PREFIX = "experts_"
RATINGS_COLUMN = "Single ratings of {} by the experts; an empty list if the corpus has only means."


@dataclass(frozen=True, slots=True)
class Pair:
    """The output of one system for the inputs of one document.

    `human` maps each criterion to its human score, `ratings` to the raters' single ratings; it is empty where the corpus has
    only means. `split` is train, validation or test where the corpus says so, else empty.
    """

    id: str
    document: str
    system: str
    inputs: tuple[str, ...]
    output: str
    human: dict[str, float]
    ratings: dict[str, tuple[float, ...]] = field(default_factory=dict)
    split: str = ""


def pair_id(document: str, system: str) -> str:
    """Return the name of a pair.

    >>> pair_id("doc1", "M0")
    'doc1/M0'
    """
    return f"{document}/{system}"


def write_pairs(path: Path, pairs: Sequence[Pair], criteria: Sequence[str] | None = None) -> None:
    """Write pairs to a Parquet file, one row per pair, with columns `human_<criterion>` and `experts_<criterion>`.

    `criteria` are those of the pairs; a file without pairs needs them for its columns.
    """
    if criteria is None:
        criteria = list(pairs[0].human) if pairs else []
    columns: dict[str, list] = {
        "pair": [pair.id for pair in pairs],
        "document": [pair.document for pair in pairs],
        "system": [pair.system for pair in pairs],
        "inputs": [pair.inputs for pair in pairs],
        "output": [pair.output for pair in pairs],
    }
    types = {"inputs": pa.list_(pa.string())}
    fields = [pa.field(name, types.get(name, pa.string()), nullable=False) for name in TEXT_COLUMNS]
    notes = dict(TEXT_COLUMNS)
    for criterion in criteria:
        name = HUMAN_PREFIX + criterion
        columns[name] = [pair.human[criterion] for pair in pairs]
        fields.append(pa.field(name, pa.float64(), nullable=False))
        notes[name] = HUMAN_COLUMN.format(criterion)
    for criterion in criteria:
        name = RATINGS_PREFIX + criterion
        columns[name] = [pair.ratings.get(criterion, ()) for pair in pairs]
        fields.append(pa.field(name, pa.list_(pa.float64()), nullable=False))
        notes[name] = RATINGS_COLUMN.format(criterion)
    columns["split"] = [pair.split for pair in pairs]
    fields.append(pa.field("split", pa.string(), nullable=False))
    notes |= SPLIT_COLUMN
    pq.write_table(pa.table(columns, schema=pa.schema(fields, metadata=notes)), path)


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a file written by `write_pairs`, in its order. Raises InputError for any other file."""
    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise InputError(f"{path}: the file does not exist; expected the pairs of a corpus (pairs.parquet)") from None
    except (pa.ArrowException, OSError):
        raise InputError(f"{path}: not a readable Parquet file; expected the pairs of a corpus") from None
    if missing := [name for name in (*TEXT_COLUMNS, *SPLIT_COLUMN) if name not in table.column_names]:
        raise InputError(f"{path}: the column {missing[0]!r} is missing; found {', '.join(table.column_names)}")
    criteria = [name.removeprefix(HUMAN_PREFIX) for name in table.column_names if name.startswith(HUMAN_PREFIX)]
    texts = {name: table[name].to_pylist() for name in TEXT_COLUMNS}
    texts["inputs"] = [tuple(inputs) for inputs in texts["inputs"]]
    humans = _read_rows(table, HUMAN_PREFIX, criteria)
    ratings = (
        {name: tuple(values) for name, values in row.items() if values} for row in _read_rows(table, RATINGS_PREFIX, criteria)
    )
    return [Pair(*row) for row in zip(*texts.values(), humans, ratings, table["split"].to_pylist(), strict=True)]


def _read_rows(table: pa.Table, prefix: str, criteria: Sequence[str]) -> list[dict[str, Any]]:
    """Return, for each row, the values of the columns `<prefix><criterion>` by criterion."""
    columns = [table[prefix + criterion].to_pylist() for criterion in criteria]
    # Without criteria there are no columns to transpose, but still one (empty) dict per row.
    rows = zip(*columns, strict=True) if criteria else [()] * table.num_rows
    return [dict(zip(criteria, row, strict=True)) for row in rows]


def corpus_digest(pairs: Iterable[Pair]) -> str:
    """Return a digest of the pairs' ids as 16 hexadecimal digits; the order of the pairs does not matter."""
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(pair.id for pair in pairs):
        digest.update(name.encode() + b"\n")
    return digest.hexdigest()
