"""Texts that the evaluator rates, taken from the record of a step, and the names of their ratings.

The part of a textual gradient about one criterion is found by a plain rule. A sentence that names a criterion is about it. The
sentences after it are about the same criterion, until one names another criterion. A sentence that names several criteria is
about each of them, and so are the sentences after it. Sentences before the first name are about none. A criterion is named by
its name as a word of its own, in upper or lower case.
"""

# Imports nothing heavy: tables and figures read the names at every start.
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SPECIFICITY, ADHERENCE = DIAGNOSTICS = ("specificity", "adherence")
# Texts whose specificity is rated; the two last ones are controls.
GRADIENT, JOINED, PART = "gradient", "joined", "part"
# Lowest and highest rating, as the rubrics state them.
SCALE = (1, 10)

# A sentence ends at a full stop, question or exclamation mark, with closing quotes, brackets or asterisks, before a space. The
# end of a line ends a sentence, too, because headings and items of lists have no full stop.
_SENTENCE = re.compile(r"\S.*?(?:[.!?]+[\"')\]*]*(?=\s|$)|$)", re.MULTILINE)


def name_specificity(text: str, further_rubric: str = "") -> str:
    """Return the name of a specificity in all files.

    >>> name_specificity(GRADIENT), name_specificity(JOINED), name_specificity(PART, "topics")
    ('specificity', 'specificity_joined', 'specificity_part_topics')
    """
    return "_".join([SPECIFICITY, *([] if text == GRADIENT else [text]), *([further_rubric] if further_rubric else [])])


def join_gradients(record: Mapping[str, Any], criterion: str) -> str:
    """Return the textual gradients of a step's batch on a criterion as one text, which is empty if there are none.

    A gradient over several criteria counts as the gradient of each of them (paper, section 3).
    """
    return "\n\n".join(_list_texts(record, criterion))


def join_all_gradients(record: Mapping[str, Any], criterion: str) -> str:
    """Return the textual gradients of a step's batch on all criteria as one text, pair by pair, as a joint gradient would be.

    It is empty if there is none on `criterion`.
    """
    texts = [gradient["text"] for gradient in record["gradients"] if gradient["text"] is not None]
    return "\n\n".join(texts) if _list_texts(record, criterion) else ""


def join_parts(record: Mapping[str, Any], criterion: str) -> str:
    """Return the parts of a step's gradients that are about a criterion (see `select_part`) as one text; empty without any."""
    parts = (select_part(text, criterion, list(record["instructions"])) for text in _list_texts(record, criterion))
    return "\n\n".join(part for part in parts if part)


# Each text with the function that takes it from a step's record for a criterion.
TEXTS: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    GRADIENT: join_gradients,
    JOINED: join_all_gradients,
    PART: join_parts,
}


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
    """Return the criteria that a sentence names; an underscore, a hyphen and a space of a name may stand for one another.

    A name inside a longer one that the sentence holds does not count.

    >>> find_names("Self-coherence is unclear.", ["Coherence", "Self-Coherence"])
    frozenset({'Self-Coherence'})
    """
    found = []
    for name in sorted(criteria, key=len, reverse=True):
        sentence, count = _match_name(name).subn("\n", sentence)
        found += [name] * (count > 0)
    return frozenset(found)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text without the spaces around them."""
    return [sentence.strip() for sentence in _SENTENCE.findall(text)]


def _match_name(name: str) -> re.Pattern[str]:
    # The module re keeps the patterns that it compiled last.
    pattern = re.sub(r"\\?[-_ ]", "[-_ ]", re.escape(name))
    return re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)


def _list_texts(record: Mapping[str, Any], criterion: str) -> list[str]:
    gradients = record["gradients"]
    return [gradient["text"] for gradient in gradients if criterion in gradient["criteria"] and gradient["text"] is not None]
