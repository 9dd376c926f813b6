"""Reading replies: what was asked for, or `Unusable` with the reason. Nothing here guesses a score."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collide.llm.request import Unusable

LONGEST = 200_000
"""Characters of a reply that are read; a longer one is no answer to any of our questions."""

LONGEST_INSTRUCTION = 20_000
"""Characters of a new instruction."""

_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def parse_scores(text: str, scales: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """One whole number on its scale per criterion, from the last JSON object of the reply that names a criterion.

    Raises Unusable for a missing criterion, for 4.5, true, a number off the scale, or a key that stands twice.
    """
    found = _object_with(text, scales)
    return {name: _score(name, found, scale) for name, scale in scales.items()}


def parse_instructions(text: str, criteria: Sequence[str]) -> dict[str, str]:
    """One non-empty text per criterion, from the last JSON object of the reply that names a criterion."""
    found = _object_with(text, criteria)
    instructions = {}
    for name in criteria:
        value = found.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Unusable(f"no instruction for {name}")
        if len(value) > LONGEST_INSTRUCTION:
            raise Unusable(f"the instruction for {name} has {len(value)} characters, more than {LONGEST_INSTRUCTION}")
        instructions[name] = value.translate(_CONTROL).strip()
    return instructions


def parse_text(text: str) -> str:
    """The reply without a thinking block and an outer code fence. Raises Unusable when nothing is left."""
    body = _without_thinking(text).translate(_CONTROL).strip()
    lines = body.split("\n")
    if len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        body = "\n".join(lines[1:-1]).strip()
    if not body:
        raise Unusable("the reply is empty")
    return body


def parse_rating(text: str, low: int, high: int) -> int:
    """A lone whole number on the scale, bare or as in "Score: 8", "**8**" or "8/10". Raises Unusable otherwise."""
    body = re.sub(rf"(?<=\d)\s*/\s*{high}\b", "", _without_thinking(text)[:LONGEST])
    numbers = {float(number.replace(",", ".")) for number in re.findall(r"-?\d{1,9}(?:[.,]\d{1,9})?", body)}
    if len(numbers) != 1:
        raise Unusable(f"expected one number, found {len(numbers)}")
    number = numbers.pop()
    if not number.is_integer() or not low <= number <= high:
        raise Unusable(f"{number:g} is no whole number from {low} to {high}")
    return int(number)


def _score(name: str, found: Mapping[str, Any], scale: tuple[int, int]) -> int:
    if name not in found:
        raise Unusable(f"no score for {name}")
    value = found[name]
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,6}(\.0+)?\s*", value):
        value = float(value)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or value != value
        or value not in range(scale[0], scale[1] + 1)
    ):
        raise Unusable(f"the score for {name} is {str(value)[:40]!r}, no whole number from {scale[0]} to {scale[1]}")
    return int(value)


def _object_with(text: str, names: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    """The last JSON object of a reply that has one of the names as a key, in any case of letters."""
    if len(text) > LONGEST:
        raise Unusable(f"the reply has {len(text)} characters, more than {LONGEST}")
    by_lower = {name.lower(): name for name in names}
    found = None
    for candidate in _objects(_without_thinking(text)):
        renamed = [(by_lower.get(key.strip().lower()), value) for key, value in candidate]
        named = [(key, value) for key, value in renamed if key is not None]
        if named:
            found = named
    if found is None:
        raise Unusable("no JSON object with a score or text for a criterion")
    if len(dict(found)) < len(found):
        raise Unusable("a criterion stands twice in the JSON object")
    return dict(found)


def _objects(text: str) -> Iterator[list[tuple[str, Any]]]:
    """The outermost JSON objects of a text, in order, as lists of key and value."""
    decoder = json.JSONDecoder(object_pairs_hook=list, strict=False, parse_constant=lambda _: None)
    place = text.find("{")
    tries = 0
    while place >= 0 and tries < 1000:
        try:
            value, place = decoder.raw_decode(text, place)
            yield value
        except (ValueError, RecursionError):
            place += 1
        tries += 1
        place = text.find("{", place)


def _without_thinking(text: str) -> str:
    """What follows the last closing thinking tag; nothing when a block never ends."""
    body = text.rpartition("</think>")[2]
    return "" if "<think>" in body else body
