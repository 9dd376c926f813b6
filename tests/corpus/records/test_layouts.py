"""Layouts of SummEval: the public files give the same pairs, and each defect of a file gives one sentence with its location."""

from __future__ import annotations

import pytest

from collide.corpus.preset_reader import read_preset
from collide.corpus.summeval import SUMMEVAL_SYSTEMS
from collide.errors import InputError
from tests.corpus.sample_files import (
    GEVAL,
    MTEB,
    RELEASE,
    SCALES,
    as_array,
    as_lines,
    as_parquet,
    change_row,
    read_content,
    read_records,
)


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        (as_lines(MTEB), "mteb"),
        (as_parquet(MTEB), "mteb"),
        (as_lines(RELEASE), "release"),
        (b"\xef\xbb\xbf" + as_lines(RELEASE) + b"\n", "release"),
        (as_array(GEVAL), "geval"),
        (as_lines(GEVAL), "geval"),
    ],
    ids=["mteb lines", "mteb Parquet", "release", "release with byte order mark", "G-Eval", "G-Eval lines"],
)
def test_all_layouts_give_the_same_pairs(content, layout):
    found, pairs = read_content(content)
    assert found == layout
    assert [pair.id for pair in pairs] == ["doc1/S0", "doc1/S1", "doc2/S0", "doc2/S1"]
    assert (pairs[3].inputs, pairs[3].output) == (("Article 2.",), "Summary 1 of 2.")
    assert pairs[3].human == {"fluency": pytest.approx(14 / 3), "relevance": pytest.approx(7 / 3)}


def test_single_ratings_are_kept_where_the_file_has_them():
    assert read_content(as_lines(RELEASE))[1][1].ratings == {"fluency": (5, 4, 5), "relevance": (3, 1, 3)}
    assert [read_content(content)[1][1].ratings for content in (as_lines(MTEB), as_array(GEVAL))] == [{}, {}]


def test_sixteen_summaries_are_named_as_summevals_systems():
    row = MTEB[0] | {"machine_summaries": ["Text."] * 16, "fluency": [5.0] * 16, "relevance": [1.0] * 16}
    assert [pair.system for pair in read_content(as_lines([row]))[1]] == list(SUMMEVAL_SYSTEMS)


def test_other_criteria_and_scales_can_be_read():
    rows = [row | {"expert_annotations": [{"tone": 0}, {"tone": 10}]} for row in RELEASE]
    _, pairs = read_content(as_lines(rows), scales={"tone": [0, 10]})
    assert [pair.human for pair in pairs] == [{"tone": 5.0}] * 4


