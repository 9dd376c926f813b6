"""Parsing of a request by its tags: the role that the model is to play and the texts that it is given."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from collide.experiment.scales import Scale, build_scale
from collide.llm.request import Message

TAG = re.compile(r"<(instruction|critique|suggestions) criteri(?:on|a)=\"([^\"]*)\">\n(.*?)\n</\1>", re.DOTALL)
RATING = re.compile(r"<rating criterion=\"([^\"]*)\" judge=\"([^\"]*)\"(?: experts=\"([^\"]*)\")?/>")
CRITERION = re.compile(r"<criterion name=\"([^\"]*)\"(?: scale=\"([^\"]*)\")?>\n(.*?)\n</criterion>", re.DOTALL)
_STRING = r"\"(?:[^\"\\\n]|\\.)*\""
CLASSES = rf"{_STRING}(?:, {_STRING})* or {_STRING}"
OUTPUT_KEY = re.compile(rf"({_STRING}): <((?:whole )?number from [^<>\n]+|{CLASSES})>")
NUMBERS = re.compile(r"(-?[\d.]+)(?: to |-)(-?[\d.]+)(?: in steps of ([\d.]+))?")
ORDERED = " (from low to high)"
CLASS_NAME = re.compile(_STRING)
WORD_LIMIT = re.compile(r"at most (\d+) words")

# The opening tag of a text of the pair stands alone on the first line of a user message, without attributes.
FIRST_TAG = re.compile(r"<([\w-]+)>\n")
NEXT_TAG = re.compile(r"\n</([\w-]+)>\n\n<([\w-]+)>(?=\n)")

# Different places where one tag follows another that are followed: a text can hold any number of them.
MOST_PLACES = 8

# The judge's rating as a request shows it if the judge's reply could not be read.
MISSING = "missing"

# For a request for a critique that states no limit.
DEFAULT_WORD_LIMIT = 150


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """The parts of a request.

    role: judge, loss, gradient, optimizer, specificity or adherence, or empty if the request is none of these.
    source: the inputs of the pair, joined by blank lines. output: the text that is judged.
    tags: the names of the tags that enclose the inputs and, last, the output.
    scales, instructions, descriptions: by criterion.
    ratings: the judge's and the experts' rating of each criterion as text; the latter is empty if it is not shown.
    feedback: critiques or suggestions, each with the criteria that its tag names.
    old, new: the two versions of an instruction that an evaluator compares.
    """

    # Built-in containers for all that seeds the draws of a reply by its text representation: other types would change replies.
    role: str
    source: str = ""
    output: str = ""
    tags: tuple[str, ...] = ()
    scales: dict[str, Scale] = field(default_factory=dict)
    instructions: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    ratings: dict[str, tuple[str, str]] = field(default_factory=dict)
    feedback: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    word_limit: int = DEFAULT_WORD_LIMIT
    old: str = ""
    new: str = ""


def parse_request(messages: Sequence[Message]) -> ParsedRequest:
    """Parse a request. Tags inside the texts of the pair are text and are ignored."""
    system = "\n".join(m["content"] for m in messages if m["role"] == "system")
    user = "\n".join(m["content"] for m in messages if m["role"] != "system")
    tags = find_tags(user)
    source, output, rest = split_pair(user, tags)
    whole = f"{system}\n{rest}"
    blocks = [(tag, _unquote(names), text) for tag, names, text in TAG.findall(whole)]
    criteria = [(_unquote(name), _unquote(scale), text) for name, scale, text in CRITERION.findall(whole)]
    instructions = {name: text.strip() for tag, name, text in blocks if tag == "instruction"}
    known = [*instructions, *(name for name, _, _ in criteria)]
    feedback = [(_split_names(names, known), text.strip()) for tag, names, text in blocks if tag != "instruction"]
    ratings = {_unquote(name): (_unquote(judge), _unquote(experts)) for name, judge, experts in RATING.findall(rest)}
    scales = {name: parse_scale(scale) for name, scale, _ in criteria if scale}
    limit = WORD_LIMIT.search(system)
    return ParsedRequest(
        role=_recognise_role(tags, rest, ratings, scales),
        source=source,
        output=output,
        tags=tags,
        scales={_load_string(key): parse_scale(scale) for key, scale in OUTPUT_KEY.findall(system)} or scales,
        instructions=instructions,
        descriptions={name: text.strip() for name, _, text in criteria},
        ratings=ratings,
        feedback=feedback or [((), text) for text in _find_blocks(rest, "suggestions")],
        word_limit=int(limit[1]) if limit else DEFAULT_WORD_LIMIT,
        old="\n".join(_find_blocks(rest, "old_instruction")),
        new="\n".join(_find_blocks(rest, "new_instruction")),
    )


def parse_scale(text: str) -> Scale:
    """Return the scale that a prompt states.

    >>> parse_scale("whole number from 1 to 3").values, parse_scale("0-1 in steps of 0.5").values
    ((1, 2, 3), (0, 0.5, 1))
    >>> parse_scale('"no" or "yes"').classes, parse_scale("poor | fair | good (from low to high)").classes
    (('no', 'yes'), ('poor', 'fair', 'good'))
    """
    if numbers := NUMBERS.fullmatch(re.sub(r"^(?:whole )?number from ", "", text)):
        low, high, step = numbers.groups()
        return build_scale([int(low), int(high)] if step is None else {"low": low, "high": high, "step": step})
    if re.fullmatch(CLASSES, text):
        return build_scale({"classes": list(map(_load_string, CLASS_NAME.findall(text)))})
    classes = text.removesuffix(ORDERED)
    return build_scale({"classes": classes.split(" | "), "ordered": classes != text})


def find_scale(instruction: str) -> Scale | None:
    """Return the scale that an instruction names: "from 1 to 5", or the classes that stand in it in quotation marks.

    >>> find_scale("Rate from 0 to 1 in steps of 0.5.").values, find_scale('Say "yes" or "no".').classes
    ((0, 0.5, 1), ('yes', 'no'))
    """
    if numbers := re.search(r"\bfrom (-?\d+) to (-?\d+)(?: in steps of (\d+(?:\.\d+)?))?", instruction):
        low, high, step = numbers.groups()
        if int(low) < int(high):
            return build_scale({"low": low, "high": high, "step": step or "1"})
    classes = list(dict.fromkeys(_load_string(name) for name in CLASS_NAME.findall(instruction)))
    return build_scale({"classes": classes}) if len(classes) > 1 else None


# The judge's requests for one pair come one after the other, with the same user message.
@functools.lru_cache(maxsize=8192)
def find_tags(user: str) -> tuple[str, ...]:
    """Return the names of the tags that enclose the texts of the pair in a user message; empty if it has no pair.

    A tag belongs to the pair if it opens the message, or stands right after the closing tag of one that does. A text may hold
    such a place, too: of all sequences of tags, the one whose last tag closes last in the message counts.
    """
    if not (first := FIRST_TAG.match(user)):
        return ()
    followers: dict[str, dict[str, None]] = {}
    for before, after in NEXT_TAG.findall(user):
        if sum(map(len, followers.values())) < MOST_PLACES:
            followers.setdefault(before, {})[after] = None

    def list_sequences(tags: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield tags
        for after in followers.get(tags[-1], ()):
            if after not in tags:
                yield from list_sequences((*tags, after))

    place, _, found = max((user.rfind(f"\n</{tags[-1]}>"), len(tags), tags) for tags in list_sequences((first[1],)))
    return found if place >= 0 else ()


def split_pair(user: str, tags: Sequence[str]) -> tuple[str, str, str]:
    """Return the joined inputs, the output and the remaining text of a user message whose pair has these tags.

    The output ends at its last closing tag. Each input ends at the last place where the next text opens right after it. So
    closing tags inside a text do not end it.
    """
    if not tags:
        return "", "", user
    end = after = user.rfind(f"\n</{tags[-1]}>")
    texts: list[str] = []
    for tag, following in zip(reversed(tags[:-1]), reversed(tags[1:]), strict=True):
        between = f"\n</{tag}>\n\n<{following}>\n"
        place = user.rfind(between, 0, after)
        if place < 0:
            break
        texts.insert(0, user[place + len(between) : after])
        after = place
    texts.insert(0, user[len(tags[0]) + 3 : after])
    return "\n\n".join(texts[:-1]), texts[-1], user[end + len(tags[-1]) + 4 :]


def _recognise_role(tags: Sequence[str], rest: str, ratings: dict[str, tuple[str, str]], scales: dict[str, Scale]) -> str:
    if "<new_instruction>" in rest:
        return "adherence"
    if ratings:
        # A request for a critique may leave out the pair.
        return "loss" if all(experts for _, experts in ratings.values()) else "gradient"
    if tags:
        return "judge"
    if "<suggestions" in rest:
        return "optimizer" if scales else "specificity"
    return ""


def _split_names(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the criteria that an attribute lists. A name with a comma is found among the known names."""
    if any("," in name for name in known):
        return tuple(dict.fromkeys(name for name in known if name in text))
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _load_string(text: str) -> str:
    """Return the text that a string of JSON holds; a string with a wrong escape holds itself."""
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _unquote(attribute: str) -> str:
    return attribute.replace("&quot;", '"')


def _find_blocks(text: str, tag: str) -> list[str]:
    return [block.strip() for block in re.findall(rf"<{tag}>\n(.*?)\n</{tag}>", text, re.DOTALL)]
