"""CSV and TSV: a header and one row per record, separated by commas, tabs, semicolons or bars."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from collide.corpus.files.record import Record
from collide.errors import InputError

SEPARATORS = {",": "CSV", "\t": "TSV", ";": "CSV with semicolons", "|": "CSV with bars"}
# Python's limit is 131,072 characters per field; articles and web pages are longer. The limit must fit into a C long.
LONGEST_FIELD = 2**31 - 1
# The separator is guessed from the header alone; a whole file would be copied once per separator.
LONGEST_HEADER = 100_000


def parse_csv(text: str, name: str) -> tuple[str, list[Record]]:
    """Return the format and the records of a table. Raises InputError with the line of the first defect."""
    csv.field_size_limit(LONGEST_FIELD)
    separator = max(SEPARATORS, key=lambda candidate: _count_columns(text, candidate))
    try:
        return SEPARATORS[separator], list(_parse_rows(text, name, separator, csv.QUOTE_MINIMAL))
    except InputError:
        if separator != "\t":
            raise
        # Many TSV files have quotation marks that quote nothing.
        try:
            return SEPARATORS[separator], list(_parse_rows(text, name, separator, csv.QUOTE_NONE))
        except InputError:
            pass
        raise


def _count_columns(text: str, separator: str) -> int:
    return len(next(csv.reader(io.StringIO(text[:LONGEST_HEADER], newline=""), delimiter=separator), []))


def _parse_rows(text: str, name: str, separator: str, quoting: int) -> Iterator[Record]:
    # mypy knows the numbers of `quoting` as an enumeration only.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting, strict=True)  # type: ignore[arg-type]
    header: list[str] = []
    line = 1
    try:
        for row in rows:
            location, line = f"{name}, line {line}", rows.line_num + 1
            if not any(row):
                continue
            if not header:
                header = _check_header([column.strip() for column in row], location)
            elif len(row) != len(header):
                raise InputError(
                    f"{location}: {len(row)} fields, but the header has {len(header)}; expected one field per column, with"
                    " quotation marks around texts that hold the separator or a line break"
                )
            else:
                yield Record(location, {column: field for column, field in zip(header, row, strict=True) if column})
    except csv.Error as error:
        raise InputError(
            f"{name}, line {line}: invalid {SEPARATORS[separator]} ({error}); expected quotation marks in pairs, doubled inside"
            " a quoted text"
        ) from None


def _check_header(header: list[str], location: str) -> list[str]:
    if repeated := [column for column, count in Counter(header).items() if column and count > 1]:
        raise InputError(f"{location}: two columns are named {repeated[0]!r}; expected a name of its own for each column")
    return header
