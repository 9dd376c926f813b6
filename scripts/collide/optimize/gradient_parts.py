"""The part of a textual gradient that is about one criterion, found by a plain rule.

A sentence that names a criterion is about it. The sentences after it are about the same criterion, until one names another
criterion. A sentence that names several criteria is about each of them, and so are the sentences after it. Sentences before the
first name are about none. A criterion is named by its name as a word of its own, in upper or lower case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# A sentence ends at a full stop, question or exclamation mark, with closing quotes, brackets or asterisks, before a space. The
# end of a line ends a sentence, too, because headings and items of lists have no full stop.
_SENTENCE = re.compile(r"\S.*?(?:[.!?]+[\"')\]*]*(?=\s|$)|$)", re.MULTILINE)


def select_part(text: str, criterion: str, criteria: Sequence[str]) -> str:
    """Return the sentences of a text about a criterion, joined by spaces; empty if no sentence is. `criteria` are all names.

    >>> text = "Both are short. Fluency needs examples. One or two will do. Coherence does not."
    >>> select_part(text, "fluency", ["fluency", "coherence"])
    'Fluency needs examples. One or two will do.'
    """
    selected, current = [], frozenset[str]()
    for sentence in split_sentences(text):
        current = find_names(sentence, criteria) or current
        if criterion in current:
            selected.append(sentence)
    return " ".join(selected)


def find_names(sentence: str, criteria: Sequence[str]) -> frozenset[str]:
    """Return the criteria that a sentence names; an underscore of a name may be a space or a hyphen."""
    return frozenset(name for name in criteria if _match_name(name).search(sentence))


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text without the spaces around them."""
    return [sentence.strip() for sentence in _SENTENCE.findall(text)]


def _match_name(name: str) -> re.Pattern[str]:
    # The module re keeps the patterns that it compiled last.
    return re.compile(rf"(?<!\w){re.escape(name).replace('_', '[-_ ]')}(?!\w)", re.IGNORECASE)
