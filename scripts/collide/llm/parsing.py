"""Parse replies strictly: return what the prompt asked for, or raise `UnusableReply` with the reason. No score is guessed."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from collide.experiment.scales import Scale, build_scale
from collide.llm.replies.json_objects import (
    CLASS_KEYS,
    NAME_KEYS,
    OBJECT_OPENS,
    SCORE_KEYS,
    TEXT_KEYS,
    find_object,
    is_object,
    select_value,
)
from collide.llm.replies.names import find_class, find_name, fold_marked, index_names, list_classes, read_class
from collide.llm.replies.ratings import LABELS, find_rating
from collide.llm.replies.thinking_marks import remove_thinking
from collide.llm.replies.written_text import check_text
from collide.llm.request import CutOffText, Message, UnusableReply

# Characters of a reply. A longer one answers none of our prompts, and would take long to search for JSON.
LONGEST_REPLY = 200_000
# Characters of a reply whose scores are remembered for equal replies.
LONGEST_REMEMBERED = 200
# Characters of a new instruction. It becomes part of every later prompt.
LONGEST_INSTRUCTION = 20_000
# Characters of a line that holds a criterion and its score.
LONGEST_LINE = 200
# All control characters except tab, line feed and carriage return.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
# Text after the number in a score with its reason, such as "4 - no errors" or "4/5 (good)"; not "4 or 5", "4-5" or "4 (of 5)".
_REASON = r"(?:\s*(?:[-\u2013\u2014:,;.(]|because\b)\s*(?![\s0-9]|or\b|of\b|to\b|maybe\b|perhaps\b|and\b|but\b).*)?"


def parse_scores(text: str, scales: Mapping[str, Scale]) -> dict[str, int | float]:
    """Return one rating on its scale per criterion, from the last JSON object that names a criterion; a class as its place.

    The last object counts, because models reason first and answer last: an object quoted from a text of the pair before the
    answer has no effect, even if the answer is broken. Where an object opens the reply, no other one may follow. Scores are
    never combined from several objects. With one criterion, a lone rating such as "4", "4/5" or "yes" is accepted, see
    `find_rating` and `find_class`; with several, lines such as "fluency: 4", one per criterion and nothing else. Raises
    UnusableReply for a missing criterion, for true, a number or a name off the scale, a number in place of a class, or a
    repeated key.
    """
    if len(text) > LONGEST_REMEMBERED:
        return _parse_scores(text, scales)
    return dict(_parse_short_scores(text, tuple(scales.items())))


# Judges without reasoning write few different replies. `typed` keeps a reply that was cut off apart from an equal whole one.
@functools.lru_cache(maxsize=4096, typed=True)
def _parse_short_scores(text: str, scales: tuple[tuple[str, Scale], ...]) -> dict[str, int | float]:
    return _parse_scores(text, dict(scales))


def _parse_scores(text: str, scales: Mapping[str, Scale]) -> dict[str, int | float]:
    body = _skip_thinking(text)
    if not OBJECT_OPENS.search(body):
        cut_off = isinstance(text, CutOffText)
        with contextlib.suppress(UnusableReply):
            return _read_lines(body, scales, cut_off)
        if len(scales) > 1:
            raise UnusableReply("no JSON object with a score or text for a criterion, or the last object is broken")
        ((name, scale),) = scales.items()
        return {name: _find_lone_rating(body, scale, cut_off)}
    try:
        found = find_object(body, scales, may_open_reply=False)
    except UnusableReply:
        if len(scales) > 1:
            raise
        ((name, scale),) = scales.items()
        return {name: _read_lone_score(name, body, scale)}
    return {name: _read_score(name, found, scale) for name, scale in scales.items()}


def parse_instructions(text: str, criteria: Sequence[str], messages: Sequence[Message] = ()) -> dict[str, str]:
    """Return one non-empty text per criterion, from the last JSON object that names a criterion.

    An object or a list of texts, such as one per score, becomes one text with a line for each. Raises UnusableReply for a
    missing or too long text, for a repeated key, and for a text that says nothing (see `check_text`, also for `messages`).
    """
    found = find_object(_skip_thinking(text), criteria)
    instructions = {}
    for name in criteria:
        instruction = _clean_text(_read_instruction(found.get(name)))
        if not instruction:
            raise UnusableReply(f"no instruction for {name}")
        if len(instruction) > LONGEST_INSTRUCTION:
            raise UnusableReply(
                f"the instruction for {name} has {len(instruction)} characters, more than {LONGEST_INSTRUCTION}"
            )
        check_text(instruction, f"the instruction for {name}", messages, fewest_words=2)
        instructions[name] = instruction
    return instructions


def parse_text(text: str, messages: Sequence[Message] = ()) -> str:
    """Return the reply without a thinking block and an outer code fence.

    Raises UnusableReply if it is empty or too long, or says nothing (see `check_text`, also for `messages`).
    """
    body = _clean_text(_skip_thinking(text))
    lines = body.split("\n")
    if len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        body = "\n".join(lines[1:-1]).strip()
    if not body:
        raise UnusableReply("the reply is empty")
    check_text(body, "the reply", messages)
    return body


def parse_rating(text: str, low: int, high: int) -> int:
    """Return the rating of a reply, as a JSON object or as text, see `find_rating`. Raises UnusableReply without one."""
    body, scale = _clean_text(_skip_thinking(text)), _build_rating_scale(low, high)
    if OBJECT_OPENS.search(body):
        return int(_read_lone_score("", body, scale))
    return int(find_rating(body, scale, isinstance(text, CutOffText)))


@functools.cache
def _build_rating_scale(low: int, high: int) -> Scale:
    return build_scale([low, high])


def _find_lone_rating(body: str, scale: Scale, cut_off: bool) -> int | float:
    """Return the rating that a text without a JSON object states."""
    if scale.classes:
        return scale.classes.index(find_class(body, scale.classes, cut_off))
    return find_rating(body, scale, cut_off)


def _read_score(name: str, found: Mapping[str, Any], scale: Scale) -> int | float:
    """Return the score of a criterion: a rating, as text, as "4/5", or in an object that gives it with its reason."""
    if name not in found:
        raise UnusableReply(f"no score for {name}")
    value = found[name]
    if is_object(value):
        number = select_value(value, SCORE_KEYS | (CLASS_KEYS if scale.classes else set()))
        value = dict(value) if number is None else number
    value = _read_class_text(value, scale) if scale.classes else _read_number_text(value, scale)
    # JSON of Python may hold true, which equals 1.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    rating = scale.find_value(value) if is_number else None
    if rating is None:
        wanted = f"none of the classes {list_classes(scale.classes)}" if scale.classes else f"no {scale.describe()}"
        raise UnusableReply(f"the score for {name} is {str(value)[:40]!r}, {wanted}")
    return rating


def _read_class_text(value: Any, scale: Scale) -> Any:
    """Return the place of the class that a value of a JSON object names, and any other value as text."""
    # Classes may have the names "true" and "false", or numbers as names. No other number is the place of a class.
    text = str(value).lower() if isinstance(value, bool | int) else value
    name = read_class(scale.classes, text) if isinstance(text, str) else None
    return str(value) if name is None else scale.classes.index(name)


def _read_number_text(value: Any, scale: Scale) -> Any:
    """Return the number that a value of a JSON object is as text, such as "4/5 - no errors", and any other value unchanged."""
    # On a scale of whole numbers, digits after the point are zeros.
    digits = r"([+-]?[0-9]{1,6})(?:\.0+)?" if scale.is_whole else r"([+-]?[0-9]{1,6}(?:\.[0-9]{1,9})?)"
    pattern = rf"\s*{digits}(?:\s*(?:/|out of)\s*{re.escape(f'{scale.high:g}')}(?![\w/]))?{_REASON}\s*"
    if isinstance(value, str) and (number := re.fullmatch(pattern, value, re.DOTALL)):
        return int(number[1]) if scale.is_whole else float(number[1])
    return value


def _read_lone_score(name: str, body: str, scale: Scale) -> int | float:
    """Return the score in an object that names it and not the criterion, such as {"score": 4, "reason": "..."}.

    An object about another criterion than `name` does not count.
    """
    keys = {*SCORE_KEYS, *NAME_KEYS, *LABELS, *(CLASS_KEYS if scale.classes else ())}
    found = find_object(body, keys, may_open_reply=False)
    about = [value for key, value in found.items() if key in NAME_KEYS]
    scores = [value for key, value in found.items() if key not in NAME_KEYS and not isinstance(value, str | list)]
    scores = scores or [value for key, value in found.items() if key not in NAME_KEYS]
    if len(scores) != 1 or (name and about and about != [name]):
        raise UnusableReply("no JSON object with one score")
    return _read_score(name or "rating", {name or "rating": scores[0]}, scale)


def _read_lines(body: str, scales: Mapping[str, Scale], cut_off: bool) -> dict[str, int | float]:
    """Return the scores of a reply of lines such as "fluency: 4" or "**Fluency:** 4/5", one per criterion and no other one."""
    index = index_names(scales, fold_marked)
    plain = re.sub(r"[*`\"']", "", re.sub(r"^\s*```\w*\s*$", "", body, flags=re.MULTILINE))
    lines = [line for line in plain.split("\n") if line.strip()]
    if cut_off or len(lines) != len(scales) or max(map(len, lines)) > LONGEST_LINE:
        raise UnusableReply("other lines than one per criterion")
    named = dict(_split_line(line, index) for line in lines)
    if set(named) != set(scales):
        raise UnusableReply("other lines than one per criterion")
    return {name: _read_score(name, named, scale) for name, scale in scales.items()}


def _split_line(line: str, index: Mapping[str, str]) -> tuple[str, str]:
    """Return the criterion that a line names before a colon or equals sign, and its score; both are empty without a name."""
    for sign in re.finditer("[:=]", line):
        if name := find_name(index, line[: sign.start()].lstrip("#- \t\r")) or find_name(index, line[: sign.start()]):
            return name, re.sub(r"[\s,.]+\Z", "", line[sign.end() :].strip())
    return "", ""


def _read_instruction(value: Any) -> str:
    """Return an instruction: a text, or the texts of a list or of an object (one per score), a line each; else nothing."""
    if is_object(value):
        if isinstance(text := select_value(value, TEXT_KEYS), str):
            return text
        return "\n".join(f"{key}: {text}" for key, text in value) if all(isinstance(text, str) for _, text in value) else ""
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return "\n".join(value)
    return value if isinstance(value, str) else ""


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
