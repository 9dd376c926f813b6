"""Read JSON objects that models write with wrong punctuation: trailing commas, single quotes, bare keys, quotes in a text."""

from __future__ import annotations

import json
import re
from typing import Any

import json_repair

_UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_PUNCTUATION = re.compile(r"[\s{}\[\]:,\"']+")
# A comment of JavaScript, or a string, which may hold the same characters.
_STRING_OR_COMMENT = re.compile(r"(\"(?:[^\"\\]|\\.)*\")|//[^\n\"]*(?=\n)|/\*[^\"]*?\*/", re.DOTALL)

# A number or a class in the brackets of the prompt's placeholder: {"fluency": <4>}, {"politeness": <"yes">}.
_BRACKETED = re.compile(r":\s*<\s*(-?[0-9]+(?:\.[0-9]+)?|\"[^\"<>\n]*\")\s*>(?=\s*[,}])")
_TYPOGRAPHIC_QUOTES = str.maketrans("\u201c\u201d\u201e", '""' + '"')
# A quotation mark at the end of a text in which none opens: the repair took the end of the string for a part of it.
_OPEN_QUOTE = re.compile(r"(?<=[\w.!?])'\Z")


def repair_object(text: str) -> list[tuple[str, Any]] | None:
    """Return the object that a text holds, as a list of (key, value), if only its punctuation is wrong; otherwise None.

    The repaired object must hold every character of the text but comments and the punctuation of JSON, in the same order. A
    repair that drops something, such as the second number of "4 or 5", the first of two equal keys or a minus sign, would make
    up a value.
    """
    text = _BRACKETED.sub(r": \1", _STRING_OR_COMMENT.sub(lambda match: match[1] or "", text))
    if '"' not in text:
        text = text.translate(_TYPOGRAPHIC_QUOTES)
    try:
        found = json_repair.loads(text, skip_json_loads=True)
    except RecursionError:
        return None
    if not isinstance(found, dict) or _drop_punctuation(json.dumps(found, ensure_ascii=False)) != _drop_punctuation(text):
        return None
    return _list_pairs(found)


def _list_pairs(value: Any) -> Any:
    """Return a decoded value with each object as a list of (key, value), and without a quotation mark that opens nowhere."""
    if isinstance(value, str) and not re.search(r"(?<!\w)'", value[:-1]):
        return _OPEN_QUOTE.sub("", value)
    if isinstance(value, list):
        return [_list_pairs(part) for part in value]
    return [(key, _list_pairs(part)) for key, part in value.items()] if isinstance(value, dict) else value


def _drop_punctuation(text: str) -> str:
    """Return the characters of a text of JSON without its punctuation and escapes."""
    decoded = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return _PUNCTUATION.sub("", _ESCAPE.sub(" ", decoded))
