"""Readers of the public layouts of SummEval. A layout is recognised by the fields of the first record.

| layout | one record | human scores |
|---|---|---|
| `mteb` | a document with a list of summaries and a list of scores per criterion | means |
| `release` | a pair: `model_annotations.aligned.paired.jsonl` | single ratings |
| `aligned` | a pair without its article; refused | single ratings |
| `geval` | a pair: `summeval.json` | means |

Other data sets with other criteria can be read if they have one of these layouts. Ratings by crowd workers
(`turker_annotations`) and reference summaries are ignored.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from collide.corpus.file_formats import Record
from collide.corpus.pairs import Pair, pair_id
from collide.corpus.summeval import SUMMEVAL_SYSTEMS
from collide.errors import InputError
from collide.experiment.scales import Scale

# The required fields of each layout. `release` comes before `aligned`, whose fields it also has.
LAYOUT_FIELDS = {
    "mteb": ("id", "text", "machine_summaries"),
    "release": ("id", "model_id", "decoded", "text", "expert_annotations"),
    "aligned": ("id", "model_id", "decoded", "expert_annotations"),
    "geval": ("doc_id", "system_id", "source", "system_output", "scores"),
}

# Unknown files may have any number of fields; a message that lists more than a dozen is not read.
FIELDS_IN_MESSAGES = 12

# The scale of each criterion to read.
Scales = Mapping[str, Scale]


@dataclass(frozen=True, slots=True)
class LocatedPair:
    """A pair with its location in the file, for error messages."""

    location: str
    pair: Pair


def recognise_layout(record: Record) -> str:
    """Return the layout of a file's first record. Raises InputError for an unknown layout and for `aligned`."""
    for layout, fields in LAYOUT_FIELDS.items():
        if all(field in record.fields for field in fields):
            if layout == "aligned":
                raise InputError(
                    f"{record.location}: this is model_annotations.aligned.jsonl, which lacks the articles (`text`); use"
                    " model_annotations.aligned.paired.jsonl, which SummEval's pair_data.py makes from it and the"
                    " CNN/DailyMail stories, or another public layout"
                )
            return layout
    known = "; ".join(", ".join(fields) for layout, fields in LAYOUT_FIELDS.items() if layout != "aligned")
    raise InputError(
        f"{record.location}: unknown layout with the fields {_list_fields(record.fields)}; expected the fields of a SummEval"
        f" file: {known}"
    )


def read_layout(records: Sequence[Record], scales: Scales) -> tuple[str, list[LocatedPair]]:
    """Return the layout and the pairs of a file's records, in file order, with human scores for the criteria of `scales`.

    The human score is the mean of the experts. Single ratings are kept where the file has them; each is checked against its
    scale, because a mean can hide ratings that are off the scale.

    Raises InputError with the location, the value found and the value expected.
    """
    layout = recognise_layout(records[0])
    read = _READERS[layout]
    return layout, [located for record in records for located in read(record, scales)]


def _read_mteb(record: Record, scales: Scales) -> Iterator[LocatedPair]:
    document, article = _get_name(record, "id"), _get_text(record, "text")
    summaries = _get_list(record, "machine_summaries")
    if not summaries:
        raise InputError(f"{record.location}: machine_summaries is empty; expected summaries, or remove the document")
    _check_criteria(scales, record.fields, record.location)
    columns = {criterion: _get_list(record, criterion) for criterion in scales}
    for criterion, scores in columns.items():
        if len(scores) != len(summaries):
            raise InputError(
                f"{record.location}: {len(scores)} scores of {criterion} for {len(summaries)} summaries; expected one score"
                " per summary"
            )
    for index, (system, summary) in enumerate(zip(_name_systems(len(summaries)), summaries, strict=True)):
        location = f"{record.location}, summary {index + 1}"
        human = _check_scores({criterion: scores[index] for criterion, scores in columns.items()}, scales, location)
        text = _check_text(summary, location, "the summary")
        yield LocatedPair(location, Pair(pair_id(document, system), document, system, (article,), text, human))


def _name_systems(count: int) -> Sequence[str]:
    """Return names for the summaries of an `mteb` document, which has none: SummEval's if there are 16, else S0, S1, ..."""
    return SUMMEVAL_SYSTEMS if count == len(SUMMEVAL_SYSTEMS) else [f"S{index}" for index in range(count)]


