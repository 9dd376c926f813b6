"""Readers: the public layouts give the same pairs, and each defect of a file gives one sentence with its location."""

from __future__ import annotations

import pytest

from collide.corpus.summeval import SUMMEVAL_SYSTEMS
from collide.errors import InputError
from collide.experiment.scales import read_scales
from tests.corpus.sample_files import GEVAL, MTEB, RELEASE, as_array, as_lines, as_parquet, change_row, read_content


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
    _, pairs = read_content(as_lines(rows), scales=read_scales({"tone": [0, 10]}))
    assert [pair.human for pair in pairs] == [{"tone": 5.0}] * 4


LACKING = [row | {"expert_annotations": [{"fluency": 5}] * 3} for row in RELEASE]
DEFECTIVE = {
    "no article": (
        [{k: v for k, v in row.items() if k != "text"} for row in RELEASE],
        r"line 1: this is model_annotations\.aligned\.jsonl.*paired",
    ),
    "unknown layout": ([{"article": "a", "rating": 3}], r"line 1: unknown layout with the fields article, rating"),
    "missing criterion": (LACKING, r"line 1, expert 1: no scores of the criterion 'relevance'.*found fluency"),
    "missing column": (
        [{k: v for k, v in row.items() if k != "relevance"} for row in MTEB],
        r"line 1: no scores of the criterion 'relevance'.*found id, text",
    ),
    "no scores": (change_row(GEVAL, 1, scores=[5, 5]), r"line 2: scores is of type list"),
    "no experts": (change_row(RELEASE, 1, expert_annotations=[]), r"line 2: expert_annotations is not a list of ratings"),
    "out of scale": (
        change_row(GEVAL, 2, scores={"fluency": 5.5, "relevance": 1}),
        r"line 3, scores: fluency is 5\.5; expected a number from 1 to 5",
    ),
    "not a number": (change_row(GEVAL, 2, scores={"fluency": float("nan"), "relevance": 1}), r"line 3, scores: fluency is nan"),
    "text for a score": (
        change_row(GEVAL, 2, scores={"fluency": "5", "relevance": 1}),
        r"line 3, scores: fluency is '5'; expected a number",
    ),
    "a score without end": (
        change_row(GEVAL, 2, scores={"fluency": 10**400, "relevance": 1}),
        r"line 3, scores: fluency is 10+\.\.\.0+; expected a number from 1 to 5",
    ),
    "a list for a score": (
        change_row(GEVAL, 2, scores={"fluency": [5] * 999, "relevance": 1}),
        r"line 3, scores: fluency is \[5, 5, 5, 5, 5, 5, \.\.\.\]; expected a number",
    ),
    "no summaries": (change_row(MTEB, 1, machine_summaries=[]), r"line 2: machine_summaries is empty"),
    "two articles": (
        change_row(RELEASE, 3, text="Another."),
        r"line 4: the article of document doc2 differs from that at corpus, line 3",
    ),
    "too few scores": (change_row(MTEB, 1, fluency=[5.0]), r"line 2: 1 scores of fluency for 2 summaries"),
    "twice": ([*RELEASE, RELEASE[1]], r"line 5: the pair doc1/S1 is also at corpus, line 2"),
    "empty summary": (
        change_row(MTEB, 1, machine_summaries=["Good.", "  "]),
        r"line 2, summary 2: the summary is empty",
    ),
    "empty article": (change_row(RELEASE, 3, text=""), r"line 4: text is empty"),
    "null summary": (
        change_row(MTEB, 0, machine_summaries=["Good.", None]),
        r"line 1, summary 2: the summary is of type NoneType",
    ),
    "number for a text": (change_row(RELEASE, 3, text=7), r"line 4: text is of type int; expected text"),
    "no scores at all": (change_row(GEVAL, 1, scores=None), r"line 2: the field 'scores' is missing"),
    "missing field": (change_row(RELEASE, 3, decoded=None), r"line 4: the field 'decoded' is missing"),
    "no id": (change_row(RELEASE, 2, id=""), r"line 3: id is ''; expected a name"),
    "half a character": (change_row(RELEASE, 0, text="a \ud83d b"), r"line 1: text contains half a character"),
    "half a character in a summary": (
        change_row(MTEB, 1, machine_summaries=["Good.", "a \udc00"]),
        r"line 2, summary 2: the summary contains half a character",
    ),
    "half a character in a name": (
        change_row(RELEASE, 2, id="doc\ud83d"),
        r"line 3: id is 'doc\\ud83d'; expected a name of print",
    ),
    "a system of two lines": (
        change_row(GEVAL, 1, system_id="S\n1"),
        r"line 2: system_id is 'S\\n1'; expected a name of print",
    ),
    "half a character in a field": ([{"\ud83d": 1}], r"line 1: unknown layout with the fields '\\ud83d'; expected"),
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
    with pytest.raises(InputError, match=r"corpus, line 3, expert 1: fluency is 9; expected a number from 1 to 5"):
        read_content(as_lines(rows))
