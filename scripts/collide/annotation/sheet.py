"""The sheet to fill in, as CSV and as a page, and the key that says which run each item is from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from collide.annotation.items import ANNOTATED, Item
from collide.common.csv_json import write_csv
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.criteria import Criterion
from collide.experiment.runs import RunId
from collide.optimize.prompts import load_rubric, render_messages
from collide.optimize.rated_texts import SCALE

TEMPLATE = Path(__file__).with_name("sheet.html.jinja")

# `score` is empty, and the only column to fill in.
SHEET_COLUMNS = (
    *("item", "diagnostic", "criterion", "description", "gradient", "old_instruction", "new_instruction", "score"),
)
KEY_COLUMNS = ("item", "diagnostic", *RunId._fields, "step", "criterion")


def describe_item(item: Item, seed: int, criteria: Mapping[str, Mapping[str, Criterion]]) -> dict[str, str]:
    """Return the columns of the sheet that a rater sees. They name no run, mode, gate or step.

    `criteria` are by study: data sets may describe a criterion of one name in different words.
    """
    return {
        "item": item.identify(seed),
        "diagnostic": item.diagnostic,
        "criterion": item.criterion,
        "description": criteria[item.run.study][item.criterion].description,
        "gradient": item.gradient,
        "old_instruction": item.old,
        "new_instruction": item.new,
        "score": "",
    }


def write_sheet(
    items: Sequence[Item],
    seed: int,
    criteria: Mapping[str, Mapping[str, Criterion]],
    rubric: str,
    simulated: bool,
    sheet: Path,
    page: Path,
    key: Path,
) -> None:
    """Write the items, in their order, as `sheet` (CSV) and `page` (HTML), and their runs as `key` (CSV).

    `rubric` is the name of the rubric by which the evaluator rated `specificity`.
    """
    shown = [describe_item(item, seed, criteria) for item in items]
    write_csv(sheet, SHEET_COLUMNS, shown, simulated)
    page.write_text(
        render_page(shown, collect_rubrics(criteria, rubric), simulated), encoding="utf-8", errors="backslashreplace"
    )
    places = (
        {"item": text["item"], "diagnostic": item.diagnostic, "step": item.step, "criterion": item.criterion}
        | item.run._asdict()
        for item, text in zip(items, shown, strict=True)
    )
    write_csv(key, KEY_COLUMNS, places, simulated)


def collect_rubrics(criteria: Mapping[str, Mapping[str, Criterion]], rubric: str) -> dict[str, str]:
    """Return the rubric of each diagnostic: the instruction that the evaluator got, word for word."""
    some = next(iter(next(iter(criteria.values())).values()))
    values = {"criterion": some, "rubric": load_rubric(rubric), "gradient": "", "old": "", "new": ""}
    return {name: render_messages(name, **values)[0]["content"] for name in ANNOTATED}


def render_page(items: Sequence[Mapping[str, str]], rubrics: Mapping[str, str], simulated: bool) -> str:
    """Return a page that shows the items one by one, keeps the ratings in the browser, and saves them as CSV.

    The page loads no other file. Items reach it as JSON and are shown as text, never as HTML.
    """
    data = {"scale": SCALE, "rubrics": rubrics, "items": items}
    # "</script>" within a text would end the script; in JSON, < may be written as \u003c.
    embedded = json.dumps(data).replace("<", "\\u003c")
    digest = hashlib.blake2b("".join(item["item"] for item in items).encode(), digest_size=6).hexdigest()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    values: dict[str, Any] = {"notice": SIMULATED_NOTICE if simulated else "", "digest": digest, "data": embedded}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(values)
