"""Words for what was read: counts, human scores of each kind of scale, and what was left out."""

from collide.corpus.manifest_text import describe_split, list_lines

MANIFEST = {
    "format": "TSV, gzip",
    "layout": "release",
    "pairs": 1200,
    "documents": 300,
    "documents_are_rows": False,
    "systems": ["A", "B", "C", "D"],
    "criteria": {
        "tone": {"mean": 3.5, "share_of_highest": 0.25, "shares": {}},
        "level": {"mean": 0.5, "share_of_highest": 0.5, "shares": {"low": 0.5, "high": 0.5}},
        "kind": {"mean": None, "share_of_highest": None, "shares": {"ask": 0.75, "tell": 0.25}},
    },
    "dropped": {"reply is empty": 1000, "no rating of tone": 2},
    "incomplete_ratings": 3,
}


def test_a_corpus_is_described_in_lines():
    assert list_lines(MANIFEST) == [
        "TSV, gzip in layout release, 1,200 pairs of 300 documents by 4 systems",
        "tone: mean 3.500, 25.0% have the highest score",
        "level: mean 0.500 (low 0 to high 1), 50.0% have the highest score",
        "kind: 75.0% ask, 25.0% tell",
        "left out: 1,000 rows, because reply is empty",
        "left out: 2 rows, because no rating of tone",
        "left out: 3 ratings of raters who did not rate all criteria",
    ]


def test_rows_that_are_documents_are_told():
    plain = MANIFEST | {"layout": "", "systems": [], "documents_are_rows": True, "dropped": {}, "incomplete_ratings": 0}
    assert list_lines(plain)[0] == "TSV, gzip, 1,200 pairs; each row is a document of its own"
    assert len(list_lines(plain)) == 4


def test_a_split_of_the_corpus_has_no_more_than_its_own_pairs():
    sizes = {"train": 80, "validation": 20, "test": 100, "seed": 0, "unit": "pair"}
    assert describe_split({"split": {}}, sizes) == "80 train, 20 validation, 100 test"
    assert describe_split({"split": {"train": 500, "test": 60}}, sizes) == "80 train, 20 validation, 60 test"
