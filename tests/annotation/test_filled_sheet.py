"""Reading of a filled sheet, and one sentence for each error in it."""

from __future__ import annotations

import pytest

from collide.annotation.filled_sheet import read_filled_sheet
from collide.annotation.plan import find_filled_sheet, require_filled_sheet
from collide.errors import InputError

ITEMS = {"a1", "b2", "c3"}


@pytest.fixture
def sheet(tmp_path):
    def write(text):
        path = tmp_path / "filled.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "item,score\na1,7\nb2,\nc3,10\n",
        "\ufeffitem;score\r\na1;7\r\nb2;\r\nc3;10\r\n",
        'item,gradient,score,source\na1,"two\nlines",7,live\nc3,x, 10 ,live\n',
    ],
)
def test_scores_are_read_as_the_page_and_spreadsheets_write_them(sheet, text):
    assert read_filled_sheet(sheet(text), ITEMS) == {"a1": 7, "c3": 10}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item,score\na1,7\nzz,3\n", r"line 3: unknown item 'zz'"),
        ("item,score\na1,11\n", r"line 2: the score of item 'a1' is '11'; expected a whole number from 1 to 10"),
        ("item,score\na1,0\n", r"line 2: .* is '0'"),
        ("item,score\na1,4.5\n", r"line 2: .* is '4.5'"),
        ("item,score\na1,seven\n", r"line 2: .* is 'seven'"),
        ('item,text,score\na1,"x\ny",7\nb2,x,3\na1,x,7\n', r"line 5: item 'a1' is on line 2, too"),
        ("item,score\na1,\nb2,\n", r"no item has a score"),
        ("item,rating\na1,7\n", r"line 1: no column 'score'"),
        ("", r"line 1: no column 'item'"),
        (b"item,score\na1,\xff\n", r"not UTF-8"),
    ],
)
def test_an_error_names_the_file_and_the_line(sheet, text, message):
    path = sheet(text)
    with pytest.raises(InputError, match=f"filled.csv.*{message}"):
        read_filled_sheet(path, ITEMS)


def configure(filled):
    return {"source": "simulated", "annotation": {"filled": filled}}


def test_a_missing_filled_sheet_is_reported_before_any_job(tmp_path):
    assert find_filled_sheet(configure(None)) == ""
    with pytest.raises(InputError, match="snakemake annotation_sheet"):
        require_filled_sheet(configure(None))
    with pytest.raises(InputError, match=r"annotation\.filled is 'nowhere\.csv'"):
        find_filled_sheet(configure("nowhere.csv"))


def test_the_filled_sheet_must_not_lie_where_the_empty_one_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "simulated" / "annotation"
    folder.mkdir(parents=True)
    for name in (folder / "sheet.csv", tmp_path / "mine.csv"):
        name.write_text("item,score\n", encoding="utf-8")
    with pytest.raises(InputError, match="move the filled sheet"):
        find_filled_sheet(configure("results/simulated/annotation/sheet.csv"))
    assert find_filled_sheet(configure("mine.csv")) == "mine.csv"
