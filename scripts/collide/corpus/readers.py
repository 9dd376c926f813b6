"""Readers of the public layouts of SummEval, recognised by the fields of the first record.

| layout | one record | human scores |
|---|---|---|
| `mteb` | a document with a list of summaries and a list of scores per criterion | means |
| `release` | a pair: `model_annotations.aligned.paired.jsonl` | single ratings |
| `aligned` | a pair without its article; cannot be used alone | single ratings |
| `geval` | a pair: `summeval.json` | means |

Other data sets, and other criteria, are read alike if they have one of these layouts. Ratings by crowd workers
(`turker_annotations`) and reference summaries are left alone.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from collide.corpus.file_records import Record
from collide.corpus.pairs import Pair, pair_id
from collide.errors import InputError

SUMMEVAL_SYSTEMS = tuple("M0 M1 M2 M5 M8 M9 M10 M11 M12 M13 M14 M15 M17 M20 M22 M23".split())

LAYOUT_FIELDS = {
    "mteb": ("id", "text", "machine_summaries"),
    "release": ("id", "model_id", "decoded", "text", "expert_annotations"),
    "aligned": ("id", "model_id", "decoded", "expert_annotations"),
    "geval": ("doc_id", "system_id", "source", "system_output", "scores"),
}
"""Fields that a record of each layout has; more specific layouts come first."""

Scales = Mapping[str, tuple[float, float]]
"""The criteria to be read, each with its lowest and highest score."""


@dataclass(frozen=True, slots=True)
class Located:
    """A pair with its place in the file, for error messages."""

    where: str
    pair: Pair


def recognise(record: Record) -> str:
    """Name of the layout of a file's first record. Raises InputError for unknown ones and for `aligned`."""
    for layout, fields in LAYOUT_FIELDS.items():
        if all(field in record.fields for field in fields):
            if layout == "aligned":
                raise InputError(
                    f"{record.where}: this is model_annotations.aligned.jsonl, which lacks the articles (`text`); use"
                    " model_annotations.aligned.paired.jsonl, which SummEval's pair_data.py makes from it and the"
                    " CNN/DailyMail stories, or another public layout"
                )
            return layout
    known = "; ".join(", ".join(fields) for layout, fields in LAYOUT_FIELDS.items() if layout != "aligned")
    raise InputError(
        f"{record.where}: unknown layout with the fields {_names(record.fields)}; expected those of a SummEval file: {known}"
    )


def read_layout(records: Sequence[Record], scales: Scales, human_score: str) -> tuple[str, list[Located]]:
    """Layout and pairs of a file's records, in its order, with the human score of each criterion of `scales`.

    human_score: `mean`, `median`, or `expert1`, `expert2`, ... (by their order in the file); all but `mean` need single
    ratings. Every score of the file is held against its scale, used or not: a mean hides ratings that are off it.
    Raises InputError naming the place, what was found, and what was expected.
    """
    layout = recognise(records[0])
    if layout != "release" and human_score != "mean":
        raise InputError(
            f"human_score is {human_score!r}, but {records[0].where.split(', ')[0]} holds means only ({layout} layout);"
            " set human_score: mean or use model_annotations.aligned.paired.jsonl, which has the single ratings"
        )
    read = _READERS[layout]
    return layout, [located for record in records for located in read(record, scales, human_score)]


def _mteb(record: Record, scales: Scales, human_score: str) -> Iterator[Located]:
    document, article = _name(record, "id"), _text(record, "text")
    summaries = _list(record, "machine_summaries")
    if not summaries:
        raise InputError(f"{record.where}: machine_summaries is empty; expected summaries, leave the document out")
    _present(scales, record.fields, record.where)
    columns = {criterion: _list(record, criterion) for criterion in scales}
    for criterion, scores in columns.items():
        if len(scores) != len(summaries):
            raise InputError(
                f"{record.where}: {len(scores)} scores of {criterion} for {len(summaries)} summaries; expected one each"
            )
    for index, (system, summary) in enumerate(zip(_system_names(len(summaries)), summaries, strict=True)):
        where = f"{record.where}, summary {index + 1}"
        human = _scores({criterion: scores[index] for criterion, scores in columns.items()}, scales, where)
        text = _unicode(summary, where, "the summary")
        yield Located(where, Pair(pair_id(document, system), document, system, article, text, human))


def _system_names(count: int) -> Sequence[str]:
    return SUMMEVAL_SYSTEMS if count == len(SUMMEVAL_SYSTEMS) else [f"S{index}" for index in range(count)]


