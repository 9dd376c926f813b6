"""Reading of a filled sheet: a CSV with the columns `item` and `score`, from the page or from a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

from collide.errors import InputError
from collide.optimize.rated_texts import SCALE


def read_filled_sheet(path: Path, items: Collection[str]) -> dict[str, int]:
    """Return the scores by item; items without a score are left out.

    `items` are those of the sheet. Raises InputError, with file and line, for a missing column, an unknown or repeated item, a
    score that is no whole number of the scale, and a file without any score.
    """
    low, high = SCALE
    scores: dict[str, int] = {}
    lines: dict[str, int] = {}
    for line, row in _read_rows(path):
        item, text = row["item"].strip(), row["score"].strip()
        if item not in items:
            raise InputError(
                f"{path}, line {line}: unknown item {item!r}; expected an item of the present sheet; it has changed since if"
                " the runs or the settings `annotation` have"
            )
        if item in lines:
            raise InputError(f"{path}, line {line}: item {item!r} is on line {lines[item]}, too; expected one line per item")
        lines[item] = line
        if text and not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise InputError(
                f"{path}, line {line}: the score of item {item!r} is {text!r}; expected a whole number from {low} to {high},"
                " or nothing"
            )
        if text:
            scores[item] = int(text)
    if not scores:
        raise InputError(f"{path}: no item has a score; expected whole numbers from {low} to {high} in the column score")
    return scores


def _read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return each row with the number of its first line; a text in quotes may have several lines."""
    try:
        # Spreadsheets write a byte order mark, and semicolons where a comma is the decimal sign.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; expected a CSV file, saved as UTF-8") from None
    delimiter = "," if "," in text.partition("\n")[0] else ";"
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    missing = {"item", "score"} - set(reader.fieldnames or ())
    if missing:
        raise InputError(f"{path}, line 1: no column {sorted(missing)[0]!r}; expected the columns item and score")
    rows: list[tuple[int, dict[str, str]]] = []
    line = reader.line_num + 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}, line {line}: no CSV: {error}") from None
    return rows
