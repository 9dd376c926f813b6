"""The annotation sheet as CSV and page: blind, complete, and safe against the texts in it."""

from __future__ import annotations

import csv
import json
import re

import pytest

from collide.annotation.sheet import write_sheet
from collide.common.csv_json import read_csv
from tests.annotation.samples import CRITERIA, make_item, make_items

HOSTILE = '</script><script>alert("x")</script> "quoted", \r\nsecond line; =1+1 \u2028 \ud83d'


@pytest.fixture
def written(tmp_path):
    def write(items, simulated=True):
        paths = [tmp_path / name for name in ("sheet.csv", "sheet.html", "key.csv")]
        write_sheet(items, 0, {"main": CRITERIA}, "paper", simulated, *paths)
        return paths

    return write


def read_page_data(page):
    return json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)[1])


def test_the_sheet_has_the_texts_and_an_empty_score_and_no_run(written):
    items = make_items()
    sheet, _, key = written(items)
    rows = read_csv(sheet)
    assert [row["item"] for row in rows] == [row["item"] for row in read_csv(key)] == [i.identify(0) for i in items]
    assert {row["score"] for row in rows} == {""}
    assert not {"mode", "gate", "seed", "step", "study"} & set(rows[0])
    assert rows[0]["description"] == "About fluency."
    assert {(row["old_instruction"], row["new_instruction"]) for row in rows if row["diagnostic"] == "adherence"} == {
        ("Old.", "New.")
    }


def test_the_key_says_where_each_item_is_from(written):
    _, _, key = written([make_item("CCC", "none", 2, 7, "relevance", "adherence")])
    (row,) = read_csv(key)
    place = [row[name] for name in ("study", "mode", "gate", "seed", "step", "criterion", "diagnostic")]
    assert place == ["main", "CCC", "none", "2", "7", "relevance", "adherence"]


def test_the_page_shows_the_items_of_the_sheet_with_the_evaluators_rubric(written):
    sheet, page, _ = written(make_items())
    data = read_page_data(page)
    assert [item["item"] for item in data["items"]] == [row["item"] for row in read_csv(sheet)]
    assert set(data["rubrics"]) == {"specificity", "adherence"}
    assert "suit any task" in data["rubrics"]["specificity"]
    assert "whole number from 1 to 10" in data["rubrics"]["adherence"]
    assert data["scale"] == [1, 10]


def test_hostile_texts_are_shown_as_text_and_kept_in_the_csv(written):
    items = [make_item(gradient=HOSTILE.replace("\ud83d", ""))]
    sheet, page, _ = written(items)
    text = page.read_text(encoding="utf-8")
    assert text.count("</script>") == 2
    assert "innerHTML" not in text
    assert read_page_data(page)["items"][0]["gradient"] == items[0].gradient
    with sheet.open(encoding="utf-8", newline="") as stream:
        assert next(csv.DictReader(stream))["gradient"] == items[0].gradient.replace("\r\n", "\n")


def test_the_page_loads_no_other_file(written):
    text = written(make_items())[1].read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!data:)', text)


@pytest.mark.parametrize("simulated", [True, False])
def test_the_page_of_simulated_texts_says_so(written, simulated):
    assert ("SIMULATED" in written(make_items(), simulated)[1].read_text(encoding="utf-8")) == simulated
