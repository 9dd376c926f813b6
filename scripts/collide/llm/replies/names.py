"""Find the names of criteria and of classes in replies: as written, or in other case, quotes, blanks and hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from collide.llm.request import UnusableReply

# Words that may stand before a class: "Rating: yes", "The answer is yes".
CLASS_LABELS = ("rating", "score", "answer", "class", "label", "category", "verdict")
# Ends of keys that add nothing to a name: "fluency_score".
_KEY_END = re.compile(r"[ _-](?:score|rating|instruction)$")
_MARKUP = re.compile(r"[*`\"'\u2018\u2019\u201c\u201d\u201e]")
_GAP = re.compile(r"[\s_-]+")
_LABEL = re.compile(
    rf"\W*(?:(?:the|my|final|overall)\s+){{0,4}}(?:{'|'.join(CLASS_LABELS)})\s*(?:[:=]|\bis\b)\s*", re.IGNORECASE
)
_BOX = re.compile(
    rf"<({'|'.join(CLASS_LABELS)})>([^<>]{{0,200}})</\1>|\\boxed\{{(?:\\text\{{)?([^{{}}]{{0,200}})\}}", re.IGNORECASE
)
# Text after a class that gives its reason: "yes - it is polite". Not "yes/no", "yes or no", "non-fiction" after "non".
_REASON = re.compile(
    r"(?:\s+[-\u2013\u2014]\s+|\s*[:,;.](?:\s+|\Z)|\s*\(|\s+because\b)\s*(?!or\b|and\b|but\b|maybe\b|perhaps\b)",
    re.IGNORECASE,
)


def fold_name(text: str) -> str:
    """Return a text in lower case, with one blank for blanks, hyphens and underscores.

    >>> fold_name(" Self-Coherence "), fold_name("self_coherence")
    ('self coherence', 'self coherence')
    """
    return _GAP.sub(" ", _lower(text).strip())


def fold_marked(text: str) -> str:
    """Return a text as `fold_name` does, without quotes and marks of Markdown."""
    return fold_name(_lower_plain(text))


def index_names(names: Iterable[str], fold: Callable[[str], str] = fold_name) -> dict[str, str]:
    """Return the names by themselves and by their folded forms, without the folded forms that several names share."""
    folded: dict[str, list[str]] = {}
    for name in (listed := list(names)):
        folded.setdefault(fold(name), []).append(name)
    return {form: found[0] for form, found in folded.items() if len(found) == 1} | {name: name for name in listed}


def find_name(index: Mapping[str, str], text: str) -> str | None:
    """Return the name of an index (`index_names`) that a text is, or None."""
    return index.get(text) or index.get(fold_name(text))


def find_key(index: Mapping[str, str], key: str) -> str | None:
    """Return the name that a key of an object stands for, such as "fluency" for "Fluency_score", or None."""
    return find_name(index, key) or find_name(index, clean_key(key))


def clean_key(key: str) -> str:
    """Return a key in lower case, without an end such as "_score"."""
    return _KEY_END.sub("", key.strip().lower())


def read_class(classes: Sequence[str], text: str) -> str | None:
    """Return the class that a text is, possibly followed by a reason that names no other class; None if it is none."""
    index = index_names(classes, fold_marked)
    plain = text.strip()
    if found := find_name(index, plain) or index.get(fold_marked(plain)) or index.get(fold_marked(plain).rstrip(".,;! ")):
        return found
    lowered = _lower_plain(plain)
    # A longer class may open with a shorter one: "not harmful", "not".
    for name in sorted(classes, key=len, reverse=True):
        start = _lower_plain(name)
        if start and lowered.startswith(start) and (reason := _REASON.match(lowered, len(start))):
            named = [other for other in classes if other != name and _names_class(lowered[reason.end() :], other)]
            return None if named else name
    return None


def find_class(text: str, classes: Sequence[str], cut_off: bool = False) -> str:
    """Return the one class that a text states: alone on its first or last line, after a label, tagged, or boxed.

    A class at the end of a text that was `cut_off` does not count: it may be the start of another one. Raises UnusableReply for
    no class or several.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip(" \t\r`")]
    found = {name for box in _BOX.finditer(text) if (name := read_class(classes, box[2] or box[3] or ""))}
    for place, line in enumerate(lines):
        label = _LABEL.match(line)
        if not label and place not in (0, len(lines) - 1):
            continue
        stated = line[label.end() :] if label else line.lstrip("#> ")
        name = read_class(classes, stated)
        if name and not (cut_off and place == len(lines) - 1):
            found.add(name)
    if len(found) != 1:
        raise UnusableReply(f"expected one of the classes {list_classes(classes)}, found {len(found)}")
    return found.pop()


def list_classes(classes: Sequence[str]) -> str:
    """Return the classes for a message.

    >>> list_classes(["no", "yes"])
    "'no', 'yes'"
    """
    return ", ".join(map(repr, classes))


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _lower_plain(text: str) -> str:
    return _MARKUP.sub("", _lower(text))


def _names_class(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(_lower_plain(name))}(?!\w)", text) is not None
