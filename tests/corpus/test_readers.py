"""Readers: the public layouts give the same pairs, and each fault of a file gives one sentence with its place."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from collide.corpus.checks import check_origin, check_pairs, describe, is_summeval
from collide.corpus.file_records import parse_records, read_bytes
from collide.corpus.readers import SUMMEVAL_SYSTEMS, read_layout
from collide.errors import InputError

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
SUMMEVAL = Path(__file__).parents[3] / "shared" / "summeval" / "summeval.jsonl"
CRITERIA = ["fluency", "relevance"]
FOUR = dict.fromkeys(["fluency", "relevance", "coherence", "consistency"], (1, 5))
SCALES = {"fluency": (1, 5), "relevance": (1, 5)}

RATINGS = [
    [{"fluency": 5, "relevance": 2 + system}, {"fluency": 4, "relevance": 1}, {"fluency": 5, "relevance": 3}]
    for system in (0, 1)
]
RELEASE = [
    {
        "id": f"doc{document}",
        "model_id": f"S{system}",
        "decoded": f"Summary {system} of {document}.",
        "text": f"Article {document}.",
        "references": ["A reference."],
        "expert_annotations": RATINGS[system],
        "turker_annotations": [{"fluency": 1, "relevance": 1}] * 5,
        "filepath": "cnndm/test.story",
    }
    for document in (1, 2)
    for system in (0, 1)
]
GEVAL = [
    {
        "doc_id": row["id"],
        "system_id": row["model_id"],
        "source": row["text"],
        "reference": "A reference.",
        "system_output": row["decoded"],
        "scores": {name: sum(expert[name] for expert in row["expert_annotations"]) / 3 for name in CRITERIA},
    }
    for row in RELEASE
]
MTEB = [
    {
        "id": f"doc{document}",
        "text": f"Article {document}.",
        "machine_summaries": [f"Summary {system} of {document}." for system in (0, 1)],
        "human_summaries": ["A reference."],
        "fluency": [14 / 3, 14 / 3],
        "relevance": [2.0, 7 / 3],
    }
    for document in (1, 2)
]


def lines(rows):
    return "\n".join(json.dumps(row) for row in rows).encode() + b"\n"


def array(rows):
    return json.dumps(rows, indent=1).encode()


def parquet(rows):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


def read(content, human_score="mean", scales=SCALES):
    layout, located = read_layout(parse_records(content, "corpus"), scales, human_score)
    return layout, check_pairs(located)


def changed(rows, index, **fields):
    """`rows` with other values for some fields of one row; None removes a field."""
    rows = copy.deepcopy(rows)
    rows[index].update(fields)
    rows[index] = {name: value for name, value in rows[index].items() if value is not None}
    return rows


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        (lines(MTEB), "mteb"),
        (parquet(MTEB), "mteb"),
        (lines(RELEASE), "release"),
        (b"\xef\xbb\xbf" + lines(RELEASE) + b"\n", "release"),
        (array(GEVAL), "geval"),
        (lines(GEVAL), "geval"),
    ],
    ids=["mteb lines", "mteb Parquet", "release", "release with byte order mark", "G-Eval", "G-Eval lines"],
)
def test_all_layouts_give_the_same_pairs(content, layout):
    found, pairs = read(content)
    assert found == layout
    assert [pair.id for pair in pairs] == ["doc1/S0", "doc1/S1", "doc2/S0", "doc2/S1"]
    assert (pairs[3].article, pairs[3].summary) == ("Article 2.", "Summary 1 of 2.")
    assert pairs[3].human == {"fluency": pytest.approx(14 / 3), "relevance": pytest.approx(7 / 3)}


@pytest.mark.parametrize(
    ("human_score", "relevance"), [("mean", 7 / 3), ("median", 3.0), ("expert1", 3.0), ("expert2", 1.0), ("expert3", 3.0)]
)
def test_single_ratings_can_be_put_together_in_several_ways(human_score, relevance):
    assert read(lines(RELEASE), human_score=human_score)[1][1].human["relevance"] == pytest.approx(relevance)


@pytest.mark.parametrize("content", [lines(MTEB), array(GEVAL)], ids=["mteb", "geval"])
def test_means_cannot_be_taken_apart(content):
    with pytest.raises(InputError, match=r"human_score is 'median', but corpus holds means only"):
        read(content, human_score="median")


def test_sixteen_summaries_carry_the_names_of_summeval():
    row = MTEB[0] | {"machine_summaries": ["Text."] * 16, "fluency": [5.0] * 16, "relevance": [1.0] * 16}
    assert [pair.system for pair in read(lines([row]))[1]] == list(SUMMEVAL_SYSTEMS)


def test_other_criteria_and_scales_are_read_alike():
    rows = [row | {"expert_annotations": [{"tone": 0}, {"tone": 10}]} for row in RELEASE]
    _, pairs = read(lines(rows), scales={"tone": (0, 10)})
    assert [pair.human for pair in pairs] == [{"tone": 5.0}] * 4


LACKING = [row | {"expert_annotations": [{"fluency": 5}] * 3} for row in RELEASE]
FAULTS = {
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
    "no scores": (changed(GEVAL, 1, scores=[5, 5]), r"line 2: scores is list"),
    "no experts": (changed(RELEASE, 1, expert_annotations=[]), r"line 2: expert_annotations is no list of ratings"),
    "out of scale": (
        changed(GEVAL, 2, scores={"fluency": 5.5, "relevance": 1}),
        r"line 3, scores: fluency is 5\.5; expected a number from 1 to 5",
    ),
    "not a number": (changed(GEVAL, 2, scores={"fluency": float("nan"), "relevance": 1}), r"line 3, scores: fluency is nan"),
    "text for a score": (
        changed(GEVAL, 2, scores={"fluency": "5", "relevance": 1}),
        r"line 3, scores: fluency is '5'; expected a number",
    ),
    "a score without end": (
        changed(GEVAL, 2, scores={"fluency": 10**400, "relevance": 1}),
        r"line 3, scores: fluency is 10+\.\.\.0+; expected a number from 1 to 5",
    ),
    "a list for a score": (
        changed(GEVAL, 2, scores={"fluency": [5] * 999, "relevance": 1}),
        r"line 3, scores: fluency is \[5, 5, 5, 5, 5, 5, \.\.\.\]; expected a number",
    ),
    "no summaries": (changed(MTEB, 1, machine_summaries=[]), r"line 2: machine_summaries is empty"),
    "two articles": (
        changed(RELEASE, 3, text="Another."),
        r"line 4: the document doc2 has another article than at corpus, line 3",
    ),
    "too few scores": (changed(MTEB, 1, fluency=[5.0]), r"line 2: 1 scores of fluency for 2 summaries"),
    "twice": ([*RELEASE, RELEASE[1]], r"line 5: the pair doc1/S1 stands at corpus, line 2 already"),
    "empty summary": (
        changed(MTEB, 1, machine_summaries=["Good.", "  "]),
        r"line 2, summary 2: the summary is empty",
    ),
    "empty article": (changed(RELEASE, 3, text=""), r"line 4: text is empty"),
    "null summary": (changed(MTEB, 0, machine_summaries=["Good.", None]), r"line 1, summary 2: the summary is NoneType"),
    "number for a text": (changed(RELEASE, 3, text=7), r"line 4: text is int; expected text"),
    "no scores at all": (changed(GEVAL, 1, scores=None), r"line 2: the field 'scores' is missing"),
    "missing field": (changed(RELEASE, 3, decoded=None), r"line 4: the field 'decoded' is missing"),
    "no id": (changed(RELEASE, 2, id=""), r"line 3: id is ''; expected a name"),
    "half a character": (changed(RELEASE, 0, text="a \ud83d b"), r"line 1: text holds half a character"),
    "half a character in a summary": (
        changed(MTEB, 1, machine_summaries=["Good.", "a \udc00"]),
        r"line 2, summary 2: the summary holds half a character",
    ),
    "half a character in a name": (
        changed(RELEASE, 2, id="doc\ud83d"),
        r"line 3: id is 'doc\\ud83d'; expected a name of print",
    ),
    "a system of two lines": (changed(GEVAL, 1, system_id="S\n1"), r"line 2: system_id is 'S\\n1'; expected a name of print"),
    "half a character in a field": ([{"\ud83d": 1}], r"line 1: unknown layout with the fields '\\ud83d'; expected"),
}


@pytest.mark.parametrize(("rows", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_place(rows, message):
    with pytest.raises(InputError, match=r"corpus, " + message) as error:
        read(lines(rows))
    sentence = str(error.value)
    assert "\n" not in sentence and len(sentence) < 400
    sentence.encode("utf-8")


@pytest.mark.parametrize("human_score", ["mean", "median", "expert2"])
def test_a_rating_off_the_scale_is_named_even_where_the_human_score_hides_it(human_score):
    ratings = [{"fluency": rating, "relevance": 3} for rating in (9, 1, 0)]
    rows = changed(RELEASE, 2, expert_annotations=ratings)
    with pytest.raises(InputError, match=r"corpus, line 3, expert 1: fluency is 9; expected a number from 1 to 5"):
        read(lines(rows), human_score)


BROKEN = {
    "a line": (lines(RELEASE)[:-20], r"corpus, line 4: broken JSON"),
    "an array": (array(GEVAL)[:-20], r"corpus: broken JSON"),
    "no object": (b'{"id": 1}\n[2]\n', r"corpus, line 2: found list; expected an object"),
    "Parquet": (parquet(MTEB)[:-20], r"corpus: broken Parquet file"),
    "a page of Parquet": (parquet(MTEB)[:4] + bytes(56) + parquet(MTEB)[60:], r"corpus: broken Parquet file \(.*\); get it"),
    "text of Parquet": (parquet(MTEB).replace(b"Article", b"Articl\xff"), r"corpus: broken Parquet file .*utf-8"),
    "gzip": (gzip.compress(lines(RELEASE)), r"corpus: this is a packed file \(gzip\); unpack it"),
    "an object over several lines": (
        json.dumps(RELEASE[0], indent=2).encode(),
        r"corpus: the first object runs over several lines; expected each object on one line",
    ),
    "a deep array": (b"[" * 100_000, r"corpus: brackets are nested too deep"),
    "a deep line": (lines(RELEASE) + b'{"a":' * 100_000, r"corpus, line 5: brackets are nested too deep"),
    "empty": (b" \n", r"corpus: the file holds no records"),
    "empty array": (b"[]", r"corpus: the file holds no records"),
    "bytes": (b'{"id": "\xff"}', r"corpus: byte 8 is no UTF-8 text"),
    "a web page": (b"<!DOCTYPE html>\n<html></html>", r"corpus, line 1: broken JSON"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named(content, message):
    with pytest.raises(InputError, match=message) as error:
        read(content)
    assert "\n" not in str(error.value)


def test_an_expert_who_did_not_rate_is_named():
    rows = changed(RELEASE, 2, expert_annotations=RATINGS[0][:2])
    with pytest.raises(InputError, match=r"line 3: human_score is 'expert3', but 2 experts rated this pair"):
        read(lines(rows), "expert3")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"there is no file .*none\.jsonl"):
        read_bytes(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match=r"cannot be read: Is a directory"):
        read_bytes(tmp_path)


def summeval(documents=100, fluency=4.673):
    """The description of a corpus with SummEval's counts and means, or others."""
    means = {"relevance": 3.7772, "coherence": 3.4118, "fluency": fluency, "consistency": 4.66}
    return {
        "documents": documents,
        "pairs": 16 * documents,
        "criteria": {name: {"mean": mean} for name, mean in means.items()},
    }


