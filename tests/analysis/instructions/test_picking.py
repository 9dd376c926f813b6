import itertools
import math
import random

import pulp
import pytest

from collide.analysis.instructions.picking import Candidate, compute_length_ratio, pick_balanced, pick_best
from collide.analysis.instructions.tokens import count_tokens


def candidate(criterion, value, tokens=10, step=1, seed=0, gate="mae"):
    return Candidate(criterion, gate, seed, step, " ".join(["word"] * tokens), value)


def test_each_criterion_gets_its_own_best():
    picked = pick_best([candidate("a", 0.2), candidate("a", 0.5, step=3), candidate("b", 0.1)], "spearman").picked
    assert (picked["a"].step, picked["b"].value) == (3, 0.1)


def test_the_lowest_error_is_best():
    assert pick_best([candidate("a", 0.2), candidate("a", 0.5, step=3)], "mae").picked["a"].step == 1


def test_of_equals_the_earlier_step_then_the_lower_seed_wins():
    tied = [candidate("a", 0.5, step=s, seed=d) for s, d in [(4, 0), (2, 2), (2, 1), (9, 0)]]
    picked = pick_best(tied, "spearman").picked["a"]
    assert (picked.step, picked.seed) == (2, 1)


def test_values_that_differ_by_rounding_are_equal():
    tied = [candidate("a", 0.1 + 0.2, step=5), candidate("a", 0.3, step=2), candidate("a", 0.3 - 1e-6, step=0)]
    assert pick_best(tied, "spearman").picked["a"].step == 2
    tied = [candidate("a", 0.84, step=5), candidate("a", 0.8400000000000001, step=2), candidate("a", 0.85, step=0)]
    assert pick_best(tied, "mae").picked["a"].step == 2
    same_text = [candidate("a", 0.1 + 0.2, step=5), candidate("a", 0.3, step=2), candidate("b", 0.3)]
    assert pick_balanced(same_text, 2, seconds=5).picked["a"].step == 2


def worth(picked):
    return sum(c.value for c in picked.values())


def choices(candidates, ratio):
    """Every choice that fits, by brute force."""
    names = sorted({c.criterion for c in candidates})
    for choice in itertools.product(*([c for c in candidates if c.criterion == n] for n in names)):
        picked = dict(zip(names, choice, strict=True))
        if compute_length_ratio(picked) <= ratio + 1e-9:
            yield picked


@pytest.mark.parametrize("ratio", [1.0, 1.5, 3.0, 100.0])
def test_the_balanced_choice_is_the_best_that_fits(ratio):
    candidates = [
        candidate(name, value=((7 * i + 3 * k) % 11) / 11, tokens=4 + (5 * i + 9 * k) % 40, step=i)
        for k, name in enumerate("abcd")
        for i in range(6)
    ] + [candidate(name, 0.01, tokens=6, step=0) for name in "abcd"]
    choice = pick_balanced(candidates, ratio, seconds=20)
    assert compute_length_ratio(choice.picked) <= ratio + 1e-9
    assert worth(choice.picked) == pytest.approx(max(map(worth, choices(candidates, ratio))))
    assert "proven to be the highest" in choice.rule


def test_choices_that_differ_by_less_than_a_ten_thousandth_are_distinguished():
    draw = random.Random(0)
    candidates = [
        candidate(name, 0.5 + 1e-5 * draw.randrange(12), tokens=draw.randrange(5, 60), step=i)
        for name in "abcd"
        for i in range(12)
    ]
    highest = max(map(worth, choices(candidates, 1.2)))
    assert worth(pick_balanced(candidates, 1.2, seconds=20).picked) == pytest.approx(highest, abs=1e-9)


def test_without_a_limit_each_criterion_has_its_best_and_a_limit_that_excludes_nothing_changes_nothing():
    candidates = [candidate("a", 0.5, tokens=30), candidate("a", 0.4, tokens=10, step=2), candidate("b", 0.3, tokens=10)]
    unlimited = pick_balanced(candidates, math.inf, seconds=5)
    assert unlimited.picked == pick_best(candidates, "spearman").picked == pick_balanced(candidates, 3, seconds=5).picked
    assert "any lengths, proven to be the highest" in unlimited.rule
    assert pick_balanced(candidates, 2.9, seconds=5).picked["a"].step == 2


def test_a_choice_whose_solver_was_stopped_says_so(monkeypatch):
    solved = pulp.HiGHS.findSolutionValues

    def stopped(solver, program):
        solved(solver, program)
        return pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible

    monkeypatch.setattr(pulp.HiGHS, "findSolutionValues", stopped)
    choice = pick_balanced([candidate("a", 0.5), candidate("b", 0.5, tokens=30), candidate("b", 0.4)], 2, seconds=7)
    assert (choice.picked["a"].value, choice.picked["b"].value) == (0.5, 0.4)
    assert "the highest found in 7 s, where the solver was stopped" in choice.rule


def test_no_choice_within_the_ratio_is_said():
    with pytest.raises(ValueError, match=r"ratio of 1\.5"):
        pick_balanced([candidate("a", 0.5, tokens=4), candidate("b", 0.5, tokens=40)], 1.5, seconds=5)


def test_tokens_are_words_and_punctuation_marks():
    assert count_tokens("Rate from 1 to 5.") == 6
    assert count_tokens("  ") == 0
