"""From wordings with slots to sentences: names, first mentions, articles, capitals, punctuation."""

from __future__ import annotations

import re

from collide.simulator.corpus.names import SMALL, Person, Value, Values, surface

SLOT = re.compile(r"\{([a-z_0-9]+)(?:\.([a-z0-9]+))?('s)?\}")
THOUSANDS = re.compile(rf"\b({'|'.join(SMALL)})(?=,000)")
INDEFINITE = re.compile(r"\b([Aa])n? (?=([A-Za-z0-9][\w-]*))")
SOUNDED_CONSONANT = ("uni", "use", "usu", "one", "euro", "ufo", "once", "utensil")
SILENT_H = ("hour", "honest", "honour", "heir")


class Teller:
    """Tells the wordings of one text one after the other, and introduces each person when they are first named."""

    def __init__(self) -> None:
        self._introduced: set[str] = set()

    def tell(self, wording: str, values: Values) -> str:
        """A wording as text, with `values` for its slots."""
        return polish(SLOT.sub(lambda match: self._word(match, values), wording))

    def meet(self, text: str, values: Values) -> None:
        """Take note of the people whom a text of other origin introduces."""
        people = {name: value for name, value in values.items() if isinstance(value, Person)}
        self._introduced |= {name for name, person in people.items() if person.word("name") in text}

    def _word(self, match: re.Match[str], values: Values) -> str:
        name, form, possessive = match.groups()
        value = values[name]
        if not isinstance(value, Person):
            return value.forms[int(form) - 1 if form else 0] + (possessive or "")
        if form and form != "name":
            return value.word(form)
        known = name in self._introduced
        self._introduced.add(name)
        if possessive:
            full = value.word("last" if known else "name")
            return full + "'s"
        if form == "name":
            return value.word("name")
        if known:
            return value.last
        introduction = value.introduction.replace("{name}", value.word("name"))
        return SLOT.sub(lambda inner: self._word(inner, values), introduction)


def polish(text: str) -> str:
    """Mend what meets at the borders of slots: doubled commas, three,000, a or an, capitals after a full stop."""
    text = re.sub(r",(?=[.,;:?!]|$)", "", text)
    text = THOUSANDS.sub(lambda match: str(SMALL.index(match[0])), text)
    text = INDEFINITE.sub(lambda match: match[1] + ("n " if _vowel(match[2]) else " "), text)
    return re.sub(r'(^"?|[.?!] "?|\." "?)([a-z])', lambda match: match[1] + match[2].upper(), text)


def mentions(text: str, value: Value) -> bool:
    """Whether a text holds the (first) form of a value as words of their own."""
    return re.search(_pattern(surface(value)), text) is not None


def exchange(text: str, old: Value, new: Value) -> str:
    """A text with one value in the place of another, in all their forms."""
    for before, after in zip(_forms(old), _forms(new), strict=True):
        text = re.sub(_pattern(before), after, text)
    return polish(text)


def _forms(value: Value) -> tuple[str, ...]:
    return (value.first, value.last) if isinstance(value, Person) else value.forms


def _pattern(words: str) -> str:
    return rf"(?<![\w,.-]){re.escape(words)}(?![\w])" if words[0].isdigit() else rf"\b{re.escape(words)}\b"


def _vowel(word: str) -> bool:
    """Whether a word begins with a vowel as it is spoken.

    >>> [_vowel(word) for word in ("apple", "hour", "union", "11", "8-metre", "120", "80,000")]
    [True, True, False, True, True, False, True]
    """
    low = word.lower()
    if low[0].isdigit():
        return low.startswith("8") or re.match(r"(11|18)(?!\d)", low) is not None
    if low.startswith(SOUNDED_CONSONANT):
        return False
    return low.startswith(SILENT_H) or low[0] in "aeiou"
