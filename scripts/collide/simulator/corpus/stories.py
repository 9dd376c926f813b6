"""Story files: what can happen in the embedded corpus, as text that people read and write.

    story library-branch
    town = town
    head = person: {name}, who heads the library service,
    votes = int: 18 24

    ! {town} will lose a library after councillors voted {votes} to nine to close it.
    / The council in {town} ...
    ~ Councillors in {town} voted to close a library.

A story is a name, its slots, and its facts in the order of the article. A fact begins with its weight: `!` is a main
point, `+` supports one, `-` is colour. Lines with `/` are other wordings of the fact above, `~` a short one for
summaries. A file begins with a `context`: slots and facts, marked `*`, that fit each of its stories. Lines that begin
with `#` are comments. `names.py` says what slots there are and what they give.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

STORY_FOLDER = Path(__file__).with_name("stories")
WEIGHTS = {"!": 3.0, "+": 1.0, "-": 0.3, "*": 0.2}
"""How much a fact matters to the summary of its story."""


@dataclass(slots=True)
class Fact:
    """Something that an article tells: wordings with slots, and a short one for summaries (empty where there is none)."""

    weight: float
    wordings: list[str]
    gist: str = ""


@dataclass(slots=True)
class Story:
    """A kind of event: its slots (name -> what may fill it) and its facts in the order of telling."""

    name: str
    slots: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)


def parse_stories(text: str) -> list[Story]:
    """The stories of a file's text. Raises ValueError naming the first line that is none of the format."""
    stories: list[Story] = []
    for number, line in enumerate(text.splitlines(), start=1):
        mark, _, rest = line.strip().partition(" ")
        if mark in ("story", "context"):
            stories.append(Story(rest or mark))
        elif not mark or mark.startswith("#"):
            continue
        elif not stories:
            raise ValueError(f"line {number}: expected `story <name>` first")
        elif mark in WEIGHTS:
            stories[-1].facts.append(Fact(WEIGHTS[mark], [rest]))
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
def all_stories() -> tuple[Story, ...]:
    """Every story of the story folder, by file name, then in the order of the file, with its file's context."""
    return tuple(
        Story(story.name, story.slots | context.slots, story.facts + context.facts)
        for file in sorted(STORY_FOLDER.glob("*.txt"))
        for context, *stories in [parse_stories(file.read_text(encoding="utf-8"))]
        for story in stories
    )
