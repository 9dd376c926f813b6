"""Human scores: the experts' single ratings combined in each way that a protocol can ask for."""

from __future__ import annotations

import pytest

from collide.corpus.human_score import apply_human_score
from collide.corpus.pairs import Pair
from collide.errors import InputError

PAIRS = [
    Pair("d/M0", "d", "M0", ("Text.",), "Sum.", {"fluency": 14 / 3, "tone": 2.0}, {"fluency": (5, 4, 5), "tone": (1, 3, 2)}),
    Pair("d/M1", "d", "M1", ("Text.",), "Sum.", {"fluency": 1.0, "tone": 1.0}, {"fluency": (1, 1, 1), "tone": (1, 1, 1)}),
]
MEANS = [Pair("d/M0", "d", "M0", ("Text.",), "Sum.", {"fluency": 4.5})]


@pytest.mark.parametrize(
    ("human_score", "fluency"), [("mean", 14 / 3), ("median", 5), ("expert1", 5), ("expert2", 4), ("expert3", 5)]
)
def test_single_ratings_can_be_combined_in_several_ways(human_score, fluency):
    found = apply_human_score(PAIRS, human_score)
    assert [pair.id for pair in found] == ["d/M0", "d/M1"]
    assert found[0].human["fluency"] == pytest.approx(fluency)
    assert found[0].ratings == PAIRS[0].ratings


def test_one_expert_makes_a_row_with_a_name_of_its_own_for_each_rating():
    rows = apply_human_score(PAIRS, "one_expert")
    assert [row.id for row in rows] == [f"d/M{system}/expert{number}" for system in (0, 1) for number in (1, 2, 3)]
    assert [row.human["tone"] for row in rows] == [1, 3, 2, 1, 1, 1]
    assert {(row.document, row.system) for row in rows[:3]} == {("d", "M0")}


@pytest.mark.parametrize("human_score", ["median", "expert1", "one_expert"])
def test_means_alone_give_no_other_score(human_score):
    assert apply_human_score(MEANS, "mean") == MEANS
    with pytest.raises(InputError, match=rf"human_score is '{human_score}', but the corpus has only means \(pair d/M0\)"):
        apply_human_score(MEANS, human_score)


def test_a_missing_expert_is_reported():
    short = [Pair("d/M0", "d", "M0", ("Text.",), "Sum.", {"tone": 1.0}, {"tone": (1.0, 1.0)})]
    with pytest.raises(InputError, match="human_score is 'expert3', but 2 experts rated the pair d/M0"):
        apply_human_score(short, "expert3")


def test_median_of_classes_is_the_class_that_most_raters_chose():
    pair = Pair(
        "d", "d", "", (), "Text.", {"kind": 2.0, "tone": 2.0}, {"kind": (2.0, 0.0, 2.0, 1.0), "tone": (1.0, 1.0, 3.0, 4.0)}
    )
    [median] = apply_human_score([pair], "median", nominal=["kind"])
    assert median.human == {"kind": 2.0, "tone": 2.0}
    [expert] = apply_human_score([pair], "expert2", nominal=["kind"])
    assert expert.human == {"kind": 0.0, "tone": 1.0}
