"""Words of prompts: the scale of a criterion, a rating, an expert score and their difference, and lists of nouns.

The templates use the functions of `FILTERS` as filters. A class is a number inside the pipeline, its place. Prompts show its
name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collide.experiment.criteria import Criterion
from collide.experiment.scales import Scale

# Text of an attribute is enclosed by double quotes, and stands in one line.
_ATTRIBUTE = str.maketrans({'"': "&quot;", "\n": " "})


def quote_attribute(text: str) -> str:
    """Return a text as the value of an attribute of a tag."""
    return text.translate(_ATTRIBUTE)


def quote_key(text: str) -> str:
    """Return a text as a string of JSON."""
    return json.dumps(text, ensure_ascii=False)


def show_scale(scale: Scale) -> str:
    """Return a scale as an attribute shows it.

    >>> from collide.experiment.scales import build_scale
    >>> show_scale(build_scale([1, 5])), show_scale(build_scale({"low": 0, "high": 1, "step": 0.5}))
    ('1-5', '0-1 in steps of 0.5')
    >>> show_scale(build_scale({"classes": ["no", "yes"]}))
    'no | yes'
    >>> show_scale(build_scale({"classes": ["poor", "fair", "good"], "ordered": True}))
    'poor | fair | good (from low to high)'
    """
    if scale.classes:
        return quote_attribute(" | ".join(scale.classes) + (" (from low to high)" if scale.ordered else ""))
    ends = f"{scale.low:g}-{scale.high:g}"
    return ends if scale.is_plain else f"{ends} in steps of {scale.step:g}"


def show_rating(rating: float | str, scale: Scale) -> str:
    """Return a judge's rating as an attribute shows it; a text, such as "missing", stays as it is."""
    return rating if isinstance(rating, str) else quote_attribute(scale.show(rating))


def show_human(score: float, scale: Scale) -> str:
    """Return a human score as an attribute shows it. Between two classes it names the closer one.

    >>> from collide.experiment.scales import build_scale
    >>> show_human(3.5, build_scale([1, 5]))
    '3.50'
    >>> show_human(4 / 3, build_scale({"classes": ["poor", "fair", "good"], "ordered": True}))
    'between fair and good, closer to fair'
    """
    if not scale.classes:
        return f"{score:.2f}"
    below, above = scale.show(math.floor(score)), scale.show(math.ceil(score))
    if below == above:
        return quote_attribute(below)
    part = score - math.floor(score)
    closer = "" if part == 0.5 else f", closer to {below if part < 0.5 else above}"
    return quote_attribute(f"between {below} and {above}{closer}")


def describe_difference(rating: float, score: float, scale: Scale) -> str:
    """Return how a rating differs from the human score, as the end of a sentence.

    >>> from collide.experiment.scales import build_scale
    >>> describe_difference(4, 5, build_scale([1, 5]))
    'incorrect, it differs by -1.00'
    """
    difference = rating - score
    if difference == 0:
        return "correct"
    if scale.is_nominal:
        return "incorrect"
    if scale.classes:
        return f"incorrect, it is {abs(difference):.2f} classes too {'high' if difference > 0 else 'low'}"
    return f"incorrect, it differs by {difference:+.2f}"


def name_kind(criteria: Iterable[Criterion]) -> str:
    """Return the kind of ratings that criteria have together: whole, ordered, nominal, or mixed (nominal beside others)."""
    scales = [criterion.scale for criterion in criteria]
    if all(scale.is_plain for scale in scales):
        return "whole"
    nominal = [scale.is_nominal for scale in scales]
    return "nominal" if all(nominal) else "mixed" if any(nominal) else "ordered"


def name_values(criteria: Iterable[Criterion]) -> str:
    """Return the kind of values that a reply about criteria holds: whole, numbers, classes, or both."""
    scales = [criterion.scale for criterion in criteria]
    if all(scale.is_plain for scale in scales):
        return "whole"
    classes = [bool(scale.classes) for scale in scales]
    return "classes" if all(classes) else "both" if any(classes) else "numbers"


def join_words(words: Iterable[str], last: str) -> str:
    """Return words as a list of a sentence.

    >>> join_words(["a dialogue", "a fact", "a response"], "and")
    'a dialogue, a fact and a response'
    """
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def prefix_words(words: Iterable[str], prefix: str) -> list[str]:
    """Return words with another word before each."""
    return [f"{prefix} {word}" for word in words]


def raise_first(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def round_rating(score: float, scale: Scale) -> int | float:
    """Return the rating of a scale that is closest to a human score; the higher one of two."""
    # Halves go up for every scale: Python's round() would take the even number.
    place = math.floor((score - scale.low) / scale.step + 0.5)
    return scale.values[max(0, min(len(scale.values) - 1, place))]


def write_scores(human: Mapping[str, float], scales: Mapping[str, Scale]) -> str:
    """Return human scores in the form of a judge's reply, as the ratings that are closest to them."""
    rounded = {name: round_rating(human[name], scale) for name, scale in scales.items()}
    shown = {name: scale.show(rounded[name]) if scale.classes else rounded[name] for name, scale in scales.items()}
    return json.dumps(shown, ensure_ascii=False)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "attribute": quote_attribute,
    "key": quote_key,
    "scale": show_scale,
    "rating": show_rating,
    "human": show_human,
    "difference": describe_difference,
    "kind": name_kind,
    "values": name_values,
    "prefix": prefix_words,
    "join_words": join_words,
    "raise_first": raise_first,
}
