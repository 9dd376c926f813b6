"""Description of a file's records: the section `records` of a data set, as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.corpus.records.columns import write_value
from collide.corpus.split import DRAWN

# The word in a column's path that stands for the name of a criterion.
CRITERION = "{criterion}"


@dataclass(frozen=True, slots=True)
class RatingColumns:
    """Columns with the ratings of one criterion, one for each rater, and the ratings that their values stand for."""

    columns: tuple[str, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SplitColumn:
    """A column that says which split a record belongs to, and the split of each of its values."""

    column: str
    splits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Description:
    """Description of the way from the records of a file to pairs.

    layout: the name of this description where a data set has several
    rows: columns with lists of one length, whose places become rows of their own; empty where each record is a row
    document, system: columns with the names of document and system; "" for none
    systems: names of the systems by place in the lists of `rows`, instead of a column
    inputs, output: columns of each text; several columns are joined
    ratings: columns by criterion
    rows_per_rater: True where each rater has a record of a pair
    only: values by column; other records are left out
    split: the column that says which split a record belongs to
    hint: a sentence for a file that lacks a column
    """

    layout: str
    rows: tuple[str, ...]
    document: str
    system: str
    systems: tuple[str, ...]
    inputs: tuple[tuple[str, ...], ...]
    output: tuple[str, ...]
    ratings: Mapping[str, RatingColumns]
    rows_per_rater: bool
    only: Mapping[str, frozenset[str]]
    split: SplitColumn | None
    hint: str

    @property
    def texts(self) -> list[str]:
        """Return the columns of all texts."""
        return [column for columns in (*self.inputs, self.output) for column in columns]

    @property
    def required(self) -> list[str]:
        """Return the columns without which no pair can be read, apart from those of ratings."""
        others = [self.document, self.system, *self.only, self.split.column if self.split else ""]
        return list(dict.fromkeys(filter(None, [*others, *self.texts])))


def read_descriptions(
    config: Mapping[str, Any] | Sequence[Mapping[str, Any]], inputs: Sequence[str], output: str, criteria: Collection[str]
) -> list[Description]:
    """Return the descriptions that a data set's section `records` holds: one, or alternatives for several layouts.

    inputs, output: the nouns of the texts, which are the names of their columns unless `records` has others
    criteria: the names of the criteria, which are those of their columns unless `records` has others
    """
    blocks = [config] if isinstance(config, Mapping) else config
    return [_read_description(block, inputs, output, criteria) for block in blocks]


def _read_description(block: Mapping[str, Any], inputs: Sequence[str], output: str, criteria: Collection[str]) -> Description:
    system = block.get("system", "")
    return Description(
        layout=block.get("layout", ""),
        rows=tuple(column for path in _to_tuple(block.get("rows", ())) for column in _name_criteria(path, criteria)),
        document=block.get("document", ""),
        system=system if isinstance(system, str) else "",
        systems=() if isinstance(system, str) else tuple(map(str, system)),
        inputs=tuple(map(_to_tuple, block.get("inputs", inputs))),
        output=_to_tuple(block.get("output", output)),
        ratings={criterion: _read_rating_columns(block, criterion) for criterion in criteria},
        rows_per_rater=block.get("rows_per_rater", False),
        only={column: frozenset(map(write_value, _to_tuple(values))) for column, values in block.get("only", {}).items()},
        split=_read_split(block["split"]) if "split" in block else None,
        hint=block.get("hint", ""),
    )


def _read_rating_columns(block: Mapping[str, Any], criterion: str) -> RatingColumns:
    ratings = block.get("ratings", CRITERION)
    # A mapping has the columns of each criterion; a criterion that it leaves out has a column of its own name.
    own = ratings.get(criterion, CRITERION) if isinstance(ratings, Mapping) else ratings
    facts = own if isinstance(own, Mapping) else {"columns": own}
    columns = tuple(path.replace(CRITERION, criterion) for path in _to_tuple(facts.get("columns", CRITERION)))
    values = facts.get("values", block.get("values", {}))
    return RatingColumns(columns, {write_value(value): rating for value, rating in values.items()})


def _read_split(facts: Mapping[str, Any]) -> SplitColumn:
    return SplitColumn(
        facts["column"], {write_value(value): name for name in DRAWN for value in _to_tuple(facts.get(name, ()))}
    )


def _name_criteria(path: str, criteria: Collection[str]) -> list[str]:
    return [path.replace(CRITERION, name) for name in criteria] if CRITERION in path else [path]


def _to_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)
