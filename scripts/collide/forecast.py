"""What making everything will come to, before anything is called: calls, tokens and money, by study and role.

How many calls a run makes follows from its mode, except for how often its gate accepts and how often a rewrite brings a new
wording; how long its prompts are follows from the corpus and the templates, except for the texts that models write. What is
not known is assumed in three ways (`SCENARIOS`), which make a range; replies that are there replace the assumed lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collide.corpus.pairs import Pair
from collide.decomposition import Mode, covering
from collide.diagnostics import DIAGNOSTICS
from collide.gates import GATES
from collide.llm.request import Message
from collide.prompts import Criterion, JudgePrompt, render

LETTERS = 4
"""Letters of a token, on average, in English text."""
SAMPLED = 20
"""Pairs whose prompts are rendered to learn how long they are."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is assumed: the share of candidates that a gate accepts, the share of rewritten instructions that are new wordings,
    tokens of a rewritten instruction, and of what a critique and a gradient say of each criterion."""

    accepted: float
    fresh: float
    instruction: int
    critique: int
    gradient: int


SCENARIOS = {
    "low": Scenario(accepted=0.05, fresh=0.4, instruction=80, critique=30, gradient=70),
    "middle": Scenario(accepted=0.23, fresh=0.6, instruction=150, critique=45, gradient=105),
    "high": Scenario(accepted=1.0, fresh=1.0, instruction=400, critique=150, gradient=300),
}
"""The middle is what runs on the simulator came to; the ends leave room for other models, and for gates that hold less."""


@dataclass(frozen=True, slots=True)
class Part:
    """Calls of one kind: their number, and the tokens of one in and out."""

    role: str
    calls: float
    tokens_in: float
    tokens_out: float


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
        self.rewritten = dict.fromkeys(criteria, _text(scenario.instruction))

    def optimize(self, mode: Mode, gate: str, steps: int, batch: int, validation: int) -> Iterator[Part]:
        """Calls of one optimization run."""
        prompts = 1 + steps * self._fresh(mode) if GATES[gate].metric else 0
        yield self._judge(mode, steps * batch, self._share_rewritten(mode, gate, steps))
        yield self._judge(mode, prompts * validation, 1 - 1 / max(prompts, 1))
        feedback = {"criteria": mode.criteria, "text": ""}
        for group in mode.loss:
            messages = self._shown("loss", group)
            yield self._part("loss", steps * batch, messages, 15 + self.scenario.critique * len(group))
        for group in mode.gradient:
            critiques = [feedback | {"text": _text(15 + self.scenario.critique * len(g))} for g in covering(mode.loss, group)]
            messages = self._shown("gradient", group, critiques=critiques)
            yield self._part("gradient", steps * batch, messages, self._gradient_tokens(group))
        for group in mode.optimizer:
            gradients = [feedback | {"text": _text(self._gradient_tokens(g))} for g in covering(mode.gradient, group) * batch]
            messages = [render("optimizer", criteria=self._of(group), instructions=self.rewritten, gradients=gradients)]
            yield self._part("optimizer", steps, messages, (self.scenario.instruction + 10) * len(group))

    def prompts(self, mode: Mode, gate: str, steps: int) -> float:
        """Different prompts that a run has in force, the initial one included."""
        accepted = self.scenario.accepted if GATES[gate].metric else 1.0
        return 1 + steps * accepted * self._fresh(mode)

    def evaluate(self, mode: Mode, gate: str, prompts: float, test: int, validation: int) -> Iterator[Part]:
        """Calls of one evaluation; a gate's validations are borrowed from the optimization."""
        pairs = test if GATES[gate].metric else test + validation
        yield self._judge(mode, prompts * pairs, 1 - 1 / prompts)

    def diagnose(self, mode: Mode, steps: int, batch: int) -> Iterator[Part]:
        """Calls of the diagnostics of one run."""
        for group in mode.gradient:
            for name in group:
                values = {
                    "criterion": self.criteria[name],
                    "old": self.rewritten[name],
                    "new": self.rewritten[name],
                    "gradient": _text(batch * self._gradient_tokens(group)),
                }
                for diagnostic in DIAGNOSTICS:
                    yield self._part("evaluator", steps, [render(diagnostic, **values)], 1)

    def variant(self, mode: Mode, together: bool, test: int) -> Iterator[Part]:
        """Calls of one cherry-picked prompt with one seed: one a pair, or one a pair and criterion."""
        for criteria in [mode.criteria] if together else [(name,) for name in mode.criteria]:
            single = Mode(mode.name, criteria, (), (), ())
            yield self._judge(single, test, 1.0)

    def _judge(self, mode: Mode, calls: float, rewritten: float) -> Part:
        """Calls to the judge, this share of them with rewritten instructions."""
        reply = sum(len(name) + 6 for name in mode.criteria) / LETTERS
        tokens = [
            _mean_tokens([JudgePrompt(self._of(mode.criteria), texts).messages(pair) for pair in self.pairs])
            for texts in (self.initial, self.rewritten)
        ]
        assumed = ((1 - rewritten) * tokens[0] + rewritten * tokens[1], reply)
        return Part("task", calls, *self.measured.get("task", assumed))

    def _part(self, role: str, calls: float, messages: Sequence[Sequence[Message]], tokens_out: float) -> Part:
        return Part(role, calls, *self.measured.get(role, (_mean_tokens(messages), tokens_out)))

    def _shown(self, role: str, group: Sequence[str], **values: object) -> list[tuple[Message, ...]]:
        scores = dict.fromkeys(self.criteria, 4)
        of = self._of(group)
        return [
            render(role, criteria=of, pair=pair, instructions=self.rewritten, prediction=scores, **values)
            for pair in self.pairs
        ]

    def _share_rewritten(self, mode: Mode, gate: str, steps: int) -> float:
        """Share of a run's steps whose prompt is no longer the initial one."""
        moves = (self.prompts(mode, gate, steps) - 1) / max(steps, 1)
        return sum(1 - (1 - moves) ** step for step in range(steps)) / max(steps, 1)

    def _fresh(self, mode: Mode) -> float:
        """Share of the candidates that differ from the prompt in force: new in at least one criterion."""
        return 1 - (1 - self.scenario.fresh) ** len(mode.criteria)

    def _gradient_tokens(self, group: Sequence[str]) -> int:
        return 15 + self.scenario.gradient * len(group)

    def _of(self, group: Sequence[str]) -> list[Criterion]:
        return [self.criteria[name] for name in group]


def _text(tokens: int) -> str:
    return "word" * tokens


def _mean_tokens(messages: Sequence[Sequence[Message]]) -> float:
    letters = sum(len(message["content"]) for sent in messages for message in sent)
    return letters / LETTERS / max(len(messages), 1)