def _read_release(record: Record, scales: Scales) -> Iterator[LocatedPair]:
    experts = _get_list(record, "expert_annotations")
    if not experts or not all(isinstance(expert, dict) for expert in experts):
        raise InputError(f"{record.location}: expert_annotations is not a list of ratings; expected one object per expert")
    ratings = [
        _check_scores(expert, scales, f"{record.location}, expert {number}") for number, expert in enumerate(experts, start=1)
    ]
    by_criterion = {criterion: tuple(rating[criterion] for rating in ratings) for criterion in scales}
    human = {criterion: fmean(values) for criterion, values in by_criterion.items()}
    yield _build_pair(record, ("id", "model_id", "text", "decoded"), human, by_criterion)


def _read_geval(record: Record, scales: Scales) -> Iterator[LocatedPair]:
    scores = _get_field(record, "scores")
    if not isinstance(scores, dict):
        raise InputError(
            f"{record.location}: scores is of type {type(scores).__name__}; expected an object with one number per criterion"
        )
    human = _check_scores(scores, scales, f"{record.location}, scores")
    yield _build_pair(record, ("doc_id", "system_id", "source", "system_output"), human)


def _build_pair(
    record: Record,
    fields: tuple[str, str, str, str],
    human: dict[str, float],
    ratings: dict[str, tuple[float, ...]] | None = None,
) -> LocatedPair:
    """Return the pair of a record; `fields` names its document, system, article and summary."""
    document, system = _get_name(record, fields[0]), _get_name(record, fields[1])
    article, summary = _get_text(record, fields[2]), _get_text(record, fields[3])
    pair = Pair(pair_id(document, system), document, system, (article,), summary, human, ratings or {})
    return LocatedPair(record.location, pair)


def _check_scores(found: Mapping[str, Any], scales: Scales, location: str) -> dict[str, float]:
    """Return the score of each criterion. Raises InputError if one is missing, not a number, or off its scale."""
    _check_criteria(scales, found, location)
    return {criterion: _check_score(found[criterion], criterion, scale, location) for criterion, scale in scales.items()}


def _check_score(value: Any, criterion: str, scale: Scale, location: str) -> float:
    low, high = scale.low, scale.high
    # bool is a subclass of int in Python.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{location}: {criterion} is {reprlib.repr(value)}; expected a number")
    # Negated, so that NaN, which compares as false, is refused too.
    if not low <= value <= high:
        raise InputError(
            f"{location}: {criterion} is {reprlib.repr(value)}; expected a number from {low:g} to {high:g}, fix the file or"
            " the criterion's scale in config.yaml"
        )
    return float(value)


def _check_criteria(criteria: Iterable[str], fields: Mapping[str, Any], location: str) -> None:
    for criterion in criteria:
        if criterion not in fields:
            raise InputError(
                f"{location}: no scores of the criterion {criterion!r} of config.yaml; found {_list_fields(fields)};"
                " use the file's names of criteria in config.yaml, or a file with scores of this criterion"
            )


def _list_fields(fields: Iterable[str]) -> str:
    """Return the first names of fields for a message. Unprintable names, as lone surrogates, are escaped."""
    shown = [name if name.isprintable() else ascii(name) for name in list(fields)[:FIELDS_IN_MESSAGES]]
    return ", ".join(shown) or "none"


def _get_field(record: Record, field: str) -> Any:
    if field not in record.fields:
        raise InputError(f"{record.location}: the field {field!r} is missing, but the first record has it; fix the file")
    return record.fields[field]


def _get_text(record: Record, field: str) -> str:
    return _check_text(_get_field(record, field), record.location, field)


def _check_text(value: Any, location: str, field: str) -> str:
    """Return a text. Raises InputError if it is blank or cannot be written as UTF-8."""
    if not isinstance(value, str):
        raise InputError(f"{location}: {field} is of type {type(value).__name__}; expected text")
    if not value.strip():
        raise InputError(f"{location}: {field} is empty; expected text, or remove the pair")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        # JSON escapes can spell half of a surrogate pair, which neither files nor requests can hold.
        raise InputError(
            f"{location}: {field} contains half a character ({value[error.start]!r}); expected Unicode text, fix the escape"
            " sequence"
        ) from None
    return value


def _get_name(record: Record, field: str) -> str:
    value = _get_field(record, field)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise InputError(f"{record.location}: {field} is {reprlib.repr(value)}; expected a name")
    # Names are printed in tables, logs and messages, one line each.
    if not str(value).isprintable():
        raise InputError(f"{record.location}: {field} is {reprlib.repr(value)}; expected a name of printable characters")
    return str(value)


def _get_list(record: Record, field: str) -> list:
    value = _get_field(record, field)
    if not isinstance(value, list):
        raise InputError(f"{record.location}: {field} is of type {type(value).__name__}; expected a list")
    return value


_READERS: dict[str, Callable[[Record, Scales], Iterator[LocatedPair]]] = {
    "mteb": _read_mteb,
    "release": _read_release,
    "geval": _read_geval,
}
