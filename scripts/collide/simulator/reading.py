"""What a simulated model makes out in its messages: the role it is to play and the texts it is given, by their tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from collide.llm.request import Message

TAG = re.compile(r"<(instruction|critique|suggestions) criteri(?:on|a)=\"([^\"]*)\">\n(.*?)\n</\1>", re.DOTALL)
RATING = re.compile(r"<rating criterion=\"([^\"]*)\" judge=\"([^\"]*)\"(?: experts=\"([^\"]*)\")?/>")
CRITERION = re.compile(r"<criterion name=\"([^\"]*)\"(?: scale=\"(-?\d+)-(-?\d+)\")?>\n(.*?)\n</criterion>", re.DOTALL)
ASKED = re.compile(r"\"([^\"]+)\": <whole number from (-?\d+) to (-?\d+)>")
LIMIT = re.compile(r"at most (\d+) words")


@dataclass(frozen=True, slots=True)
class Reading:
    """A request as read. `role` is judge, loss, gradient, optimizer, specificity, adherence, or empty for anything else."""

    role: str
    article: str = ""
    summary: str = ""
    scales: dict[str, tuple[int, int]] = field(default_factory=dict)
    instructions: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    ratings: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    words: int = 150
    old: str = ""
    new: str = ""


def read(messages: Sequence[Message]) -> Reading:
    """Read a request. What stands inside the article and the summary is never taken for a tag of the request."""
    system = "\n".join(m["content"] for m in messages if m["role"] == "system")
    user = "\n".join(m["content"] for m in messages if m["role"] != "system")
    article, summary, rest = split_pair(user)
    whole = f"{system}\n{rest}"
    tags = TAG.findall(whole)
    notes = [(_names(criteria), text.strip()) for tag, criteria, text in tags if tag != "instruction"]
    criteria = CRITERION.findall(whole)
    ratings = {name: (judge, experts) for name, judge, experts in RATING.findall(rest)}
    scales = {name: (int(low), int(high)) for name, low, high, _ in criteria if low}
    limit = LIMIT.search(system)
    return Reading(
        role=_role(article, rest, ratings, scales),
        article=article,
        summary=summary,
        scales={name: (int(low), int(high)) for name, low, high in ASKED.findall(system)} or scales,
        instructions={name: text.strip() for tag, name, text in tags if tag == "instruction"},
        descriptions={name: text.strip() for name, _, _, text in criteria},
        ratings=ratings,
        notes=notes or [((), text) for text in _blocks(rest, "suggestions")],
        words=int(limit[1]) if limit else 150,
        old="\n".join(_blocks(rest, "old_instruction")),
        new="\n".join(_blocks(rest, "new_instruction")),
    )


def split_pair(user: str) -> tuple[str, str, str]:
    """Article, summary, and what else a user message says.

    The summary ends at the last closing tag and the article at the last place where a summary opens right after it, so
    that tags written inside either do not end it.
    """
    opening, between, closing = "<article>\n", "\n</article>\n\n<summary>\n", "\n</summary>"
    start, middle, end = user.find(opening), user.rfind(between), user.rfind(closing)
    if not 0 <= start < middle < end:
        return "", "", user
    article = user[start + len(opening) : middle]
    return article, user[middle + len(between) : end], user[:start] + user[end + len(closing) :]


def _role(article: str, rest: str, ratings: dict[str, tuple[str, str]], scales: dict[str, tuple[int, int]]) -> str:
    if "<new_instruction>" in rest:
        return "adherence"
    if article:
        if not ratings:
            return "judge"
        return "loss" if all(experts for _, experts in ratings.values()) else "gradient"
    if "<suggestions" in rest:
        return "optimizer" if scales else "specificity"
    return ""


def _names(criteria: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in criteria.split(",") if name.strip())


def _blocks(text: str, tag: str) -> list[str]:
    return [block.strip() for block in re.findall(rf"<{tag}>\n(.*?)\n</{tag}>", text, re.DOTALL)]
