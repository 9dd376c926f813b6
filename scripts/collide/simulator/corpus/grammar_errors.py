"""Grammar errors: functions that take a correct statement and return it with an error."""

from __future__ import annotations

import re
from collections.abc import Callable

from collide.simulator.random_draws import RandomStream

DROPPABLE = frozenset("a an the of to in on at by with for from and that has have had was were is are be been".split())
DISAGREEMENTS = {
    "was": "were",
    "were": "was",
    "is": "are",
    "are": "is",
    "has": "have",
    "have": "has",
    "will": "wills",
    "says": "say",
    "takes": "taken",
    "found": "finded",
    "told": "telled",
    "took": "taked",
    "came": "comed",
    "went": "goed",
    "lost": "losed",
    "said": "sayed",
}


def drop_words(text: str, stream: RandomStream) -> str:
    """Remove up to four function words."""
    words = text.split(" ")
    places = [index for index, word in enumerate(words) if index and word in DROPPABLE]
    dropped = set(stream.shuffle_items(places)[: stream.draw_integer(2, 4)])
    return " ".join(word for index, word in enumerate(words) if index not in dropped)


def double_words(text: str, stream: RandomStream) -> str:
    """Repeat one or two words at once."""
    words = text.split(" ")
    start, length = stream.draw_integer(1, max(1, len(words) - 3)), stream.draw_integer(1, 2)
    return " ".join(words[: start + length] + words[start : start + length] + words[start + length :])


def break_agreement(text: str, stream: RandomStream) -> str:
    """Put up to two verbs into a wrong form. A statement without such verbs loses words instead."""
    places = [match for match in re.finditer(r"\b[a-z]+\b", text) if match[0] in DISAGREEMENTS]
    if not places:
        return drop_words(text, stream)
    # From the end, so that a replacement does not move the places before it.
    for match in sorted(stream.shuffle_items(places)[:2], key=lambda match: -match.start()):
        text = text[: match.start()] + DISAGREEMENTS[match[0]] + text[match.end() :]
    return text


def lower_case(text: str, stream: RandomStream) -> str:
    """Return the text in lower case without its full stop."""
    return text.lower().rstrip(".")


def cut_off(text: str, stream: RandomStream) -> str:
    """Keep the first 40% to 75% of the words."""
    words = text.split(" ")
    kept = max(3, int(len(words) * (0.4 + 0.35 * stream.draw_fraction())))
    return " ".join(words[:kept]).rstrip(",.;:")


def swap_words(text: str, stream: RandomStream) -> str:
    """Swap neighbouring words in two or three places."""
    words = text.split(" ")
    for _ in range(stream.draw_integer(2, 3)):
        place = stream.draw_integer(1, max(1, len(words) - 2))
        words[place : place + 2] = words[place : place + 2][::-1]
    return " ".join(words)


# By the names that `systems.py` uses.
GRAMMAR_ERRORS: dict[str, Callable[[str, RandomStream], str]] = {
    function.__name__: function for function in (drop_words, double_words, break_agreement, lower_case, cut_off, swap_words)
}
