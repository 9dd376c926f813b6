import itertools

import pytest

from collide.cherrypick import Candidate, balanced, best, count_tokens, length_ratio


def candidate(criterion, value, tokens=10, step=1, seed=0, gate="mae"):
    return Candidate(criterion, gate, seed, step, " ".join(["word"] * tokens), value)


def test_each_criterion_gets_its_own_best():
    picked = best([candidate("a", 0.2), candidate("a", 0.5, step=3), candidate("b", 0.1)], "spearman")
    assert (picked["a"].step, picked["b"].value) == (3, 0.1)


def test_the_lowest_error_is_best():
    assert best([candidate("a", 0.2), candidate("a", 0.5, step=3)], "mae")["a"].step == 1


def test_of_equals_the_earlier_step_then_the_lower_seed_wins():
    tied = [candidate("a", 0.5, step=s, seed=d) for s, d in [(4, 0), (2, 2), (2, 1), (9, 0)]]
    picked = best(tied, "spearman")["a"]
    assert (picked.step, picked.seed) == (2, 1)


def choices(candidates, ratio):
    """Every choice that fits, by brute force."""
    names = sorted({c.criterion for c in candidates})
    for choice in itertools.product(*([c for c in candidates if c.criterion == n] for n in names)):
        picked = dict(zip(names, choice, strict=True))
        if length_ratio(picked) <= ratio + 1e-9:
            yield picked


@pytest.mark.parametrize("ratio", [1.0, 1.5, 3.0, 100.0])
def test_the_balanced_choice_is_the_best_that_fits(ratio):
    candidates = [
        candidate(name, value=((7 * i + 3 * k) % 11) / 11, tokens=4 + (5 * i + 9 * k) % 40, step=i)
        for k, name in enumerate("abcd")
        for i in range(6)
    ] + [candidate(name, 0.01, tokens=6, step=0) for name in "abcd"]
    picked = balanced(candidates, ratio, seconds=20)
    expected = max(sum(c.value for c in choice.values()) for choice in choices(candidates, ratio))
    assert length_ratio(picked) <= ratio + 1e-9
    assert sum(c.value for c in picked.values()) == pytest.approx(expected)


def test_no_choice_within_the_ratio_is_said():
    with pytest.raises(ValueError, match=r"ratio of 1\.5"):
        balanced([candidate("a", 0.5, tokens=4), candidate("b", 0.5, tokens=40)], 1.5, seconds=5)


def test_tokens_are_words_and_punctuation_marks():
    assert count_tokens("Rate from 1 to 5.") == 6
    assert count_tokens("  ") == 0
