"""Pairs from the records of a file, with the rows that were left out and why."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collide.corpus.files.record import Record
from collide.corpus.pairs import Pair, pair_id
from collide.corpus.records.columns import find_value, is_blank, read_name, read_text, write_value
from collide.corpus.records.description import Description
from collide.corpus.records.layouts import unroll
from collide.corpus.records.ratings import combine_ratings, read_ratings
from collide.errors import InputError
from collide.experiment.scales import Scale

Scales = Mapping[str, Scale]


@dataclass(frozen=True, slots=True)
class LocatedPair:
    """A pair with its location in the file, for error messages."""

    location: str
    pair: Pair


@dataclass(slots=True)
class BuiltPairs:
    """Pairs of a file in its order.

    dropped: number of rows that made no pair, by reason
    incomplete: number of single ratings that were left out because their rater rated only some of the criteria
    """

    pairs: list[LocatedPair] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    incomplete: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """The parts of a pair that one row of a file has. `ratings` has None for a missing rating."""

    location: str
    document: str
    system: str
    inputs: tuple[str, ...]
    output: str
    split: str
    ratings: Mapping[str, list[float | None]]
    single: bool

    @property
    def rated(self) -> tuple[Any, ...]:
        """Return what the rows of one pair have in common."""
        return (self.document, self.system or self.output)


class _Dropped(Exception):
    """A row that makes no pair; the message is the reason."""


def build_pairs(records: Sequence[Record], description: Description, scales: Scales) -> BuiltPairs:
    """Return the pairs of a file's records as a description says, with human scores for the criteria of `scales`.

    A row without a text or without any rating of a criterion makes no pair; `dropped` counts such rows. Single ratings are
    kept where the file has them; each is checked against its scale, because a mean can hide ratings that are off the scale.

    Raises InputError with the location, the value found and the value expected.
    """
    found = BuiltPairs()
    rows = list(_read_rows(records, description, scales, found.dropped))
    if description.rows_per_rater:
        rows = list(_merge_raters(rows))
    elif description.document and not description.rows:
        _check_repeated_outputs(rows)
    rows = [row for row in rows if _count_unless_rated(row, found, scales)]
    for row, name in zip(rows, _name_pairs(rows), strict=True):
        found.pairs.append(LocatedPair(row.location, _build_pair(row, name, scales)))
    return found


def _read_rows(records: Sequence[Record], description: Description, scales: Scales, dropped: Counter[str]) -> Iterator[_Row]:
    numbers: dict[Any, str] = {}
    for number, record in enumerate(records, start=1):
        rows = list(unroll(record, description.rows))
        if not rows:
            dropped[f"{description.rows[0]} is empty"] += 1
        systems = _name_systems(description.systems, len(rows))
        for place, row in enumerate(rows):
            try:
                yield _read_row(row, description, scales, number, systems[place] if systems else "", numbers)
            except _Dropped as reason:
                dropped[str(reason)] += 1


def _read_row(row: Record, description: Description, scales: Scales, number: int, system: str, numbers: dict[Any, str]) -> _Row:
    """Return the parts of a row. Raises _Dropped if it makes no pair."""
    for column, wanted in description.only.items():
        if write_value(find_value(row.fields, column)) not in wanted:
            raise _Dropped(f"{column} is not {' or '.join(sorted(wanted))}")
    split = _read_split(row, description)
    texts = []
    for columns in (*description.inputs, description.output):
        if not (text := read_text(row, columns)):
            raise _Dropped(f"{' and '.join(columns)} is empty")
        texts.append(text)
    inputs, output = tuple(texts[:-1]), texts[-1]
    ratings = {name: read_ratings(row, description.ratings[name], name, scale) for name, scale in scales.items()}
    return _Row(
        row.location,
        _name_document(row, description, number, (inputs, output), numbers),
        read_name(row, description.system) if description.system else system,
        inputs,
        output,
        split,
        {name: values for name, (values, _) in ratings.items()},
        description.rows_per_rater or any(single for _, single in ratings.values()),
    )


def _read_split(row: Record, description: Description) -> str:
    if description.split is None:
        return ""
    value = find_value(row.fields, description.split.column)
    if is_blank(value) or write_value(value) not in description.split.splits:
        shown = "empty" if is_blank(value) else repr(write_value(value))
        raise _Dropped(f"{description.split.column} is {shown}, which is no split")
    return description.split.splits[write_value(value)]


def _name_document(
    row: Record, description: Description, number: int, texts: tuple[tuple[str, ...], str], numbers: dict[Any, str]
) -> str:
    """Return the name of a row's document: that in its column, or a number in the order of the file.

    A document whose column is also a text that the system got is identified by the text and named by a number.
    """
    if description.document and all((description.document,) != columns for columns in description.inputs):
        return read_name(row, description.document)
    if description.document:
        return numbers.setdefault(read_text(row, (description.document,)), str(len(numbers) + 1))
    # Rows of several raters are one document if they have the same texts.
    return numbers.setdefault(texts, str(number)) if description.rows_per_rater else str(number)


def _name_systems(names: Sequence[str], count: int) -> Sequence[str]:
    """Return the names of the systems of a document by place: `names` if there are as many, else S0, S1, ..."""
    return names if len(names) in (0, count) else [f"S{index}" for index in range(count)]


def _merge_raters(rows: Sequence[_Row]) -> Iterator[_Row]:
    """Yield one row for all rows of a pair. Raises InputError if they differ in their texts."""
    groups: dict[Any, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.rated].append(row)
    for first, *others in groups.values():
        for row in others:
            if (row.output, row.inputs, row.split) != (first.output, first.inputs, first.split):
                raise InputError(
                    f"{row.location}: the texts or the split of document {row.document}, system {row.system or 'none'}, differ"
                    f" from those at {first.location}; expected the same in all rows of a pair"
                )
        merged = {name: [value for row in (first, *others) for value in row.ratings[name]] for name in first.ratings}
        yield dataclasses.replace(first, ratings=merged)


def _check_repeated_outputs(rows: Sequence[_Row]) -> None:
    """Raise InputError for an output that a document has twice, where no system tells the two pairs apart.

    Lists of outputs are not checked: a summary may hold a sentence twice.
    """
    locations: dict[tuple[str, str], str] = {}
    for row in rows:
        first = locations.setdefault((row.document, row.output), row.location)
        if first != row.location and not row.system:
            raise InputError(
                f"{row.location}: the same output of document {row.document} is also at {first}; expected each pair once, or"
                " rows_per_rater: true in `records` if each rater has a row"
            )


def _count_unless_rated(row: _Row, found: BuiltPairs, scales: Scales) -> bool:
    """Return True for a row with ratings of all criteria; count any other one, and the raters that are left out."""
    complete = _select_complete(row)
    if lacking := [name for name in scales if not complete[name]]:
        each = [name for name in lacking if all(value is None for value in row.ratings[name])]
        found.dropped[f"no rating of {' and '.join(each)}" if each else "no rater rated all criteria"] += 1
        return False
    given = sum(rating is not None for values in row.ratings.values() for rating in values)
    found.incomplete += given - sum(map(len, complete.values()))
    return True


def _select_complete(row: _Row) -> dict[str, list[float]]:
    """Return the ratings that count: those of raters who rated all criteria, if raters can be told apart by their places."""
    if len({len(values) for values in row.ratings.values()}) == 1:
        raters = [ratings for ratings in zip(*row.ratings.values(), strict=True) if None not in ratings]
        return {name: [float(rating[place]) for rating in raters] for place, name in enumerate(row.ratings)}
    return {name: [value for value in values if value is not None] for name, values in row.ratings.items()}


def _name_pairs(rows: Sequence[_Row]) -> Iterator[str]:
    """Yield names of pairs: <document>/<system>; without systems the document's name, with a number if it has several."""
    totals, seen = Counter(row.document for row in rows), Counter[str]()
    for row in rows:
        seen[row.document] += 1
        if row.system:
            yield pair_id(row.document, row.system)
        else:
            yield row.document if totals[row.document] == 1 else pair_id(row.document, str(seen[row.document]))


def _build_pair(row: _Row, name: str, scales: Scales) -> Pair:
    ratings = _select_complete(row)
    human = {criterion: combine_ratings(values, scales[criterion]) for criterion, values in ratings.items()}
    kept = {criterion: tuple(values) for criterion, values in ratings.items()} if row.single else {}
    return Pair(name, row.document, row.system, row.inputs, row.output, human, kept, row.split)
