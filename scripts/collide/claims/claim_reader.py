"""Claims of the paper, read from claims.yaml: printed numbers and statements, as expressions over names of estimates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from collide.analysis.estimates import EstimateName
from collide.claims.labels import label_estimate

CLAIMS = Path(__file__).with_name("claims.yaml")

# Statements of this kind need the test of improvement beside the gain: each gain has an estimate of this name's ending.
IMPROVES, P_VALUE = "improves", "_p"


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkable number or statement of the paper.

    `places` are all places of the paper that state it. `printed` is the number as the paper prints it, or None for a statement.
    `expression` computes our number, or the amount by which the statement holds. `exhibit` is the name of the table or figure
    that shows it. `at_odds` says what in the paper disagrees with it, and `contradicted` is True if the paper's own numbers
    refute it.
    """

    id: str
    places: tuple[str, ...]
    claim: str
    printed: str | None
    expression: Any
    exhibit: str
    at_odds: str = ""
    contradicted: bool = False


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """Return the distinct claims in the order of the file: cells of tables, then sentences."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    sentences = [
        Claim(
            # Numbered over all sentences, as a section has several.
            id=f"{facts['place']} ({number})",
            places=(facts["place"],),
            claim=facts["claim"],
            printed=facts.get("printed"),
            expression=expand_braces(facts["number"] if "number" in facts else facts["holds"]),
            exhibit=facts["exhibit"],
            at_odds=facts.get("at_odds", ""),
            contradicted=facts.get("contradicted", False),
        )
        for number, facts in enumerate(data["sentences"], start=1)
    ]
    return _merge_repeated([*(claim for table in data["tables"] for claim in _read_cells(table)), *sentences])


def read_printed_numbers(path: Path = CLAIMS) -> dict[EstimateName, str]:
    """Return the numbers that the paper's tables print, as printed, by the estimate that they are of."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    cells = [claim for table in data["tables"] for claim in _read_cells(table)]
    return {EstimateName(*claim.expression.split("/")): claim.printed for claim in cells if claim.printed is not None}


def read_uncheckable(path: Path = CLAIMS) -> list[dict[str, str]]:
    """Return the paper's claims that no run can check: place, claim and reason."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))["not_checkable"]


def _read_cells(table: Mapping[str, Any]) -> Iterator[Claim]:
    """Yield a claim per printed cell of a table."""
    columns, across = table["columns"], table.get("across", "quantity")
    for row in table["rows"]:
        parts = dict(table["fixed"])
        parts |= {column: cell for column, cell in zip(columns, row, strict=True) if column in EstimateName._fields}
        for column, printed in zip(columns, row, strict=True):
            # Single-Task has no hypervolume, for example: null in the file.
            if column in EstimateName._fields or printed is None:
                continue
            name = EstimateName(**(parts if column == "value" else parts | {across: column}))
            path = "/".join(name)
            yield Claim(
                id=f"{table['place']}: {path}",
                places=(table["place"],),
                claim=label_estimate(name),
                printed=printed,
                expression=path,
                exhibit=table["exhibit"],
                at_odds=table.get("at_odds", {}).get(path, ""),
            )


def _merge_repeated(claims: Iterable[Claim]) -> list[Claim]:
    """Return each claim once, as it is first stated, with the places and the contradictions of its repetitions.

    Claims are the same if they compute the same and print the same number, at any number of digits.
    """
    repeated: dict[tuple[str, float | None], list[Claim]] = {}
    for claim in claims:
        key = (json.dumps(claim.expression), None if claim.printed is None else float(claim.printed))
        repeated.setdefault(key, []).append(claim)
    return [
        replace(
            same[0],
            places=tuple(dict.fromkeys(place for claim in same for place in claim.places)),
            at_odds="; ".join(dict.fromkeys(claim.at_odds for claim in same if claim.at_odds)),
            contradicted=any(claim.contradicted for claim in same),
        )
        for same in repeated.values()
    ]


def expand_braces(expression: Any) -> Any:
    """Return an expression with a list for each pair of braces: a/{b,c} is [a/b, a/c], and step{0..2} is three steps."""
    if isinstance(expression, Mapping):
        return {kind: expand_braces(parts) for kind, parts in expression.items()}
    if isinstance(expression, list):
        return [expand_braces(part) for part in expression]
    found = re.search(r"\{(.*?)\}", expression) if isinstance(expression, str) else None
    if found is None:
        return expression
    first, dots, last = found[1].partition("..")
    choices = map(str, range(int(first), int(last) + 1)) if dots else found[1].split(",")
    return [expand_braces(expression[: found.start()] + choice + expression[found.end() :]) for choice in choices]


def list_names(expression: Any) -> list[EstimateName]:
    """Return the estimates that an expression or statement uses, without repetitions."""
    if isinstance(expression, int | float):
        return []
    if isinstance(expression, str):
        return [EstimateName(*expression.split("/"))]
    parts = expression.values() if isinstance(expression, Mapping) else expression
    names = [name for part in parts for name in list_names(part)]
    return list(dict.fromkeys([*names, *list_tests(expression)]))


def list_tests(expression: Any) -> list[EstimateName]:
    """Return the p values that belong to the gains of a statement's `improves`."""
    if isinstance(expression, int | float | str):
        return []
    if isinstance(expression, Mapping) and IMPROVES in expression:
        return [name._replace(quantity=name.quantity + P_VALUE) for name in list_names(expression[IMPROVES])]
    parts = expression.values() if isinstance(expression, Mapping) else expression
    return [name for part in parts for name in list_tests(part)]
