"""What making everything will come to, before anything is called: calls and tokens of each job.

How many calls a run makes follows from its mode, except for how often its gate accepts and how often a rewrite brings a new
wording; how long its prompts are follows from the corpus and the templates, except for the texts that models write. What is
not known is assumed in three ways (`SCENARIOS`), which make a range; replies that are there replace the assumed lengths.

Two things change in the course of a run. A gate compares each candidate with the best so far, and of s candidates that are
drawn alike each is as likely to be the best: the chance to be accepted falls as 1/s. And instructions settle: each accepted
rewrite brings them half of the way to a wording that further rewrites leave as it is (`settled`), so that they grow less
and less, and new wordings become rarer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collide.corpus.pairs import Pair
from collide.experiment.criteria import Criterion
from collide.experiment.gates import GATES
from collide.experiment.modes import Group, Mode, overlapping_groups
from collide.llm.request import LETTERS_PER_TOKEN, Message
from collide.optimize.diagnostics import DIAGNOSTICS
from collide.optimize.prompts import Instructions, JudgePrompt, render

Prompts = Sequence[Sequence[Message]]

SAMPLED = 20
"""Pairs whose prompts are rendered to learn how long they are."""
FRAME = 25
"""Tokens of a critique or gradient that it takes whatever the number of its criteria."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is assumed: a gate accepts the new candidate of step s with the chance `accepted` / s; the share of the rewrites of
    a settled instruction that bring a new wording; its tokens; and what a critique and a gradient say of each criterion."""

    accepted: float
    fresh: float
    instruction: int
    critique: int
    gradient: int


SCENARIOS = {
    "low": Scenario(accepted=0.3, fresh=0.3, instruction=100, critique=20, gradient=60),
    "middle": Scenario(accepted=0.71, fresh=0.5, instruction=185, critique=32, gradient=95),
    "high": Scenario(accepted=math.inf, fresh=1.0, instruction=400, critique=150, gradient=300),
}
"""The middle is about what the default design came to on the simulator: its gates accepted 116 new candidates, where the sum of
1 / s over all of them is 160. The ends leave room for other models, and for gates that hold nothing back."""


@dataclass(frozen=True, slots=True)
class Part:
    """Calls of one kind: their number, and the tokens of one in and out."""

    role: str
    calls: float
    tokens_in: float
    tokens_out: float


@dataclass(frozen=True, slots=True)
class Step:
    """What is expected of a step: accepted rewrites before it, the chance that its candidate differs from the prompt in force,
    and the chance that a candidate that differs is accepted."""

    rewrites: float
    fresh: float
    accepted: float


class Forecast:
    """Counts calls and tokens of jobs under one scenario. `measured` holds mean tokens in and out of a role's replies where
    enough are there; they stand for what the scenario assumes."""

    def __init__(
        self,
        scenario: Scenario,
        criteria: Mapping[str, Criterion],
        pairs: Sequence[Pair],
        measured: Mapping[str, tuple[float, float]],
    ) -> None:
        self.scenario, self.criteria, self.measured = scenario, criteria, measured
        self.pairs = pairs[:: max(1, len(pairs) // SAMPLED)]
        self.initial = {name: criterion.initial_instruction for name, criterion in criteria.items()}
        self.settled = dict.fromkeys(criteria, _text(scenario.instruction))

    def optimize(self, mode: Mode, gate: str, steps: int, batch: int, validation: int) -> Iterator[Part]:
        """Calls of one optimization run."""
        path = self._path(mode, gate, steps)
        before = sum(settled(step.rewrites) for step in path) / steps
        after = sum(settled(step.rewrites + 1) for step in path) / steps
        yield self._judge(mode, steps * batch, before)
        if GATES[gate].metric:
            prompts = sum(step.fresh for step in path)
            share = sum(step.fresh * settled(step.rewrites + 1) for step in path) / prompts
            yield self._judge(mode, prompts * validation, share)
        for group in mode.loss:
            yield self._write("loss", steps * batch, group, before, self._critique_tokens(group))
        for group in mode.gradient:
            critiques = _feedback(self._critique_tokens(of) for of in overlapping_groups(mode.loss, group))
            yield self._write("gradient", steps * batch, group, before, self._gradient_tokens(group), critiques=critiques)
        for group in mode.optimizer:
            gradients = _feedback(self._gradient_tokens(of) for of in overlapping_groups(mode.gradient, group) * batch)
            yield self._rewrite(steps, group, gradients, before, (10 + after * self.scenario.instruction) * len(group))

    def prompts(self, mode: Mode, gate: str, steps: int) -> float:
        """Different prompts that a run has in force, the initial one included."""
        return 1 + sum(step.fresh * step.accepted for step in self._path(mode, gate, steps))

    def evaluate(self, mode: Mode, gate: str, prompts: float, test: int, validation: int) -> Iterator[Part]:
        """Calls of one evaluation of so many prompts; those with the initial one, and a gate's validations, are borrowed."""
        pairs = test if GATES[gate].metric else test + validation
        rewritten = prompts - 1
        yield self._judge(mode, rewritten * pairs, _mean_settled(prompts) * prompts / rewritten if rewritten else 0.0)

    def evaluate_initial(self, mode: Mode, pairs: int) -> Iterator[Part]:
        """Calls of one evaluation of the initial prompt, which runs share."""
        yield self._judge(mode, pairs, 0.0)

    def diagnose(self, mode: Mode, gate: str, steps: int, batch: int) -> Iterator[Part]:
        """Calls of the diagnostics of one run."""
        path = self._path(mode, gate, steps)
        # The old and the new instruction are shown, which together are as long as twice one that lies between them.
        share = sum(settled(step.rewrites) + settled(step.rewrites + 1) for step in path) / (2 * steps)
        for group in mode.gradient:
            gradient = _text(batch * self._gradient_tokens(group))
            for name in group:
                for diagnostic in DIAGNOSTICS:
                    yield self._rate(diagnostic, name, steps, gradient, share)

    def variant(self, mode: Mode, gates: Sequence[str], steps: int, together: bool, test: int) -> Iterator[Part]:
        """Calls of one cherry-picked prompt with one seed: one a pair, or one a pair and criterion. Its instructions are any
        that runs over one criterion had in force; of several gates, that which accepts most offers most of them."""
        alone = [Mode(mode.name, (name,), (), (), ()) for name in mode.criteria]
        share = _mean_settled(max(self.prompts(alone[0], gate, steps) for gate in gates))
        for judged in [mode] if together else alone:
            yield self._judge(judged, test, share)

    def _path(self, mode: Mode, gate: str, steps: int) -> list[Step]:
        """What is expected of each step of a run."""
        path, rewrites = [], 0.0
        for number in range(1, steps + 1):
            same = (1 - self.scenario.fresh) * settled(rewrites)
            accepted = min(1.0, self.scenario.accepted / number) if GATES[gate].metric else 1.0
            path.append(Step(rewrites, 1 - same ** len(mode.criteria), accepted))
            rewrites += path[-1].fresh * accepted
        return path

    def _judge(self, mode: Mode, calls: float, share: float) -> Part:
        """Calls to the judge, who replies with a JSON object and, now and then, something around it."""

        def sent(instructions: Instructions) -> Prompts:
            prompt = JudgePrompt(self._of(mode.criteria), instructions)
            return [prompt.messages(pair) for pair in self.pairs]

        return self._part("task", calls, sent, share, 1 + sum(len(name) + 7 for name in mode.criteria) / LETTERS_PER_TOKEN)

    def _write(self, role: str, calls: float, group: Group, share: float, tokens_out: float, **values: object) -> Part:
        """Calls to a model that writes about one pair."""
        scores = dict.fromkeys(self.criteria, 4)

        def sent(instructions: Instructions) -> Prompts:
            of = self._of(group)
            return [
                render(role, criteria=of, pair=pair, instructions=instructions, prediction=scores, **values)
                for pair in self.pairs
            ]

        return self._part(role, calls, sent, share, tokens_out)

    def _rewrite(self, calls: float, group: Group, gradients: object, share: float, tokens_out: float) -> Part:
        """Calls to the optimizer."""

        def sent(instructions: Instructions) -> Prompts:
            return [render("optimizer", criteria=self._of(group), instructions=instructions, gradients=gradients)]

        return self._part("optimizer", calls, sent, share, tokens_out)

    def _rate(self, diagnostic: str, name: str, calls: float, gradient: str, share: float) -> Part:
        """Calls to the evaluator, who replies with a number."""

        def sent(instructions: Instructions) -> Prompts:
            text = instructions[name]
            return [render(diagnostic, criterion=self.criteria[name], gradient=gradient, old=text, new=text)]

        return self._part("evaluator", calls, sent, share, 1)

    def _part(self, role: str, calls: float, sent: Callable[[Instructions], Prompts], share: float, tokens_out: float) -> Part:
        """Calls whose prompts hold instructions that lie, by this share, between the initial and the settled ones."""
        tokens_in = (1 - share) * _mean_tokens(sent(self.initial)) + share * _mean_tokens(sent(self.settled))
        return Part(role, calls, *self.measured.get(role, (tokens_in, tokens_out)))

    def _critique_tokens(self, group: Group) -> int:
        return FRAME + self.scenario.critique * len(group)

    def _gradient_tokens(self, group: Group) -> int:
        return FRAME + self.scenario.gradient * len(group)

    def _of(self, group: Group) -> list[Criterion]:
        return [self.criteria[name] for name in group]


def settled(rewrites: float) -> float:
    """How far instructions have settled after so many accepted rewrites, from 0 to 1: half of the rest with each.

    >>> [settled(rewrites) for rewrites in range(4)]
    [0.0, 0.5, 0.75, 0.875]
    """
    return 1 - 0.5**rewrites


def _mean_settled(prompts: float) -> float:
    """The mean of settled(0), settled(1), ... over so many prompts."""
    return 1 - 2 * settled(prompts) / prompts


def _feedback(tokens: Iterable[int]) -> list[dict[str, object]]:
    """Critiques or gradients of these lengths, as templates take them."""
    return [{"criteria": (), "text": _text(number)} for number in tokens]


def _text(tokens: int) -> str:
    return "word" * tokens


def _mean_tokens(prompts: Prompts) -> float:
    letters = sum(len(message["content"]) for messages in prompts for message in messages)
    return letters / LETTERS_PER_TOKEN / max(len(prompts), 1)
