"""Read JSON objects that models write with wrong punctuation: trailing commas, single quotes, bare keys, quotes in a text."""

from __future__ import annotations

import json
import re
from typing import Any

import json_repair

_UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_NOT_WORDS = re.compile(r"[\W_]+")


def repair_object(text: str) -> list[tuple[str, Any]] | None:
    """Return the object that a text holds, as a list of (key, value), if only its punctuation is wrong; otherwise None.

    The repaired object must hold every letter and digit of the text, in the same order. A repair that drops something, such as
    the second number of "4 or 5" or the first of two equal keys, would make up a value.
    """
    try:
        found = json_repair.loads(text, skip_json_loads=True)
    except RecursionError:
        return None
    if not isinstance(found, dict) or _join_words(json.dumps(found, ensure_ascii=False)) != _join_words(text):
        return None
    return _list_pairs(found)


def _list_pairs(value: Any) -> Any:
    """Return a decoded value with each object as a list of (key, value)."""
    return [(key, _list_pairs(part)) for key, part in value.items()] if isinstance(value, dict) else value


def _join_words(text: str) -> str:
    """Return the letters and digits of a text of JSON, without those of its escapes."""
    decoded = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return _NOT_WORDS.sub("", _ESCAPE.sub(" ", decoded))