LACKING = [row | {"expert_annotations": [{"fluency": 5}] * 3} for row in RELEASE]
DEFECTIVE = {
    "no article": (
        [{k: v for k, v in row.items() if k != "text"} for row in RELEASE],
        r"line 1: no column 'text' of layout release; found id, .*; model_annotations\.aligned\.jsonl lacks.*paired",
    ),
    "one column is missing": (
        [{k: v for k, v in row.items() if k != "doc_id"} for row in GEVAL],
        r"line 1: no column 'doc_id' of layout geval; found system_id, source, reference, system_output, scores;",
    ),
    "unknown layout": ([{"article": "a", "rating": 3}] * 2, r"line 1: unknown layout with the columns article, rating"),
    "missing criterion": (
        LACKING,
        r"line 1: no ratings of the criterion 'relevance': no column 'expert_annotations\.\*\.relevance'; found fluency;",
    ),
    "missing column": (
        [{k: v for k, v in row.items() if k != "relevance"} for row in MTEB],
        r"line 1: no ratings of the criterion 'relevance': no column 'relevance'; found id, text",
    ),
    "out of scale": (
        change_row(GEVAL, 2, scores={"fluency": 5.5, "relevance": 1}),
        r"line 3: fluency is 5\.5; expected a number from 1 to 5, fix the file or the criterion's scale in config\.yaml",
    ),
    "text for a score": (
        change_row(GEVAL, 2, scores={"fluency": "five", "relevance": 1}),
        r"line 3: fluency is 'five'; expected a number",
    ),
    "true for a score": (
        change_row(GEVAL, 2, scores={"fluency": True, "relevance": 1}),
        r"line 3: fluency is True; expected a number",
    ),
    "a score without end": (
        change_row(GEVAL, 2, scores={"fluency": 10**400, "relevance": 1}),
        r"line 3: fluency is 10+\.\.\.0+; expected a number from 1 to 5",
    ),
    "an object for a score": (
        change_row(GEVAL, 2, scores={"fluency": {"a": 1}, "relevance": 1}),
        r"line 3: fluency is \{'a': 1\}; expected a number",
    ),
    "two articles": (
        change_row(RELEASE, 3, text="Another."),
        r"line 4: the inputs of document doc2 differ from those at corpus, line 3",
    ),
    "too few scores": (
        change_row(MTEB, 1, fluency=[5.0]),
        r"line 2: fluency has 1 items and machine_summaries has 2; expected lists of one length",
    ),
    "no list": (change_row(MTEB, 1, fluency=5.0), r"line 2: fluency is of type float; expected a list"),
    "twice": ([*RELEASE, RELEASE[1]], r"line 5: the pair doc1/S1 is also at corpus, line 2.*rows_per_rater"),
    "number for a text": (change_row(RELEASE, 3, text=7), r"line 4: text is of type int; expected text"),
    "no id": (change_row(RELEASE, 2, id=""), r"line 3: id is ''; expected a name"),
    "id is missing": (change_row(RELEASE, 2, id=None), r"line 3: the column 'id' is missing, but other records have it"),
    "half a character": (change_row(RELEASE, 0, text="a \ud83d b"), r"line 1: text contains half a character"),
    "half a character in a summary": (
        change_row(MTEB, 1, machine_summaries=["Good.", "a \udc00"]),
        r"line 2, machine_summaries 2: machine_summaries contains half a character",
    ),
    "half a character in a name": (
        change_row(RELEASE, 2, id="doc\ud83d"),
        r"line 3: id is 'doc\\ud83d'; expected a name of print",
    ),
    "a system of two lines": (
        change_row(GEVAL, 1, system_id="S\n1"),
        r"line 2: system_id is 'S\\n1'; expected a name of print",
    ),
    "half a character in a field": ([{"\ud83d": 1}], r"line 1: unknown layout with the columns '\\ud83d'; expected"),
}


@pytest.mark.parametrize(("rows", "message"), DEFECTIVE.values(), ids=DEFECTIVE)
def test_a_defect_is_reported_with_its_location(rows, message):
    with pytest.raises(InputError, match=r"corpus, " + message) as error:
        read_content(as_lines(rows))
    sentence = str(error.value)
    assert "\n" not in sentence and len(sentence) < 400
    sentence.encode("utf-8")


def test_a_rating_off_the_scale_is_reported_even_if_the_mean_hides_it():
    ratings = [{"fluency": rating, "relevance": 3} for rating in (9, 1, 0)]
    rows = change_row(RELEASE, 2, expert_annotations=ratings)
    with pytest.raises(InputError, match=r"corpus, line 3: fluency of rater 1 is 9; expected a number from 1 to 5"):
        read_content(as_lines(rows))


DROPPED = {
    "no summaries": (change_row(MTEB, 1, machine_summaries=[], fluency=[], relevance=[]), {"machine_summaries is empty": 1}),
    "empty summary": (change_row(MTEB, 1, machine_summaries=["Good.", "  "]), {"machine_summaries is empty": 1}),
    "null summary": (change_row(MTEB, 0, machine_summaries=["Good.", None]), {"machine_summaries is empty": 1}),
    "empty article": (change_row(RELEASE, 3, text=""), {"text is empty": 1}),
    "missing field": (change_row(RELEASE, 3, decoded=None), {"decoded is empty": 1}),
    "no experts": (change_row(RELEASE, 1, expert_annotations=[]), {"no rating of fluency and relevance": 1}),
    "no scores": (change_row(GEVAL, 1, scores=None), {"no rating of fluency and relevance": 1}),
    "not a number": (
        change_row(GEVAL, 2, scores={"fluency": float("nan"), "relevance": 1}),
        {"no rating of fluency": 1},
    ),
}


@pytest.mark.parametrize(("rows", "reasons"), DROPPED.values(), ids=DROPPED)
def test_a_row_without_texts_or_ratings_is_left_out_and_counted(rows, reasons):
    _, read = read_records(as_lines(rows), read_preset("summeval")["records"], SCALES)
    assert dict(read.dropped) == reasons
    assert len(read.pairs) in (2, 3)
