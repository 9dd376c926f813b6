"""Cherry-picking: one instruction per criterion from Single-Task runs, combined in one prompt (paper, section 6.3).

`pick_best` picks each criterion's best instruction independently, as the paper does. `pick_balanced` picks them jointly, so
that none is much longer than another: the paper blames unequal length for the interference between instructions. Without a
limit on the lengths both pick the same; the balanced choice then serves as the reference of those with a limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.analysis.instructions.tokens import compare_lengths, count_tokens
from collide.analysis.metrics import METRICS
from collide.common.comparison import select_highest


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
        """Return the length of the instruction."""
        return count_tokens(self.instruction)


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate per criterion, and a sentence on the rule that chose them and on how far its solver came."""

    picked: dict[str, Candidate]
    rule: str


def pick_variant(candidates: Sequence[Candidate], variant: Mapping[str, Any], criteria: Sequence[str]) -> Choice:
    """Return the choice of a variant (see `list_variants`), in the order of the criteria.

    Raises ValueError when a criterion has no candidate or no choice fits the variant's length ratio.
    """
    if lacking := [name for name in criteria if name not in {candidate.criterion for candidate in candidates}]:
        raise ValueError(f"no Single-Task instruction has a defined {variant['metric']} for {', '.join(lacking)}")
    if variant["ratio"] is None:
        choice = pick_best(candidates, variant["metric"])
    else:
        choice = pick_balanced(candidates, variant["ratio"], variant["solver_seconds"])
    return Choice({name: choice.picked[name] for name in criteria}, choice.rule)


def pick_best(candidates: Sequence[Candidate], metric: str) -> Choice:
    """Return the best candidate of each criterion; of equal ones that of the earlier step, then of the lower seed."""
    sign = 1 if METRICS[metric].higher_is_better else -1
    picked = {name: _find_first_best(own, sign) for name, own in _group_by_criterion(candidates).items()}
    return Choice(picked, "best value; of equal values the earlier step, then the lower seed")


def pick_balanced(candidates: Sequence[Candidate], ratio: float, seconds: float) -> Choice:
    """Return one candidate per criterion with the highest sum of values and a length ratio of at most `ratio`.

    If the best candidates of all criteria fit the ratio, which may be infinite, they are the choice. Otherwise the choice is
    the solution of an integer program: a binary variable per candidate, one candidate per criterion, and every chosen length
    between a lower bound and `ratio` times it. The solver stops after `seconds` with the best choice found so far; the rule of
    the choice then says that a better one may exist. Raises ValueError when it found none.
    """
    limit = "any lengths" if math.isinf(ratio) else f"lengths within {ratio:g}"
    best = {name: _find_first_best(own) for name, own in _group_by_criterion(candidates).items()}
    if compute_length_ratio(best) <= ratio:
        return Choice(best, f"highest sum of values with {limit}, proven to be the highest: each is the best of its criterion")
    import pulp

    distinct = _drop_duplicates(candidates)
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
    # By default the solver stops within a ten-thousandth of the highest sum, but choices differ by less.
    # One thread, because the job has one core, and because the choice among equal sums then is the same in every run.
    program.solve(pulp.HiGHS(msg=False, timeLimit=seconds, threads=1, gapRel=0))
    if program.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        raise ValueError(f"no choice of instructions with lengths within a ratio of {ratio:g} was found in {seconds:g} s")
    # Solvers return 0.9999999 for 1, and None for a variable that cannot matter.
    found = {c.criterion: c for x, c in zip(chosen, distinct, strict=True) if (x.value() or 0) > 0.5}
    proven = program.sol_status == pulp.LpSolutionOptimal
    status = "proven to be the highest" if proven else f"the highest found in {seconds:g} s, where the solver was stopped"
    return Choice(found, f"highest sum of values with {limit}, {status}")


def compute_length_ratio(picked: Mapping[str, Candidate]) -> float:
    """Return the length ratio: the length of the longest instruction divided by that of the shortest."""
    return compare_lengths([candidate.tokens for candidate in picked.values()])["ratio"]


def _drop_duplicates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Keep, of candidates with the same text, the one of the highest value, then of the earlier step and lower seed.

    The others could never be chosen, and equal columns slow the solver down.
    """
    equal: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        equal.setdefault((candidate.criterion, candidate.instruction), []).append(candidate)
    return sorted(map(_find_first_best, equal.values()), key=lambda c: (c.criterion, c.gate, c.seed, c.step))


def _group_by_criterion(candidates: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    grouped: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        grouped.setdefault(candidate.criterion, []).append(candidate)
    return grouped


def _find_first_best(candidates: Sequence[Candidate], sign: int = 1) -> Candidate:
    """Return the candidate of the highest value times `sign`; of equal ones the earlier step, then the lower seed."""
    return min(select_highest(candidates, lambda c: sign * c.value), key=lambda c: (c.step, c.seed, c.gate))
