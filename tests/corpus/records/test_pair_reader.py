"""Records become pairs: raters in columns, lists and rows, missing ratings, names, filters, splits, and faults."""

from __future__ import annotations

import json

import pytest

from collide.corpus.corpus_reader import check_pairs
from collide.errors import InputError
from tests.corpus.sample_files import as_lines, read_records

SCALES = {"tone": [1, 5], "kind": {"classes": ["ask", "tell", "other"]}}
ROW = {"id": "d1", "bot": "A", "question": "Why?", "reply": "So.", "tone": 4, "kind": "tell"}
RECORDS = {"document": "id", "system": "bot", "inputs": ["question"], "output": "reply"}


def change(**fields):
    return ROW | fields


def read(lines, **records):
    return read_records(as_lines(lines), RECORDS | records, SCALES, ("question",), "reply")[1]


def read_first(lines, **records):
    return read(lines, **records).pairs[0].pair


def test_columns_may_have_the_names_of_nouns_and_criteria():
    _, found = read_records(as_lines([ROW] * 2), {}, SCALES, ("question",), "reply")
    pair = found.pairs[0].pair
    assert (pair.id, pair.document, pair.system, pair.inputs, pair.output) == ("1", "1", "", ("Why?",), "So.")
    assert pair.human == {"tone": 4.0, "kind": 1.0}
    assert pair.ratings == {}


RATERS = {
    "columns": (
        {"tone": 4, "tone_b": 3, "tone_c": 5, "kind": "tell", "kind_b": "ask", "kind_c": "tell"},
        {"tone": ["tone", "tone_b", "tone_c"], "kind": ["kind", "kind_b", "kind_c"]},
    ),
    "one template": (
        {"tone_1": 4, "tone_2": 3, "tone_3": 5, "kind_1": "tell", "kind_2": "ask", "kind_3": "tell"},
        ["{criterion}_1", "{criterion}_2", "{criterion}_3"],
    ),
    "lists": ({"tone": [4, 3, 5], "kind": ["tell", "ask", "tell"]}, "{criterion}"),
    "lists in text": ({"tone": "4;3;5", "kind": "tell|ask|tell"}, "{criterion}"),
    "JSON in text": ({"tone": "[4, 3, 5]", "kind": '["tell", "ask", "tell"]'}, "{criterion}"),
    "objects": (
        {"votes": [{"tone": 4, "kind": "tell"}, {"tone": 3, "kind": "ask"}, {"tone": 5, "kind": "tell"}]},
        "votes.*.{criterion}",
    ),
}


@pytest.mark.parametrize(("fields", "ratings"), RATERS.values(), ids=RATERS)
def test_ratings_of_several_raters(fields, ratings):
    pair = read_first([change(**fields), change(id="d2", **fields)], ratings=ratings)
    assert pair.ratings == {"tone": (4.0, 3.0, 5.0), "kind": (1.0, 0.0, 1.0)}
    assert pair.human == {"tone": 4.0, "kind": 1.0}


def test_rows_of_several_raters_are_one_pair():
    rows = [change(tone=4), change(id="d2"), change(tone=3, kind="ask"), change(tone=5)]
    found = read(rows, rows_per_rater=True)
    assert [item.pair.id for item in found.pairs] == ["d1/A", "d2/A"]
    assert found.pairs[0].pair.ratings == {"tone": (4.0, 3.0, 5.0), "kind": (1.0, 0.0, 1.0)}
    with pytest.raises(InputError, match=r"line 2: the texts or the split of document d1, system A, differ.*line 1"):
        read([ROW, change(reply="Other.")], rows_per_rater=True)


def test_rows_of_several_raters_without_names_are_one_pair_if_their_texts_are_the_same():
    rows = [change(tone=4), change(reply="Other."), change(tone=2)]
    found = read(rows, rows_per_rater=True, document="", system="")
    assert [(item.pair.id, item.pair.ratings["tone"]) for item in found.pairs] == [("1", (4.0, 2.0)), ("2", (4.0,))]


def test_a_rater_who_left_a_criterion_out_does_not_count():
    found = read([change(tone=[4, 2, None], kind=["tell", None, "ask"]), change(id="d2", tone=[1], kind=["ask"])])
    assert found.pairs[0].pair.ratings == {"tone": (4.0,), "kind": (1.0,)}
    assert (found.incomplete, found.dropped) == (2, {})


def test_raters_of_single_criteria_are_kept():
    pair = read_first([change(tone=[4, 2, None], kind=["tell"]), change(id="d2")])
    assert (pair.ratings, pair.human["tone"]) == ({"tone": (4.0, 2.0), "kind": (1.0,)}, 3.0)


def test_pairs_without_ratings_are_left_out_and_counted():
    rows = [
        ROW,
        change(id="d2", tone=None),
        change(id="d3", kind=" "),
        change(id="d4", tone=[1, None], kind=[None, "ask"]),
        change(id="d5", reply=None),
    ]
    found = read(rows)
    assert [item.pair.id for item in found.pairs] == ["d1/A"]
    assert found.dropped == {
        "no rating of tone": 1,
        "no rating of kind": 1,
        "no rater rated all criteria": 1,
        "reply is empty": 1,
    }


