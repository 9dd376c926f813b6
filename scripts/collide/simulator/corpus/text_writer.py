"""Sentences from wordings with slots, with correct first mentions of people, articles, capitals and punctuation."""

from __future__ import annotations

import re

from collide.simulator.corpus.slot_values import SMALL_NUMBERS, Person, Value, Values, main_form

# {slot}; {slot.2}, its second form; {slot.he}, a pronoun for a person; {slot's}, a possessive.
SLOT = re.compile(r"\{([a-z_0-9]+)(?:\.([a-z0-9]+))?('s)?\}")
THOUSANDS = re.compile(rf"\b({'|'.join(SMALL_NUMBERS)})(?=,000)")
INDEFINITE = re.compile(r"\b([Aa])n? (?=([A-Za-z0-9][\w-]*))")
# Starts of words that are written with a vowel and spoken with a consonant.
SPOKEN_CONSONANT = ("uni", "use", "usu", "one", "euro", "ufo", "once", "utensil")
SILENT_H = ("hour", "honest", "honour", "heir")


class TextWriter:
    """Writes the sentences of one text in order, and introduces each person where they are first named."""

    def __init__(self) -> None:
        self._introduced: set[str] = set()

    def write_sentence(self, wording: str, values: Values) -> str:
        """Return a wording with `values` in its slots."""
        return polish_text(SLOT.sub(lambda match: self._fill_slot(match, values), wording))

    def add_sentence(self, text: str, values: Values) -> None:
        """Register a finished sentence: people whom it names in full need no introduction after it."""
        people = {name: value for name, value in values.items() if isinstance(value, Person)}
        self._introduced |= {name for name, person in people.items() if person.format_reference("name") in text}

    def _fill_slot(self, match: re.Match[str], values: Values) -> str:
        name, form, possessive = match.groups()
        value = values[name]
        if not isinstance(value, Person):
            return value.forms[int(form) - 1 if form else 0] + (possessive or "")
        if form and form != "name":
            return value.format_reference(form)
        known = name in self._introduced
        self._introduced.add(name)
        if possessive:
            full = value.format_reference("last" if known else "name")
            return full + "'s"
        if form == "name":
            return value.format_reference("name")
        if known:
            return value.last
        introduction = value.introduction.replace("{name}", value.format_reference("name"))
        return SLOT.sub(lambda inner: self._fill_slot(inner, values), introduction)


def polish_text(text: str) -> str:
    """Correct the borders of filled slots: doubled commas, "three,000", a or an, and capitals at the start of sentences."""
    text = re.sub(r",(?=[.,;:?!]|$)", "", text)
    text = THOUSANDS.sub(lambda match: str(SMALL_NUMBERS.index(match[0])), text)
    text = INDEFINITE.sub(lambda match: match[1] + ("n " if _starts_with_vowel(match[2]) else " "), text)
    return re.sub(r'(^"?|[.?!] "?|\." "?)([a-z])', lambda match: match[1] + match[2].upper(), text)


def mentions_value(text: str, value: Value) -> bool:
    """Return whether a text contains the main form of a value as separate words."""
    return re.search(_word_pattern(main_form(value)), text) is not None


def replace_value(text: str, old: Value, new: Value) -> str:
    """Return a text with each form of one value replaced by that of another."""
    for before, after in zip(_list_forms(old), _list_forms(new), strict=True):
        text = re.sub(_word_pattern(before), after, text)
    return polish_text(text)


def _list_forms(value: Value) -> tuple[str, ...]:
    return (value.first, value.last) if isinstance(value, Person) else value.forms


def _word_pattern(words: str) -> str:
    # A number must not be part of a longer one: "12" is not replaced in "12,000" or "120".
    return rf"(?<![\w,.-]){re.escape(words)}(?![\w])" if words[0].isdigit() else rf"\b{re.escape(words)}\b"


def _starts_with_vowel(word: str) -> bool:
    """Return whether a word begins with a vowel as it is spoken, for the choice between a and an.

    >>> [_starts_with_vowel(word) for word in ("apple", "hour", "union", "11", "8-metre", "120", "80,000")]
    [True, True, False, True, True, False, True]
    """
    low = word.lower()
    if low[0].isdigit():
        return low.startswith("8") or re.match(r"(11|18)(?!\d)", low) is not None
    if low.startswith(SPOKEN_CONSONANT):
        return False
    return low.startswith(SILENT_H) or low[0] in "aeiou"