def _release(record: Record, scales: Scales, human_score: str) -> Iterator[Located]:
    experts = _list(record, "expert_annotations")
    if not experts or not all(isinstance(expert, dict) for expert in experts):
        raise InputError(f"{record.where}: expert_annotations is no list of ratings; expected one object an expert")
    ratings = [_scores(expert, scales, f"{record.where}, expert {number}") for number, expert in enumerate(experts, start=1)]
    human = {
        criterion: _put_together([rating[criterion] for rating in ratings], human_score, record.where) for criterion in scales
    }
    yield _pair_of(record, ("id", "model_id", "text", "decoded"), human)


def _put_together(ratings: Sequence[float], human_score: str, where: str) -> float:
    """One human score out of the experts' single ratings."""
    if human_score == "mean":
        return fmean(ratings)
    if human_score == "median":
        return float(median(ratings))
    number = int(human_score.removeprefix("expert"))
    if number > len(ratings):
        raise InputError(f"{where}: human_score is {human_score!r}, but {len(ratings)} experts rated this pair")
    return ratings[number - 1]


def _geval(record: Record, scales: Scales, human_score: str) -> Iterator[Located]:
    scores = _field(record, "scores")
    if not isinstance(scores, dict):
        raise InputError(f"{record.where}: scores is {type(scores).__name__}; expected an object with one number a criterion")
    human = _scores(scores, scales, f"{record.where}, scores")
    yield _pair_of(record, ("doc_id", "system_id", "source", "system_output"), human)


def _pair_of(record: Record, fields: tuple[str, str, str, str], human: dict[str, float]) -> Located:
    document, system = _name(record, fields[0]), _name(record, fields[1])
    article, summary = _text(record, fields[2]), _text(record, fields[3])
    return Located(record.where, Pair(pair_id(document, system), document, system, article, summary, human))


def _scores(found: Mapping[str, Any], scales: Scales, where: str) -> dict[str, float]:
    """The score of each criterion, which must be a number on its scale."""
    _present(scales, found, where)
    return {criterion: _score(found[criterion], criterion, scale, where) for criterion, scale in scales.items()}


def _score(value: Any, criterion: str, scale: tuple[float, float], where: str) -> float:
    low, high = scale
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where}: {criterion} is {reprlib.repr(value)}; expected a number")
    if not low <= value <= high:  # so also where it is no number (NaN)
        raise InputError(
            f"{where}: {criterion} is {reprlib.repr(value)}; expected a number from {low:g} to {high:g}, mend the file or"
            " the criterion's scale in config.yaml"
        )
    return float(value)


def _present(criteria: Iterable[str], there: Mapping[str, Any], where: str) -> None:
    for criterion in criteria:
        if criterion not in there:
            raise InputError(
                f"{where}: no scores of the criterion {criterion!r} of config.yaml; found {_names(there)};"
                " name the criteria as the file does, or use a file that rates it"
            )


def _names(fields: Iterable[str]) -> str:
    """The first dozen names of fields, for a message: a file may hold any number of them, and any letters in them."""
    shown = [name if name.isprintable() else ascii(name) for name in list(fields)[:12]]
    return ", ".join(shown) or "none"


def _field(record: Record, field: str) -> Any:
    if field not in record.fields:
        raise InputError(f"{record.where}: the field {field!r} is missing, which the first record has; mend the file")
    return record.fields[field]


def _text(record: Record, field: str) -> str:
    return _unicode(_field(record, field), record.where, field)


def _unicode(value: Any, where: str, field: str) -> str:
    """A text, which can be written as UTF-8 and holds more than space."""
    if not isinstance(value, str):
        raise InputError(f"{where}: {field} is {type(value).__name__}; expected text")
    if not value.strip():
        raise InputError(f"{where}: {field} is empty; expected text, leave the pair out")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{where}: {field} holds half a character ({value[error.start]!r}); expected Unicode text, mend the escape sequence"
        ) from None
    return value


def _name(record: Record, field: str) -> str:
    value = _field(record, field)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise InputError(f"{record.where}: {field} is {reprlib.repr(value)}; expected a name")
    if not str(value).isprintable():  # it stands in tables, logs and messages
        raise InputError(f"{record.where}: {field} is {reprlib.repr(value)}; expected a name of printable characters")
    return str(value)


def _list(record: Record, field: str) -> list:
    value = _field(record, field)
    if not isinstance(value, list):
        raise InputError(f"{record.where}: {field} is {type(value).__name__}; expected a list")
    return value


_READERS: dict[str, Callable[[Record, Scales, str], Iterator[Located]]] = {
    "mteb": _mteb,
    "release": _release,
    "geval": _geval,
}
