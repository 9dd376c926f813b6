"""Choice of the description that a file's columns fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from collide.corpus.files.record import Record
from collide.corpus.records.columns import ABSENT, find_value, is_blank, list_columns, open_json
from collide.corpus.records.description import Description
from collide.errors import InputError


def choose_description(descriptions: Sequence[Description], records: Sequence[Record]) -> Description:
    """Return the first description whose columns the records have.

    Raises InputError that names the missing columns, of the closest description where there are several.
    """
    lacking = [_list_missing(description, records) for description in descriptions]
    best = min(range(len(descriptions)), key=lambda place: len(lacking[place]))
    chosen, missing = descriptions[best], lacking[best]
    if not missing:
        _check_rating_columns(chosen, records)
        return chosen
    found = list(records[0].fields)
    if len(descriptions) > 1 and len(missing) == len(chosen.required):
        layouts = "; ".join(f"{other.layout} ({', '.join(other.required)})" for other in descriptions)
        raise InputError(f"{records[0].location}: unknown layout with the columns {list_columns(found)}; expected {layouts}")
    kind = f" of layout {chosen.layout}" if len(descriptions) > 1 else ""
    close = difflib.get_close_matches(missing[0], found, n=1)
    advice = chosen.hint or (f"did you mean {close[0]!r}?" if close else "name the file's columns in `records` of the data set")
    raise InputError(
        f"{records[0].location}: no column {' or '.join(map(repr, missing))}{kind}; found {list_columns(found)}; {advice}"
    )


def unroll(record: Record, columns: Sequence[str]) -> Iterator[Record]:
    """Yield a row for each place of the record's lists. Without columns the record is the row.

    Raises InputError for a value that is no list, and for lists of different lengths.
    """
    if not columns:
        yield record
        return
    lists = {column: open_json(find_value(record.fields, column)) for column in columns}
    for column, items in lists.items():
        if is_blank(items):
            lists[column] = []
        elif not isinstance(items, list):
            raise InputError(f"{record.location}: {column} is of type {type(items).__name__}; expected a list")
        if len(lists[column]) != len(lists[columns[0]]):
            raise InputError(
                f"{record.location}: {column} has {len(lists[column])} items and {columns[0]} has {len(lists[columns[0]])};"
                " expected lists of one length"
            )
    for place, items in enumerate(zip(*lists.values(), strict=True), start=1):
        location = f"{record.location}, {columns[0]} {place}"
        yield Record(location, record.fields | dict(zip(lists, items, strict=True)))


def _list_missing(description: Description, records: Sequence[Record]) -> list[str]:
    """Return the required columns that no record has. In JSON, a record may lack a field that others have."""
    # The columns that hold the lists are looked up in the record, all others in its rows.
    lists = [column for column in description.rows if not _is_rating(description, column)]
    missing = [column for column in lists if _lacks_all(records, column)]
    if missing:
        return missing + [column for column in description.required if not column.startswith(tuple(missing))]
    # Without rows, unroll() says what is wrong with the lists.
    rows = _sample_rows(description, records)
    return [] if not rows else [column for column in description.required if _lacks_all(rows, column)]


def _is_rating(description: Description, column: str) -> bool:
    return any(column in ratings.columns for ratings in description.ratings.values())


def _sample_rows(description: Description, records: Sequence[Record]) -> list[Record]:
    """Return the rows of the records; if the lists of ratings are faulty or absent, the other lists decide alone."""
    lists = [column for column in description.rows if not _is_rating(description, column)]
    return [row for record in records for row in _unroll_first(record, lists)]


def _unroll_first(record: Record, columns: Sequence[str]) -> list[Record]:
    values = {column: open_json(find_value(record.fields, column)) for column in columns}
    first = {column: value[0] for column, value in values.items() if isinstance(value, list) and value}
    return [Record(record.location, record.fields | first)] if len(first) == len(columns) else []


def _lacks_all(records: Sequence[Record], column: str) -> bool:
    return all(find_value(record.fields, column) is ABSENT for record in records)


def _check_rating_columns(description: Description, records: Sequence[Record]) -> None:
    rows = _sample_rows(description, records) or list(records)
    for criterion, ratings in description.ratings.items():
        for column in ratings.columns:
            if all(_is_absent(find_value(row.fields, column)) for row in rows):
                parent = find_value(rows[0].fields, column.rpartition(".")[0].removesuffix(".*")) if "." in column else ABSENT
                inner = parent[0] if isinstance(parent, list) and parent else parent
                found = inner if isinstance(inner, dict) else rows[0].fields
                raise InputError(
                    f"{rows[0].location}: no ratings of the criterion {criterion!r}: no column {column!r}; found"
                    f" {list_columns(found)}; use the file's names of criteria in config.yaml, or set `ratings` in `records`"
                )


def _is_absent(value: Any) -> bool:
    """Return True for the value of a path that no field has; through a list, it is a list without values."""
    return value is ABSENT or (isinstance(value, list) and all(item is None for item in value))
