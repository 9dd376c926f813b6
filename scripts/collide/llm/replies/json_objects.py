"""Find the JSON object in a reply that answers a prompt, also with other text around it and with wrong punctuation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from collide.llm.replies.lenient_json import repair_object
from collide.llm.replies.names import clean_key, find_key, find_name, index_names
from collide.llm.request import UnusableReply

# An object as a list of (key, value), so that a repeated key is noticed.
Pairs = list[tuple[str, Any]]

# Opening braces of a reply that are tried. Each try may read the rest of the reply, so the time grows with their square.
MOST_BRACES = 1000
# Characters and braces of a broken object that is repaired. Repairs take long, and a reply to our prompts is far smaller.
LONGEST_REPAIRED = 60_000
MOST_REPAIRED_BRACES = 20

# Keys of an object that gives one value of several: {"criterion": "fluency", "score": 4, "reason": "..."}.
NAME_KEYS = {"criterion", "name", "aspect", "metric", "dimension"}
SCORE_KEYS = {"score", "rating", "value"}
CLASS_KEYS = {"class", "label", "category", "answer", "verdict"}
TEXT_KEYS = {"instruction", "instructions", "new_instruction", "text", "wording"}

# Keys of objects that show the form of an answer.
_NO_ANSWERS = {"example", "examples", "format", "schema", "properties"}

# A brace that opens an object, as opposed to one of prose or LaTeX: a quoted key follows, or a word with a colon.
OBJECT_OPENS = re.compile(r"\{\s*(?:\\?[\"'\u201c]|\w+\s*:)")
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}]', re.DOTALL)
# A list of objects, read from its bracket.
_LIST_OPENS = re.compile(r"\[\s*\Z")
# Text before an object that opens a reply: at most a code fence.
_OPENING = re.compile(r"[\s`]*(?:json)?[\s`]*", re.IGNORECASE)


def find_object(text: str, names: Iterable[str], may_open_reply: bool = True) -> dict[str, Any]:
    """Return the last object that has one of the names as a key (see `find_key`), without its other keys.

    Accepted are also `{"ratings": {...}}`, keys such as "fluency_score", a list of objects with a name and a value each, and
    wrong punctuation of the last object. Raises UnusableReply if there is none, if a broken object follows, and for a name that
    occurs twice. Unless `may_open_reply`, it raises UnusableReply, too, for a different object that opens the reply: nothing
    tells whether the last object corrects that answer or is an example after it.
    """
    index = index_names(names)
    first: Pairs | None = None
    found: Pairs | None = None
    for place, candidate in _iterate_objects(text):
        # A broken object may be the answer; an earlier object must not stand in for it.
        value = _repair_last(text, place) if candidate is None else candidate
        named = [] if value is None else _select_named(value, index)
        if value is None or named:
            found = named or None
        if named and first is None and _OPENING.fullmatch(text, 0, place):
            first = named
        if candidate is None and named:
            # Nothing follows a repaired object, see `_repair_last`.
            break
    if found is None:
        raise UnusableReply("no JSON object with a score or text for a criterion, or the last object is broken")
    if len(dict(found)) < len(found):
        raise UnusableReply("a criterion stands twice in the JSON object")
    if not may_open_reply and first is not None and first != found:
        raise UnusableReply("two different JSON objects, of which the first opens the reply")
    return dict(found)


def is_object(value: Any) -> TypeGuard[Pairs]:
    """Return whether a decoded value is a JSON object, as opposed to an array."""
    return isinstance(value, list) and bool(value) and all(isinstance(part, tuple) for part in value)


def select_value(pairs: Pairs, keys: Iterable[str]) -> Any:
    """Return the value of the only one of some keys that an object has, or None."""
    found = [value for key, value in pairs if key.strip().lower() in keys]
    return found[0] if len(found) == 1 else None


def _select_named(value: Any, index: Mapping[str, str], levels: int = 2) -> Pairs:
    """Return the pairs of a value that have one of the names as their key.

    They are in an object, in the only part of it that has such pairs, or in a list of objects with a name and a value each.
    """
    if not is_object(value):
        if isinstance(value, list) and len(value) == 1 and is_object(value[0]):
            return _select_named(value[0], index, levels)
        return _name_values(value, index)
    named = [(name, part) for key, part in value if (name := find_key(index, key))]
    if named or not levels:
        return named
    inner = [part for key, part in value if isinstance(part, list) and clean_key(key) not in _NO_ANSWERS]
    found = [pairs for part in inner if (pairs := _select_named(part, index, levels - 1))]
    return found[0] if len(found) == 1 else _name_values([value], index)


def _name_values(value: Any, index: Mapping[str, str]) -> Pairs:
    """Return a list of objects with a name and a value each as pairs; empty for any other value."""
    if not isinstance(value, list) or not all(is_object(part) for part in value):
        return []
    parts = [
        (find_name(index, str(select_value(part, NAME_KEYS))), select_value(part, SCORE_KEYS | TEXT_KEYS)) for part in value
    ]
    return [(name, part) for name, part in parts if name and part is not None]


def _iterate_objects(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the outermost objects of a text and the lists of objects in order, each with its place, and None if it is broken.

    Objects inside a broken one, such as one that is cut off, are skipped with it.
    """
    # strict=False accepts raw line feeds in strings, which models often write.
    decoder = json.JSONDecoder(object_pairs_hook=list, strict=False, parse_constant=lambda _: None)
    place = text.find("{")
    for _ in range(MOST_BRACES):
        if place < 0:
            return
        bracket = _LIST_OPENS.search(text, max(0, place - 20), place)
        for start in (bracket.start(), place) if bracket else (place,):
            try:
                value, end = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                continue
            yield start, value
            place = end
            break
        else:
            if OBJECT_OPENS.match(text, place):
                start, place = place, _find_end(text, place)
                yield start, None
            else:
                place += 1
        place = text.find("{", place)
    if place >= 0:
        yield place, None


def _repair_last(text: str, place: int) -> Pairs | None:
    """Return the object that opens at `place` and closes with the last brace of the text, if only its punctuation is wrong.

    A cut-off object is not repaired: its last value may be a part of one. Neither is one that quotation marks follow, which may
    belong to its last text, or one with further braces, of which nobody knows which one closes what.
    """
    end = text.rfind("}") + 1
    if end <= place or end - place > LONGEST_REPAIRED or text.count("{", place) > MOST_REPAIRED_BRACES or '"' in text[end:]:
        return None
    return repair_object(text[place:end])


def _find_end(text: str, place: int) -> int:
    """Return the place after the brace that closes the one at `place`, or the end of the text."""
    depth = 0
    for token in _STRING_OR_BRACE.finditer(text, place):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return len(text)
