"""Parsing of story files, the events of the embedded corpus as text that people can read and edit.

    story library-branch
    town = town
    head = person: {name}, who heads the library service,
    votes = int: 18 24

    ! {town} will lose a library after councillors voted {votes} to nine to close it.
    / The council in {town} ...
    ~ Councillors in {town} voted to close a library.

A story has a name, slots, and facts in the order of the article. A fact begins with a mark for its weight: `!` is a main
point, `+` supports one, `-` is a detail. A line with `/` is another wording of the fact above, one with `~` a short wording
for summaries. A file begins with a `context`: slots and facts, marked `*`, that fit each of its stories. Lines that begin
with `#` are comments. The kinds of slots are in `slot_values.draw_value`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

STORY_FOLDER = Path(__file__).with_name("stories")
# Importance of a fact for a summary. Systems rank facts by weight and a random number (see `summaries`). The steps are so large
# that a system that prefers main points nearly always selects them.
FACT_WEIGHTS = {"!": 3.0, "+": 1.0, "-": 0.3, "*": 0.2}


@dataclass(slots=True)
class Fact:
    """A fact of a story: wordings with slots, and `gist`, a short wording for summaries (empty if there is none)."""

    weight: float
    wordings: list[str]
    gist: str = ""


@dataclass(slots=True)
class Story:
    """A kind of event: its slots, each with the rule for its values, and its facts in the order of the article."""

    name: str
    slots: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)


def parse_stories(text: str) -> list[Story]:
    """Return the stories of a file's text. Raises ValueError with the number of the first invalid line."""
    stories: list[Story] = []
    for number, line in enumerate(text.splitlines(), start=1):
        mark, _, rest = line.strip().partition(" ")
        if mark in ("story", "context"):
            stories.append(Story(rest or mark))
        elif not mark or mark.startswith("#"):
            continue
        elif not stories:
            raise ValueError(f"line {number}: expected `story <name>` before anything else")
        elif mark in FACT_WEIGHTS:
            stories[-1].facts.append(Fact(FACT_WEIGHTS[mark], [rest]))
        elif mark == "/" and stories[-1].facts:
            stories[-1].facts[-1].wordings.append(rest)
        elif mark == "~" and stories[-1].facts:
            stories[-1].facts[-1].gist = rest
        elif rest.startswith("= "):
            stories[-1].slots[mark] = rest.removeprefix("= ")
        else:
            raise ValueError(f"line {number}: {line!r} is neither a slot nor a fact")
    return stories


@cache
def read_stories() -> tuple[Story, ...]:
    """Return all stories of the story folder, each with its file's context, by file name and in the order of the file."""
    return tuple(
        Story(story.name, story.slots | context.slots, story.facts + context.facts)
        for file in sorted(STORY_FOLDER.glob("*.txt"))
        for context, *stories in [parse_stories(file.read_text(encoding="utf-8"))]
        for story in stories
    )
