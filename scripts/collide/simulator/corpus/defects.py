"""Faults of grammar: each takes a statement and gives it back broken."""

from __future__ import annotations

import re
from collections.abc import Callable

from collide.simulator.corpus.draws import Draws

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


def drop_words(text: str, draws: Draws) -> str:
    """Leave out up to four function words."""
    words = text.split(" ")
    places = [index for index, word in enumerate(words) if index and word in DROPPABLE]
    gone = set(draws.shuffled(places)[: draws.whole(2, 4)])
    return " ".join(word for index, word in enumerate(words) if index not in gone)


def double_word(text: str, draws: Draws) -> str:
    """Say one or two words twice in a row."""
    words = text.split(" ")
    start, length = draws.whole(1, max(1, len(words) - 3)), draws.whole(1, 2)
    return " ".join(words[: start + length] + words[start : start + length] + words[start + length :])


def agreement(text: str, draws: Draws) -> str:
    """Put up to two verbs into a form that does not agree; a statement without such verbs loses words instead."""
    places = [match for match in re.finditer(r"\b[a-z]+\b", text) if match[0] in DISAGREEMENTS]
    if not places:
        return drop_words(text, draws)
    for match in sorted(draws.shuffled(places)[:2], key=lambda match: -match.start()):
        text = text[: match.start()] + DISAGREEMENTS[match[0]] + text[match.end() :]
    return text


def lower_case(text: str, draws: Draws) -> str:
    """Write all in lower case, without the full stop."""
    return text.lower().rstrip(".")


def fragment(text: str, draws: Draws) -> str:
    """Break off in the middle."""
    words = text.split(" ")
    kept = max(3, int(len(words) * (0.4 + 0.35 * draws.unit())))
    return " ".join(words[:kept]).rstrip(",.;:")


def swap_words(text: str, draws: Draws) -> str:
    """Exchange neighbouring words in up to three places."""
    words = text.split(" ")
    for _ in range(draws.whole(2, 3)):
        place = draws.whole(1, max(1, len(words) - 2))
        words[place : place + 2] = words[place : place + 2][::-1]
    return " ".join(words)


FAULTS: dict[str, Callable[[str, Draws], str]] = {
    fault.__name__: fault for fault in (drop_words, double_word, agreement, lower_case, fragment, swap_words)
}
