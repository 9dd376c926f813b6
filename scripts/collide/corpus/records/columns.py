"""Columns of records, also in nested objects and lists, and the texts and names that they hold.

The path of a column is its name, or names joined by dots: `scores.fluency` is the field `fluency` of the object `scores`, and
`annotations.*.fluency` is the list of this field of all objects in the list `annotations`,
with None for an object without it.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from collide.corpus.files.record import Record
from collide.errors import InputError

# The value of a column that a record does not have. None is the value of an empty one.
ABSENT: Final = object()
# Unknown files may have any number of columns; a message that lists more than a dozen is not read.
COLUMNS_IN_MESSAGES = 12


def find_value(fields: Any, path: str) -> Any:
    """Return the value at a path, ABSENT if there is none.

    >>> find_value({"a": [{"b": 1}, {"b": 2}], "c.d": 3}, "a.*.b"), find_value({"c.d": 3}, "c.d")
    ([1, 2], 3)
    """
    if isinstance(fields, list) and (path == "*" or path.startswith("*.")):
        found = [find_value(item, path[2:]) if path[2:] else item for item in fields]
        nested = path.count("*") > 1
        # None for an item without the field keeps the places: the ratings of one rater have the same place in all lists.
        return [None if value is ABSENT else value for item in found for value in (item if nested and item else [item])]
    if not isinstance(fields, Mapping):
        return ABSENT
    if path in fields:
        return fields[path]
    # The longest name first: names of columns may have dots in them.
    for end in (place for place in range(len(path) - 1, 0, -1) if path[place] == "."):
        if path[:end] in fields:
            return find_value(open_json(fields[path[:end]]), path[end + 1 :])
    return ABSENT


def open_json(value: Any) -> Any:
    """Return the list or object that a text field of a table holds as JSON, any other value as it is."""
    if isinstance(value, str) and value[:1] in ("[", "{") and value.rstrip()[-1:] in ("]", "}"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def is_blank(value: Any) -> bool:
    """Return True for a value that stands for nothing: absent, null, a blank text, or a float that is not a number."""
    return value is ABSENT or value is None or (isinstance(value, str) and not value.strip()) or value != value


def write_value(value: Any) -> str:
    """Return a value as it is compared with the values of config.yaml.

    >>> [write_value(value) for value in (1.0, True, " yes ", 0.5)]
    ['1', 'true', 'yes', '0.5']
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def list_columns(columns: Iterable[Any]) -> str:
    """Return the first names of columns for a message. Unprintable names, such as lone surrogates, are escaped."""
    shown = list(columns)
    names = [str(name) if str(name).isprintable() else ascii(name) for name in shown[:COLUMNS_IN_MESSAGES]]
    more = f" and {len(shown) - COLUMNS_IN_MESSAGES} more" if len(shown) > COLUMNS_IN_MESSAGES else ""
    return (", ".join(names) or "none") + more


def read_text(record: Record, columns: Sequence[str]) -> str:
    """Return the text of one or several columns, with a blank line between two columns; "" if all of them are blank.

    A list of texts is joined by line breaks. Raises InputError for a value that is no text, or cannot be written as UTF-8.
    """
    texts = [_check_text(find_value(record.fields, column), record.location, column) for column in columns]
    return "\n\n".join(text for text in texts if text.strip())


def _check_text(value: Any, location: str, column: str) -> str:
    if value is ABSENT or value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_check_text(item, location, column) for item in value)
    if not isinstance(value, str):
        raise InputError(f"{location}: {column} is of type {type(value).__name__}; expected text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        # JSON escapes can spell half of a surrogate pair, which neither files nor requests can hold.
        raise InputError(
            f"{location}: {column} contains half a character ({value[error.start]!r}); expected Unicode text, fix the escape"
            " sequence"
        ) from None
    return value


def read_name(record: Record, column: str) -> str:
    """Return the name in a column. Raises InputError if it is blank, no text or whole number, or not printable."""
    value = find_value(record.fields, column)
    if value is ABSENT:
        raise InputError(f"{record.location}: the column {column!r} is missing, but other records have it; fix the file")
    if isinstance(value, bool) or not isinstance(value, str | int | float) or is_blank(value):
        raise InputError(f"{record.location}: {column} is {reprlib.repr(value)}; expected a name")
    name = write_value(value)
    # Names are printed in tables, logs and messages, one line each.
    if not name.isprintable():
        raise InputError(f"{record.location}: {column} is {reprlib.repr(value)}; expected a name of printable characters")
    return name