def test_what_comes_from_summevals_address_must_be_summeval():
    live = CONFIG["corpora"]["live"]
    check_origin(live, summeval(), "mean")
    with pytest.raises(InputError, match=r"gave 99 documents and 1584 pairs .*; expected SummEval: 100 documents x 16"):
        check_origin(live, summeval(documents=99), "mean")
    with pytest.raises(InputError, match=r"relevance 3\.777, .*fluency 4\.660, .*; expected SummEval.*fluency 4\.673"):
        check_origin(live, summeval(fluency=4.66), "mean")


@pytest.mark.parametrize(("origin", "human_score"), [("mine.jsonl", "mean"), (CONFIG["corpora"]["live"], "median")])
def test_other_data_and_other_human_scores_may_be_anything(origin, human_score):
    check_origin(origin, summeval(documents=99), human_score)


@pytest.mark.skipif(not SUMMEVAL.exists(), reason="SummEval is not there")
def test_summeval_has_the_published_means():
    _, pairs = read(SUMMEVAL.read_bytes(), scales=FOUR)
    description = describe(pairs, FOUR)
    assert {name: round(figures["mean"], 3) for name, figures in description["criteria"].items()} == {
        "relevance": 3.777,
        "coherence": 3.412,
        "fluency": 4.673,
        "consistency": 4.660,
    }
    assert round(description["criteria"]["consistency"]["share_of_highest"], 3) == 0.816
    assert round(description["criteria"]["fluency"]["share_of_highest"], 3) == 0.719
    assert is_summeval(description)
    assert not is_summeval(describe(pairs[16:], FOUR))
