"""Parse replies strictly: return what the prompt asked for, or raise `UnusableReply` with the reason. No score is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from collide.llm.replies.lenient_json import repair_object
from collide.llm.replies.thinking_marks import remove_thinking
from collide.llm.request import UnusableReply

# Characters of a reply. A longer one answers none of our prompts, and would take long to search for JSON.
LONGEST_REPLY = 200_000
# Characters of a new instruction. It becomes part of every later prompt.
LONGEST_INSTRUCTION = 20_000
# Opening braces of a reply that are tried. Each try may read the rest of the reply, so the time grows with their square.
MOST_BRACES = 1000

# Characters and braces of a broken object that is repaired. Repairs take long, and a reply to our prompts is far smaller.
LONGEST_REPAIRED = 60_000
MOST_REPAIRED_BRACES = 20

# Keys under which models give the number of a score that has a reason beside it.
_SCORE_KEYS = {"score", "rating", "value"}
# A word of an instruction, which has at least two, or letters of a script without blanks. "3.82" or a date has none.
_WORD = re.compile(r"[^\W\d_]{2,}")
FEWEST_LETTERS = 8
# The prompt shows the form of the answer with a placeholder, which a weak model repeats.
_PLACEHOLDER = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
# A brace that opens an object, as opposed to one of prose or LaTeX: a quoted key follows, or a word with a colon.
_OBJECT_OPENS = re.compile(r"\{\s*(?:[\"']|\w+\s*:)")
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}]', re.DOTALL)
# Words that a rating may follow, as models label it.
_RATING_LABELS = "rating|score|grade|answer|specificity|adherence|focus"
# All control characters except tab, line feed and carriage return.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def parse_scores(text: str, scales: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return one whole number on its scale per criterion, from the last JSON object that names a criterion.

    The last object counts, because models reason first and answer last: an object quoted from an article or a summary before
    the answer has no effect, even if the answer is broken. One that is quoted after the answer is taken for the answer,
    because nothing tells them apart. Scores are never combined from several objects. With one criterion, a lone rating such as
    "4" or "4/5" is accepted, see `parse_rating`. Raises UnusableReply for a missing criterion, for 4.5, true, a number off the
    scale, or a repeated key.
    """
    if len(scales) == 1 and "{" not in text:
        ((name, scale),) = scales.items()
        return {name: parse_rating(text, *scale)}
    found = _find_object(text, scales)
    return {name: _read_score(name, found, scale) for name, scale in scales.items()}


def parse_instructions(text: str, criteria: Sequence[str]) -> dict[str, str]:
    """Return one non-empty text per criterion, from the last JSON object that names a criterion.

    An object of texts, such as one per score, becomes one text with a line for each. Raises UnusableReply for a missing, empty
    or too long text, for one without words, for a placeholder of the prompt, and for a repeated key.
    """
    found = _find_object(text, criteria)
    instructions = {}
    for name in criteria:
        instruction = _clean_text(_read_instruction(found.get(name)))
        if not instruction:
            raise UnusableReply(f"no instruction for {name}")
        words = _WORD.findall(instruction)
        if (len(words) < 2 and len("".join(words)) < FEWEST_LETTERS) or _PLACEHOLDER.fullmatch(instruction):
            raise UnusableReply(f"the instruction for {name} is {instruction[:40]!r}, which holds no words")
        if len(instruction) > LONGEST_INSTRUCTION:
            raise UnusableReply(
                f"the instruction for {name} has {len(instruction)} characters, more than {LONGEST_INSTRUCTION}"
            )
        instructions[name] = instruction
    return instructions


def parse_text(text: str) -> str:
    """Return the reply without a thinking block and an outer code fence. Raises UnusableReply if it is empty or too long."""
    body = _clean_text(_skip_thinking(text))
    lines = body.split("\n")
    if len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        body = "\n".join(lines[1:-1]).strip()
    if not body:
        raise UnusableReply("the reply is empty")
    return body


def parse_rating(text: str, low: int, high: int) -> int:
    """Return the rating of a reply, such as "8", "**8**", "Score: 8", "8/10" or "I give it 8 out of 10".

    A rating stands alone on a line, opens the reply before its reason, follows a label, or names the highest rating. Any other
    number is prose: "the 3 suggestions", "the 10-point scale", or the number of a list item. Raises UnusableReply for no
    rating, several different ones, or one that is not a whole number on the scale.
    """
    body = re.sub(r"[*_`\"']", "", _skip_thinking(text)).replace("\N{MINUS SIGN}", "-")
    # Python's float() would read digits of other scripts, too, which the pattern below does not find.
    if foreign := re.search(r"(?![0-9])\d", body):
        raise UnusableReply(f"{foreign[0]!r} is no digit from 0 to 9")
    number = r"(?<![\w.,-])(-?[0-9]{1,9}(?:[.,][0-9]{1,9})?)(?![\w-]|[.,][0-9])"
    of_highest = rf"\s*(?:/|out\s+of)\s*{high}(?![\w-]|[.,][0-9])"
    found = [
        *re.findall(rf"^[^\w\n]*?{number}(?:{of_highest})?[ \t]*[.!]?[ \t]*$", body, re.MULTILINE),
        *re.findall(rf"\A\W*?{number}\s*(?:\(|[-\u2013\u2014] )", body),
        *re.findall(rf"\b(?:{_RATING_LABELS})\s*(?:[:=]|is\b)\W{{0,10}}?{number}", body, re.IGNORECASE),
        *re.findall(number + of_highest, body, re.IGNORECASE),
    ]
    ratings = {float(rating.replace(",", ".")) for rating in found}
    if len(ratings) != 1:
        raise UnusableReply(f"expected one rating, found {len(ratings)}")
    rating = ratings.pop()
    if not rating.is_integer() or not low <= rating <= high:
        raise UnusableReply(f"{rating:g} is no whole number from {low} to {high}")
    return int(rating)