def test_values_of_a_file_may_stand_for_ratings():
    values = {"good": 5, "bad": 1, "1": "tell", "true": "ask", "?": None, "*": "other"}
    rows = [change(tone="good", kind=1.0), change(id="d2", tone="bad", kind=True), change(id="d3", kind="?", tone=2)]
    found = read(
        [*rows, change(id="d4", kind="what")],
        ratings={"tone": {"columns": "tone", "values": {"good": 5, "bad": 1}}},
        values=values,
    )
    assert [item.pair.human for item in found.pairs] == [
        {"tone": 5.0, "kind": 1.0},
        {"tone": 1.0, "kind": 0.0},
        {"tone": 4.0, "kind": 2.0},
    ]
    assert found.dropped == {"no rating of kind": 1}


def test_a_document_may_be_known_by_its_text():
    rows = [change(question="Why\nme?"), change(question="Who?"), change(question="Why\nme?", bot="B")]
    assert [item.pair.id for item in read(rows, document="question").pairs] == ["1/A", "2/A", "1/B"]


def test_pairs_without_systems_have_numbers_in_their_document():
    rows = [change(reply="One."), change(reply="Two."), change(id="d2")]
    assert [item.pair.id for item in read(rows, system="").pairs] == ["d1/1", "d1/2", "d2"]


def test_lists_become_rows():
    row = {
        "question": "Why?",
        "replies": [{"text": "So.", "tone": 1, "kind": "ask"}, {"text": "No.", "tone": 5, "kind": "ask"}],
    }
    shape = {"rows": "replies", "document": "", "system": "", "output": "replies.text", "ratings": "replies.{criterion}"}
    found = read([row, row], **shape)
    assert [item.pair.id for item in found.pairs] == ["1/1", "1/2", "2/1", "2/2"]
    assert found.pairs[1].location == "corpus, line 1, replies 2"
    assert [item.pair.human["tone"] for item in found.pairs] == [1.0, 5.0, 1.0, 5.0]
    # The same lists in a field of a table.
    assert read([row | {"replies": json.dumps(row["replies"])}] * 2, **shape).pairs == found.pairs


def test_a_list_may_hold_the_same_output_twice():
    row = {"question": "Why?", "replies": [{"text": "So.", "tone": 1, "kind": "ask"}] * 2}
    found = read([row, row], rows="replies", document="", system="", output="replies.text", ratings="replies.{criterion}")
    assert [pair.id for pair in check_pairs(found.pairs)] == ["1/1", "1/2", "2/1", "2/2"]


def test_a_list_of_texts_is_joined_by_line_breaks():
    assert read_first([change(question=["Hi.", "Why?"])] * 2).inputs == ("Hi.\nWhy?",)


def test_a_text_that_begins_as_json_is_a_text():
    assert read_first([change(question='["a"]')] * 2).inputs == ('["a"]',)


def test_records_can_be_filtered():
    rows = [change(lang="en"), change(id="d2", lang="de"), change(id="d3", lang="fr")]
    found = read(rows, only={"lang": ["en", "de"]})
    assert [item.pair.document for item in found.pairs] == ["d1", "d2"]
    assert found.dropped == {"lang is not de or en": 1}


def test_a_column_gives_the_split():
    rows = [change(id=f"d{number}", part=part) for number, part in enumerate(["train", "dev", "test", "extra", None])]
    split = {"column": "part", "train": ["train"], "validation": "dev", "test": "test"}
    found = read(rows, split=split)
    assert [item.pair.split for item in found.pairs] == ["train", "validation", "test"]
    assert found.dropped == {"part is 'extra', which is no split": 1, "part is empty, which is no split": 1}


FAULTS = {
    "a column": ({}, {"output": "replys"}, r"line 1: no column 'replys'; found id, bot, .*; did you mean 'reply'\?"),
    "two columns": (
        {},
        {"inputs": ["a"], "output": "b"},
        r"line 1: no column 'a' or 'b'; found .*; name the file's columns in `records`",
    ),
    "a rating's column": (
        {},
        {"ratings": {"tone": "mood"}},
        r"line 1: no ratings of the criterion 'tone': no column 'mood'; found id, bot",
    ),
    "a class": (
        {"kind": "shout"},
        {},
        r"line 2: kind is 'shout'; expected one of the classes ask, tell, other, say in `values` of `records`",
    ),
    "a number for a class": ({"kind": 0}, {}, r"line 2: kind is 0; expected one of the classes"),
    "off the scale": ({"tone": "6.5"}, {}, r"line 2: tone is '6\.5'; expected a number from 1 to 5"),
    "a mapped value": (
        {"tone": "good"},
        {"values": {"good": 9}},
        r"line 2: tone is 9 \(for 'good' in the file\); expected a number from 1 to 5",
    ),
    "one of several raters": ({"tone": [4, 7]}, {}, r"line 2: tone of rater 2 is 7; expected a number"),
    "the same output": (
        {"bot": "B"},
        {"system": ""},
        r"line 2: the same output of document d1 is also at corpus, line 1; .*rows_per_rater",
    ),
    "the same pair": ({"reply": "No."}, {}, r"line 2: the pair d1/A is also at corpus, line 1; .*rows_per_rater"),
    "other inputs": (
        {"bot": "B", "question": "Who?"},
        {},
        r"line 2: the inputs of document d1 differ from those at corpus, line 1",
    ),
    "no lists": ({}, {"rows": "reply"}, r"line 1: reply is of type str; expected a list"),
}


@pytest.mark.parametrize(("fields", "records", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_reported_with_its_location(fields, records, message):
    with pytest.raises(InputError, match=message) as error:
        check_pairs(read([ROW, change(**fields)], **records).pairs)
    assert "\n" not in str(error.value) and len(str(error.value)) < 400
