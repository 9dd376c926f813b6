"""Reading replies: what was asked for, or `UnusableReply` with the reason. Nothing here guesses a score."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collide.llm.request import UnusableReply

LONGEST = 200_000
"""Characters of a reply that are read; a longer one is no answer to any of our questions."""

LONGEST_INSTRUCTION = 20_000
"""Characters of a new instruction."""

MOST_BRACES = 1000
"""Opening braces of a reply that are tried."""

_OBJECT_OPENS = re.compile(r"\{\s*(?:[\"']|\w+\s*:)")
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}]', re.DOTALL)
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def parse_scores(text: str, scales: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """One whole number on its scale per criterion, from the last JSON object of the reply that names a criterion.

    The last one counts, since models reason first and answer last: an object that the reply quotes from an article or a summary
    before its answer has no say, even where the answer is broken. One that it quotes after its answer is taken for the answer,
    as nothing tells the two apart. Scores are never put together from several objects, nor taken from within another one.
    Raises UnusableReply for a missing criterion, for 4.5, true, a number off the scale, or a key that stands twice.
    """
    found = _object_with(text, scales)
    return {name: _score(name, found, scale) for name, scale in scales.items()}


def parse_instructions(text: str, criteria: Sequence[str]) -> dict[str, str]:
    """One non-empty text per criterion, from the last JSON object of the reply that names a criterion."""
    found = _object_with(text, criteria)
    instructions = {}
    for name in criteria:
        value = found.get(name)
        instruction = _writable(value) if isinstance(value, str) else ""
        if not instruction:
            raise UnusableReply(f"no instruction for {name}")
        if len(instruction) > LONGEST_INSTRUCTION:
            raise UnusableReply(
                f"the instruction for {name} has {len(instruction)} characters, more than {LONGEST_INSTRUCTION}"
            )
        instructions[name] = instruction
    return instructions


def parse_text(text: str) -> str:
    """The reply without a thinking block and an outer code fence. Raises UnusableReply when nothing is left, or too much."""
    body = _writable(_said(text))
    lines = body.split("\n")
    if len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        body = "\n".join(lines[1:-1]).strip()
    if not body:
        raise UnusableReply("the reply is empty")
    return body


def parse_rating(text: str, low: int, high: int) -> int:
    """A lone whole number on the scale, bare or as in "Score: 8", "**8**" or "8/10". Raises UnusableReply otherwise."""
    body = re.sub(rf"(?<=[0-9])\s*/\s*{high}\b", "", _said(text)).replace("\N{MINUS SIGN}", "-")
    if foreign := re.search(r"(?![0-9])\d", body):
        raise UnusableReply(f"{foreign[0]!r} is no digit from 0 to 9")
    numbers = {float(number.replace(",", ".")) for number in re.findall(r"-?[0-9]{1,9}(?:[.,][0-9]{1,9})?", body)}
    if len(numbers) != 1:
        raise UnusableReply(f"expected one number, found {len(numbers)}")
    number = numbers.pop()
    if not number.is_integer() or not low <= number <= high:
        raise UnusableReply(f"{number:g} is no whole number from {low} to {high}")
    return int(number)


def _score(name: str, found: Mapping[str, Any], scale: tuple[int, int]) -> int:
    if name not in found:
        raise UnusableReply(f"no score for {name}")
    value = found[name]
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,6}(\.0+)?\s*", value):
        value = float(value)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or value != value
        or value not in range(scale[0], scale[1] + 1)
    ):
        raise UnusableReply(f"the score for {name} is {str(value)[:40]!r}, no whole number from {scale[0]} to {scale[1]}")
    return int(value)


def _object_with(text: str, names: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    """The last JSON object of a reply that has one of the names as a key, in any case of letters."""
    by_lower = {name.lower(): name for name in names}
    found = None
    for candidate in _objects(_said(text)):
        if candidate is None:
            found = None
            continue
        renamed = [(by_lower.get(key.strip().lower()), value) for key, value in candidate]
        named = [(key, value) for key, value in renamed if key is not None]
        if named:
            found = named
    if found is None:
        raise UnusableReply("no JSON object with a score or text for a criterion, or the last object is broken")
    if len(dict(found)) < len(found):
        raise UnusableReply("a criterion stands twice in the JSON object")
    return dict(found)


def _objects(text: str) -> Iterator[list[tuple[str, Any]] | None]:
    """The outermost JSON objects of a text, in order, as lists of key and value.

    None stands for an object that cannot be read, such as one cut off: it is passed over with all that stands within it.
    """
    decoder = json.JSONDecoder(object_pairs_hook=list, strict=False, parse_constant=lambda _: None)
    place = text.find("{")
    for _ in range(MOST_BRACES):
        if place < 0:
            return
        try:
            value, place = decoder.raw_decode(text, place)
            yield value
        except (ValueError, RecursionError):
            if _OBJECT_OPENS.match(text, place):
                place = _end_of_object(text, place)
                yield None
            else:  # a brace of prose or LaTeX
                place += 1
        place = text.find("{", place)
    if place >= 0:
        yield None


def _end_of_object(text: str, place: int) -> int:
    """The place behind the brace that closes the one at `place`; the end of the text where none does."""
    depth = 0
    for token in _STRING_OR_BRACE.finditer(text, place):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return len(text)


def _writable(text: str) -> str:
    """A text without control characters, its lines ended by line feeds alone.

    Half a surrogate pair, which JSON can escape and no file can hold, becomes "?".
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    return lines.encode("utf-8", "replace").decode("utf-8").strip()


def _said(text: str) -> str:
    """The text after the last closing thinking tag, or "" when a block never ends. Raises UnusableReply if too long."""
    if len(text) > LONGEST:
        raise UnusableReply(f"the reply has {len(text)} characters, more than {LONGEST}")
    body = text.rpartition("</think>")[2]
    return "" if "<think>" in body else body
