"""Human score of a pair: the raters' single ratings, combined as a protocol says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from statistics import median

from collide.corpus.pairs import Pair
from collide.corpus.records.ratings import choose_majority
from collide.errors import InputError

# The value of `human_score` that makes one row of each pair and expert, as in the authors' data.
ONE_EXPERT = "one_expert"
# The value that needs no single ratings: every corpus has means, or the class that most raters chose.
MEAN = "mean"

Combination = Callable[[Pair, Sequence[float]], float]


def apply_human_score(pairs: Sequence[Pair], human_score: str, nominal: Collection[str] = ()) -> list[Pair]:
    """Return the pairs with the human score that a protocol asks for.

    human_score: `mean`, `median`, `expert1`, `expert2`, ... (by their order in the file), or `one_expert`, which returns one
        row of each pair and expert. Such a row is a pair with a name of its own, `<document>/<system>/expert<number>`, and
        that expert's ratings as its human scores.
    nominal: criteria whose ratings are classes without an order; their mean and median are the class that most raters chose

    Raises InputError if single ratings are needed and a pair has none, or has no such expert.
    """
    if human_score == MEAN:
        return list(pairs)
    if lacking := next((pair for pair in pairs if not pair.ratings), None):
        raise InputError(
            f"human_score is {human_score!r}, but the corpus has only means (pair {lacking.id}); set human_score: mean or use a"
            " file with single ratings (SummEval's is model_annotations.aligned.paired.jsonl)"
        )
    if human_score == ONE_EXPERT:
        return [row for pair in pairs for row in _list_rows(pair)]
    return [
        _with_scores(
            pair,
            pair.id,
            {name: _select_combination(human_score, name in nominal)(pair, values) for name, values in pair.ratings.items()},
        )
        for pair in pairs
    ]


def _list_rows(pair: Pair) -> Iterator[Pair]:
    """Yield one row for each expert who rated the pair."""
    for number in range(min(map(len, pair.ratings.values()))):
        scores = {name: values[number] for name, values in pair.ratings.items()}
        yield _with_scores(pair, f"{pair.id}/expert{number + 1}", scores)


def _select_combination(human_score: str, is_nominal: bool) -> Combination:
    """Return the function that makes the human score of a pair and its ratings of one criterion."""
    if human_score == "median":
        return lambda pair, values: choose_majority(values) if is_nominal else float(median(values))
    number = int(human_score.removeprefix("expert"))

    def read_expert(pair: Pair, values: Sequence[float]) -> float:
        if number > len(values):
            raise InputError(f"human_score is {human_score!r}, but {len(values)} experts rated the pair {pair.id}")
        return values[number - 1]

    return read_expert


def _with_scores(pair: Pair, name: str, scores: Mapping[str, float]) -> Pair:
    return dataclasses.replace(pair, id=name, human=dict(scores))
