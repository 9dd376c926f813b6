"""Ratings of a row: numbers on a scale, or the places of classes, from the values that a file has for them."""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import fmean
from typing import Any

from collide.corpus.files.record import Record
from collide.corpus.records.columns import find_value, is_blank, open_json, write_value
from collide.corpus.records.description import RatingColumns
from collide.errors import InputError
from collide.experiment.scales import Scale

# The value of `values` that stands for every value without a rating of its own.
ANY_OTHER = "*"


def read_ratings(record: Record, ratings: RatingColumns, criterion: str, scale: Scale) -> tuple[list[float | None], bool]:
    """Return the ratings of a criterion in a row, None for a missing one, and True if they are those of single raters.

    A single value of a single column is taken for the raters' mean. Raises InputError for a value that is not on the scale.
    """
    found = [open_json(find_value(record.fields, column)) for column in ratings.columns]
    single = len(found) > 1 or isinstance(found[0], list) or _is_list_text(found[0])
    values = [value for cell in found for value in _list_values(cell)]
    location = f"{record.location}: {criterion}"
    return [
        _read_rating(value, f"{location} of rater {place}" if single else location, ratings.values, scale)
        for place, value in enumerate(values, start=1)
    ], single


def combine_ratings(values: Sequence[float], scale: Scale) -> float:
    """Return the human score of single ratings: their mean, or on a nominal scale the class that most raters chose.

    Of classes with the same number of raters, the first one in the list of classes is taken.
    """
    return choose_majority(values) if scale.is_nominal else fmean(values)


def choose_majority(values: Sequence[float]) -> float:
    """Return the most frequent value, the smallest one of several.

    >>> choose_majority([2, 0, 2, 0, 1])
    0.0
    """
    counts = Counter(values)
    return float(min(counts, key=lambda value: (-counts[value], value)))


def _is_list_text(value: Any) -> bool:
    """Return True for a cell of a table that holds several ratings, such as "3;4;4"."""
    return isinstance(value, str) and bool(re.search(r"[^;|][;|]", value))


def _list_values(cell: Any) -> list[Any]:
    if isinstance(cell, list):
        return cell
    return re.split(r"[;|]", cell) if _is_list_text(cell) else [cell]


def _read_rating(value: Any, location: str, values: Mapping[str, Any], scale: Scale) -> float | None:
    """Return the rating that a value of a file stands for."""
    if is_blank(value):
        return None
    if isinstance(value, dict | list):
        raise InputError(f"{location} is {reprlib.repr(value)}; expected {_describe(scale)}")
    rating = values.get(write_value(value), values.get(ANY_OTHER, value))
    if rating is None:
        return None
    if scale.classes:
        if write_value(rating) in scale.classes:
            return float(scale.classes.index(write_value(rating)))
    elif (number := _read_number(rating)) is not None and scale.low <= number <= scale.high:
        return float(number)
    origin = "" if rating is value else f" (for {reprlib.repr(value)} in the file)"
    advice = "say in `values` of `records` what it stands for" if scale.classes else "fix the file or the criterion's scale"
    raise InputError(f"{location} is {reprlib.repr(rating)}{origin}; expected {_describe(scale)}, {advice} in config.yaml")


def _read_number(value: Any) -> float | int | Decimal | None:
    # bool is a subclass of int in Python. A whole number may be too large for a float.
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    try:
        return float(value) if isinstance(value, str) and value.isascii() else None
    except ValueError:
        return None


def _describe(scale: Scale) -> str:
    if scale.classes:
        return f"one of the classes {', '.join(scale.classes)}"
    return f"a number from {scale.low:g} to {scale.high:g}"
