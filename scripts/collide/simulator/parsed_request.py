"""Parsing of a request by its tags: the role that the model is to play and the texts that it is given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from collide.llm.request import Message

TAG = re.compile(r"<(instruction|critique|suggestions) criteri(?:on|a)=\"([^\"]*)\">\n(.*?)\n</\1>", re.DOTALL)
RATING = re.compile(r"<rating criterion=\"([^\"]*)\" judge=\"([^\"]*)\"(?: experts=\"([^\"]*)\")?/>")
CRITERION = re.compile(r"<criterion name=\"([^\"]*)\"(?: scale=\"(-?\d+)-(-?\d+)\")?>\n(.*?)\n</criterion>", re.DOTALL)
OUTPUT_KEY = re.compile(r"\"([^\"]+)\": <whole number from (-?\d+) to (-?\d+)>")
WORD_LIMIT = re.compile(r"at most (\d+) words")

# The judge's rating as a request shows it if the judge's reply could not be read.
MISSING = "missing"

# For a request for a critique that states no limit.
DEFAULT_WORD_LIMIT = 150


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """The parts of a request.

    role: judge, loss, gradient, optimizer, specificity or adherence, or empty if the request is none of these.
    scales, instructions, descriptions: by criterion.
    ratings: the judge's and the experts' rating of each criterion as text; the latter is empty if it is not shown.
    feedback: critiques or suggestions, each with the criteria that its tag names.
    old, new: the two versions of an instruction that an evaluator compares.
    """

    # Built-in containers only: their text representation seeds the draws of a reply, so other types would change replies.
    role: str
    article: str = ""
    summary: str = ""
    scales: dict[str, tuple[int, int]] = field(default_factory=dict)
    instructions: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    ratings: dict[str, tuple[str, str]] = field(default_factory=dict)
    feedback: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    word_limit: int = DEFAULT_WORD_LIMIT
    old: str = ""
    new: str = ""


def parse_request(messages: Sequence[Message]) -> ParsedRequest:
    """Parse a request. Tags inside the article and the summary are text and are ignored."""
    system = "\n".join(m["content"] for m in messages if m["role"] == "system")
    user = "\n".join(m["content"] for m in messages if m["role"] != "system")
    article, summary, rest = split_pair(user)
    whole = f"{system}\n{rest}"
    tags = TAG.findall(whole)
    feedback = [(_split_names(criteria), text.strip()) for tag, criteria, text in tags if tag != "instruction"]
    criteria = CRITERION.findall(whole)
    ratings = {name: (judge, experts) for name, judge, experts in RATING.findall(rest)}
    scales = {name: (int(low), int(high)) for name, low, high, _ in criteria if low}
    limit = WORD_LIMIT.search(system)
    return ParsedRequest(
        role=_recognise_role(article, rest, ratings, scales),
        article=article,
        summary=summary,
        scales={name: (int(low), int(high)) for name, low, high in OUTPUT_KEY.findall(system)} or scales,
        instructions={name: text.strip() for tag, name, text in tags if tag == "instruction"},
        descriptions={name: text.strip() for name, _, _, text in criteria},
        ratings=ratings,
        feedback=feedback or [((), text) for text in _find_blocks(rest, "suggestions")],
        word_limit=int(limit[1]) if limit else DEFAULT_WORD_LIMIT,
        old="\n".join(_find_blocks(rest, "old_instruction")),
        new="\n".join(_find_blocks(rest, "new_instruction")),
    )


def split_pair(user: str) -> tuple[str, str, str]:
    """Return the article, the summary and the remaining text of a user message; the first two are empty if it has no pair.

    The summary ends at the last closing tag. The article ends at the last place where a summary opens right after it. So
    closing tags inside either text do not end it.
    """
    opening, between, closing = "<article>\n", "\n</article>\n\n<summary>\n", "\n</summary>"
    start, middle, end = user.find(opening), user.rfind(between), user.rfind(closing)
    if not 0 <= start < middle < end:
        return "", "", user
    article = user[start + len(opening) : middle]
    return article, user[middle + len(between) : end], user[:start] + user[end + len(closing) :]


def _recognise_role(article: str, rest: str, ratings: dict[str, tuple[str, str]], scales: dict[str, tuple[int, int]]) -> str:
    if "<new_instruction>" in rest:
        return "adherence"
    if ratings:
        # A request for a critique may leave out the pair.
        return "loss" if all(experts for _, experts in ratings.values()) else "gradient"
    if article:
        return "judge"
    if "<suggestions" in rest:
        return "optimizer" if scales else "specificity"
    return ""


def _split_names(criteria: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in criteria.split(",") if name.strip())


def _find_blocks(text: str, tag: str) -> list[str]:
    return [block.strip() for block in re.findall(rf"<{tag}>\n(.*?)\n</{tag}>", text, re.DOTALL)]
