"""Cherry-picking: one instruction per criterion out of the Single-Task runs, combined in one prompt (paper, section 6.3).

`best` picks each criterion's best instruction by itself, as the paper does. `balanced` picks them together, so that none
is much longer than another: the paper blames unequal length for the interference between instructions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LOWER_IS_BETTER = {"mae"}
TOKENIZER = "words and punctuation marks"
"""What a token is wherever lengths are told: a count that needs no model's vocabulary."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An instruction in force at a step of a Single-Task run, with its score on the test pairs."""

    criterion: str
    gate: str
    seed: int
    step: int
    instruction: str
    value: float

    @property
    def tokens(self) -> int:
        return count_tokens(self.instruction)


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate per criterion, and in words the rule that chose them, with how far its solver came."""

    picked: dict[str, Candidate]
    rule: str


def count_tokens(text: str) -> int:
    """Length of a text in tokens, as TOKENIZER says.

    >>> count_tokens("Rate from 1 to 5.")
    6
    """
    return len(re.findall(r"\w+|[^\w\s]", text))


def best(candidates: Sequence[Candidate], metric: str) -> Choice:
    """The best candidate of each criterion; of equals the one of the earlier step, then of the lower seed."""
    sign = 1 if metric in LOWER_IS_BETTER else -1
    ranked = sorted(candidates, key=lambda c: (sign * c.value, c.step, c.seed, c.gate))
    criteria = dict.fromkeys(candidate.criterion for candidate in candidates)
    picked = {name: next(c for c in ranked if c.criterion == name) for name in criteria}
    return Choice(picked, "best value; of equal values the earlier step, then the lower seed")


def balanced(candidates: Sequence[Candidate], ratio: float, seconds: float) -> Choice:
    """One candidate per criterion with the highest sum of values, the longest at most `ratio` times the shortest.

    An integer program: a binary variable per candidate, one candidate per criterion, and every chosen length between a
    lower bound and `ratio` times it. The solver stops after `seconds`; the best choice found by then is returned, and its
    rule says that a better one may be there. Raises ValueError when it found none.
    """
    import pulp

    distinct = _distinct(candidates)
    program = pulp.LpProblem("balanced", pulp.LpMaximize)
    chosen = [program.add_variable(f"candidate{i}", cat="Binary") for i in range(len(distinct))]
    shortest = program.add_variable("shortest", lowBound=0)
    program += pulp.lpSum(x * c.value for x, c in zip(chosen, distinct, strict=True))
    for name in dict.fromkeys(c.criterion for c in distinct):
        own = [(x, c) for x, c in zip(chosen, distinct, strict=True) if c.criterion == name]
        length = pulp.lpSum(x * c.tokens for x, c in own)
        program += pulp.lpSum(x for x, _ in own) == 1
        program += length >= shortest
        program += length <= ratio * shortest
    # Left to itself the solver ends within a ten-thousandth of the highest sum, where choices differ by less.
    program.solve(pulp.HiGHS(msg=False, timeLimit=seconds, threads=1, gapRel=0))
    if program.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        raise ValueError(f"no choice of instructions with lengths within a ratio of {ratio:g} was found in {seconds:g} s")
    found = {c.criterion: c for x, c in zip(chosen, distinct, strict=True) if (x.value() or 0) > 0.5}
    proven = program.sol_status == pulp.LpSolutionOptimal
    told = "proven to be the highest" if proven else f"the highest found in {seconds:g} s, where the solver was stopped"
    return Choice(found, f"highest sum of values with lengths within {ratio:g}, {told}")


def length_ratio(picked: Mapping[str, Candidate]) -> float:
    """Longest against shortest instruction, in tokens."""
    return asymmetry_of([candidate.tokens for candidate in picked.values()])["ratio"]


def asymmetry_of(lengths: Sequence[int]) -> dict[str, Any]:
    """Shortest and longest of a prompt's instructions, and the one against the other; an empty instruction counts as 1."""
    shortest, longest = min(lengths), max(lengths)
    return {"shortest": shortest, "longest": longest, "ratio": longest / max(shortest, 1), "tokenizer": TOKENIZER}


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of candidates with the same text keep the one of the highest value, then of the earlier step and lower seed: the
    others could never be chosen, and equal columns slow the solver down."""
    ranked = sorted(candidates, key=lambda c: (-c.value, c.step, c.seed, c.gate))
    kept: dict[tuple[str, str], Candidate] = {}
    for candidate in ranked:
        kept.setdefault((candidate.criterion, candidate.instruction), candidate)
    return sorted(kept.values(), key=lambda c: (c.criterion, c.gate, c.seed, c.step))