def _read_score(name: str, found: Mapping[str, Any], scale: tuple[int, int]) -> int:
    """Return the score of a criterion: a whole number, as text, as "4/5", or in an object that gives it with its reason."""
    if name not in found:
        raise UnusableReply(f"no score for {name}")
    value = found[name]
    if _is_object(value):
        numbers = [part for key, part in value if str(key).strip().lower() in _SCORE_KEYS]
        value = numbers[0] if len(numbers) == 1 else dict(value)
    if isinstance(value, str) and (number := re.fullmatch(rf"\s*([+-]?[0-9]{{1,6}})(?:\.0+)?(?:\s*/\s*{scale[1]})?\s*", value)):
        value = int(number[1])
    # JSON of Python may hold true, which equals 1, and NaN, which is not equal to itself.
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or value != value
        or value not in range(scale[0], scale[1] + 1)
    ):
        raise UnusableReply(f"the score for {name} is {str(value)[:40]!r}, no whole number from {scale[0]} to {scale[1]}")
    return int(value)


def _read_instruction(value: Any) -> str:
    """Return an instruction: a text, or the texts of an object such as one per score, a line each; else an empty text."""
    if _is_object(value) and all(isinstance(text, str) for _, text in value):
        return "\n".join(f"{key}: {text}" for key, text in value)
    return value if isinstance(value, str) else ""


def _is_object(value: Any) -> TypeGuard[list[tuple[str, Any]]]:
    """Return whether a decoded value is a JSON object, as opposed to an array: objects are lists of (key, value)."""
    return isinstance(value, list) and bool(value) and all(isinstance(part, tuple) for part in value)


def _find_object(text: str, names: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    """Return the last JSON object that has one of the names as a key, in upper or lower case, without its other keys.

    The object may be the only value of another one, such as {"ratings": {...}}. The last object of the reply may have wrong
    punctuation. Raises UnusableReply if there is none, if a broken object follows, and for a name that occurs twice.
    """
    by_lower = {name.lower(): name for name in names}
    body = _skip_thinking(text)
    found: list[tuple[str, Any]] | None = None
    for place, candidate in _iterate_objects(body):
        # A broken object may be the answer; an earlier object must not stand in for it.
        pairs = _repair_last(body, place) if candidate is None else candidate
        if pairs is not None and len(pairs) == 1 and pairs[0][0].strip().lower() not in by_lower and _is_object(pairs[0][1]):
            pairs = pairs[0][1]
        named = [(by_lower[key], value) for name, value in pairs or () if (key := name.strip().lower()) in by_lower]
        if pairs is None or named:
            found = named or None
        if candidate is None and named:
            # Nothing follows a repaired object, see `_repair_last`.
            break
    if found is None:
        raise UnusableReply("no JSON object with a score or text for a criterion, or the last object is broken")
    if len(dict(found)) < len(found):
        raise UnusableReply("a criterion stands twice in the JSON object")
    return dict(found)


def _iterate_objects(text: str) -> Iterator[tuple[int, list[tuple[str, Any]] | None]]:
    """Yield the outermost JSON objects of a text in order, each with its place: a list of (key, value), or None if broken.

    Objects inside a broken one, such as one that is cut off, are skipped with it.
    """
    # Pairs instead of a dict, so that a repeated key is noticed. strict=False accepts raw line feeds in strings, which
    # models often write.
    decoder = json.JSONDecoder(object_pairs_hook=list, strict=False, parse_constant=lambda _: None)
    place = text.find("{")
    for _ in range(MOST_BRACES):
        if place < 0:
            return
        start = place
        try:
            value, place = decoder.raw_decode(text, place)
            yield start, value
        except (ValueError, RecursionError):
            if _OBJECT_OPENS.match(text, place):
                place = _find_end(text, place)
                yield start, None
            else:
                place += 1
        place = text.find("{", place)
    if place >= 0:
        yield place, None


def _repair_last(text: str, place: int) -> list[tuple[str, Any]] | None:
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


def _clean_text(text: str) -> str:
    """Return a text without control characters and with line feeds as the only line ends.

    Lone surrogates, which JSON can escape and no file can hold, become "?".
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    return lines.encode("utf-8", "replace").decode("utf-8").strip()


def _skip_thinking(text: str) -> str:
    """Return the answer of a reply without reasoning. Raises UnusableReply if the reply is too long."""
    if len(text) > LONGEST_REPLY:
        raise UnusableReply(f"the reply has {len(text)} characters, more than {LONGEST_REPLY}")
    return remove_thinking(text)
