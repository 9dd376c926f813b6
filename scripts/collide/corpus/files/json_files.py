"""JSON and JSON Lines: one object per line, one array of objects, arrays of objects under keys, or objects by id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from collide.corpus.files.record import Record
from collide.errors import InputError

# The column that holds the id of a record, or the key of its array, where a file is one JSON object.
KEY_COLUMN = "key"


def parse_json(text: str, name: str) -> tuple[str, list[Record]]:
    """Return the format and the records of a JSON text. Raises InputError with the location of the first defect."""
    if text.lstrip().startswith("["):
        items = _load(text, name, "one array of objects; download the file again")
        return "JSON", [_check_record(f"{name}, item {number}", item) for number, item in enumerate(items, start=1)]
    if _is_one_object(text, name):
        return "JSON", list(_parse_object(_load(text, name, "one JSON object; download the file again"), name))
    return "JSON Lines", list(_parse_lines(text, name))


def _is_one_object(text: str, name: str) -> bool:
    """Return True if the text is one object of records rather than one object per line."""
    try:
        _, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        # A pretty-printed object: its first line alone would give a misleading message about invalid JSON.
        return bool(re.match(r"\s*\{\s*\n", text))
    if text.lstrip()[end:].strip():
        if "\n" in text.lstrip()[:end]:
            raise InputError(
                f"{name}: the first object spans several lines; expected one object per line (JSON Lines), or one array of"
                " objects"
            )
        return False
    return True


def _parse_object(items: dict[str, Any], name: str) -> Iterator[Record]:
    arrays = {key: value for key, value in items.items() if _is_array_of_objects(value)}
    if arrays:
        for key, array in arrays.items():
            for number, item in enumerate(array, start=1):
                yield Record(f"{name}, {key}, item {number}", {KEY_COLUMN: key} | item)
    elif items and all(isinstance(item, dict) for item in items.values()):
        for key, item in items.items():
            yield Record(f"{name}, {key}", {KEY_COLUMN: key} | item)
    else:
        # JSON Lines with one line.
        yield Record(f"{name}, line 1", items)


def _is_array_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _parse_lines(text: str, name: str) -> Iterator[Record]:
    # Not splitlines(): JSON strings may contain U+2028 and other characters that do not end a line of JSON Lines.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            location = f"{name}, line {number}"
            item = _load(line, location, "one object per line; fix the line or download the file again")
            yield _check_record(location, item)


def _load(text: str, location: str, expected: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{location}: the JSON is nested too deeply; expected {expected}") from None
    except ValueError as error:
        raise InputError(f"{location}: invalid JSON ({error}); expected {expected}") from None


def _check_record(location: str, item: Any) -> Record:
    if not isinstance(item, dict):
        raise InputError(f"{location}: found {type(item).__name__}; expected an object with the columns of a record")
    return Record(location, item)
