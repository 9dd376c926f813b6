"""Forecast of the calls and tokens of each kind of job, before any call is made.

The number of calls of a run follows from its mode, except for two unknowns: how often its gate accepts a candidate, and how
often a rewrite changes the prompt. The length of its prompts follows from the corpus and the templates, except for the texts
that models write. Three scenarios (`cost.scenarios`) assume the unknowns and give a range. Once replies exist, their mean
lengths replace the assumed ones.

Two quantities change in the course of a run:

- Acceptance: a gate compares each candidate with the best prompt so far. If candidates are equally good on average, each of
  the first s candidates is equally likely to be their best. The chance of acceptance therefore falls as 1/s.
- Settling: each accepted rewrite moves the instructions half of the remaining way to a settled wording (`settled_share`),
  which further rewrites leave unchanged. So instructions grow less and less, and new wordings become rarer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from collide.corpus.pairs import Pair
from collide.cost.scenarios import Scenario
from collide.experiment.criteria import Criterion
from collide.experiment.datasets import Dataset
from collide.experiment.gates import GATES
from collide.experiment.modes import Group, Mode, overlapping_groups
from collide.llm.request import CHARACTERS_PER_TOKEN, Message
from collide.optimize.diagnostics import Diagnostic, list_diagnostics, render_diagnostic
from collide.optimize.loop.pair_messages import describe_human_scores
from collide.optimize.prompts import Instructions, JudgePrompt, Skeleton, render_messages
from collide.optimize.rated_texts import GRADIENT, JOINED, PART

Prompts = Sequence[Sequence[Message]]

# Pairs whose prompts are rendered to measure their mean length; all pairs would take minutes and change the mean by little.
SAMPLED_PAIRS = 20

# Tokens of a critique or a gradient beyond those about its criteria, such as its opening and its closing sentence.
FRAME_TOKENS = 25

# Choices of the protocol `paper` that the number and the length of calls depend on.
PAPER_PROTOCOL: dict[str, Any] = {"examples": 0, "loss_sees": "pair", "gradients": "pair", "ratings": "once"}


@dataclass(frozen=True, slots=True)
class ForecastedCalls:
    """Calls of one kind to one role: their number, and the tokens of a single call in and out."""

    role: str
    calls: float
    tokens_in: float
    tokens_out: float


@dataclass(frozen=True, slots=True)
class ExpectedStep:
    """Expectation of one optimization step.

    `rewrites` counts the accepted rewrites before it, `changed` is the chance that its candidate differs from the prompt in
    force, and `accepted` the chance that a candidate that differs is accepted.
    """

    rewrites: float
    changed: float
    accepted: float


class Forecast:
    """Forecast of the calls of single jobs under one scenario.

    `measured` holds the mean tokens in and out of the replies that exist, by role; means that are not None replace the assumed
    lengths. `protocol` holds choices of the job's protocol; those of `paper` hold where they are left out. `repeat_task` is a
    setting of the task model.
    """

    def __init__(
        self,
        scenario: Scenario,
        dataset: Dataset,
        pairs: Sequence[Pair],
        measured: Mapping[str, tuple[float | None, float | None]],
        protocol: Mapping[str, Any] = MappingProxyType({}),
        repeat_task: bool = False,
    ) -> None:
        self.scenario, self.criteria, self.measured = scenario, dataset.criteria, measured
        self.texts = dataset.texts
        self.pairs = pairs[:: max(1, len(pairs) // SAMPLED_PAIRS)]
        self.protocol = {**PAPER_PROTOCOL, **protocol}
        self.rates_each_step = self.protocol["ratings"] == "each_step"
        # Any pairs are as long as the examples, on average.
        self.skeleton = Skeleton(dataset.texts, examples=tuple(pairs[: self.protocol["examples"]]), repeat_task=repeat_task)
        self.initial = {name: criterion.initial_instruction for name, criterion in self.criteria.items()}
        # A usual rating: three quarters of the way up the scale, as 4 on 1 to 5.
        self.ratings = {
            name: criterion.scale.values[3 * (len(criterion.scale.values) - 1) // 4]
            for name, criterion in self.criteria.items()
        }
        self.settled = dict.fromkeys(self.criteria, _make_text(scenario.instruction_tokens))

    def forecast_optimization(
        self, mode: Mode, gate: str, steps: int, batch_size: int, validation: int
    ) -> Iterator[ForecastedCalls]:
        """Yield the calls of one optimization run with `validation` validation pairs."""
        steps_expected = self._expect_steps(mode, gate, steps)
        before = math.fsum(settled_share(step.rewrites) for step in steps_expected) / steps
        after = math.fsum(settled_share(step.rewrites + 1) for step in steps_expected) / steps
        yield self._forecast_ratings(mode, steps * batch_size, before)
        if GATES[gate].metric:
            # The validation of an initial prompt of the run's own comes on top.
            candidates = math.fsum(step.changed for step in steps_expected) + self.rates_each_step
            share = math.fsum(step.changed * settled_share(step.rewrites + 1) for step in steps_expected) / candidates
            yield self._forecast_ratings(mode, candidates * validation, share)
        for group in mode.loss:
            yield self._forecast_critiques(steps * batch_size, group, before)
        per_call = self._count_pairs_per_gradient(batch_size)
        for group in mode.gradient:
            critiques = _make_feedback(self._count_critique_tokens(of) for of in overlapping_groups(mode.loss, group))
            yield self._forecast_gradients(steps * batch_size / per_call, group, before, critiques, per_call)
        for group in mode.optimizer:
            # The optimizer sees one gradient per gradient group and pair, or whole batch.
            seen = overlapping_groups(mode.gradient, group) * (batch_size // per_call)
            gradients = _make_feedback(self._count_gradient_tokens(of) for of in seen)
            # About 10 tokens per criterion are its key and quotes in the reply's JSON object.
            tokens_out = (10 + after * self.scenario.instruction_tokens) * len(group)
            yield self._forecast_rewrites(steps, group, gradients, before, tokens_out)

    def expect_prompts(self, mode: Mode, gate: str, steps: int) -> float:
        """Return the expected number of prompts in force to evaluate, the initial one included; equal ones count once.

        Where each step has ratings of its own, every step counts.
        """
        if self.rates_each_step:
            return 1 + steps
        return 1 + math.fsum(step.changed * step.accepted for step in self._expect_steps(mode, gate, steps))

    def forecast_evaluation(
        self, mode: Mode, gate: str, prompts: float, test: int, validation: int
    ) -> Iterator[ForecastedCalls]:
        """Yield the calls that evaluate `prompts` different prompts of a run.

        No call is needed for an initial prompt that runs share, and none for validation pairs in a gated run: these predictions
        are inputs of the job.
        """
        pairs = test if GATES[gate].metric else test + validation
        evaluated = prompts if self.rates_each_step else prompts - 1
        share = _mean_settled_share(prompts) * prompts / evaluated if evaluated else 0.0
        yield self._forecast_ratings(mode, evaluated * pairs, share)

    def forecast_initial_evaluation(self, mode: Mode, pairs: int) -> Iterator[ForecastedCalls]:
        """Yield the calls that evaluate an initial prompt, once for all runs that start from it."""
        yield self._forecast_ratings(mode, pairs, 0.0)

    def forecast_diagnostics(
        self, mode: Mode, gate: str, steps: int, batch_size: int, rubrics: Sequence[str]
    ) -> Iterator[ForecastedCalls]:
        """Yield the calls that rate the gradients and rewrites of one run.

        An upper bound: a part about a criterion may be missing from a joint gradient.
        """
        steps_expected = self._expect_steps(mode, gate, steps)
        # The evaluator sees the old and the new instruction; together they are as long as two of the mean length.
        share = math.fsum(settled_share(step.rewrites) + settled_share(step.rewrites + 1) for step in steps_expected) / (
            2 * steps
        )
        texts = batch_size // self._count_pairs_per_gradient(batch_size)
        for group in mode.gradient:
            tokens = {
                GRADIENT: self._count_gradient_tokens(group),
                JOINED: sum(map(self._count_gradient_tokens, mode.gradient)),
                PART: self.scenario.gradient_tokens,
            }
            for name in group:
                for diagnostic in list_diagnostics(mode, rubrics):
                    text = _make_text(texts * tokens[diagnostic.text])
                    yield self._forecast_diagnostic(diagnostic, name, steps, text, share)

    def forecast_variant(
        self, mode: Mode, gates: Sequence[str], steps: int, together: bool, test: int
    ) -> Iterator[ForecastedCalls]:
        """Yield the calls that evaluate one cherry-picked prompt with one seed: one per pair, or one per pair and criterion.

        Its instructions come from Single-Task runs of these gates.
        """
        alone = [Mode(mode.name, (name,), (), (), ()) for name in mode.criteria]
        # Any instruction in force may be picked; the gate that accepts most offers most of them.
        share = _mean_settled_share(max(self.expect_prompts(alone[0], gate, steps) for gate in gates))
        for rated in [mode] if together else alone:
            yield self._forecast_ratings(rated, test, share)

    def _expect_steps(self, mode: Mode, gate: str, steps: int) -> list[ExpectedStep]:
        steps_expected: list[ExpectedStep] = []
        rewrites = 0.0
        for number in range(1, steps + 1):
            unchanged = (1 - self.scenario.new_wording) * settled_share(rewrites)
            accepted = min(1.0, self.scenario.acceptance / number) if GATES[gate].metric else 1.0
            # A prompt changes when the wording of any of its criteria does.
            steps_expected.append(ExpectedStep(rewrites, 1 - unchanged ** len(mode.criteria), accepted))
            rewrites += steps_expected[-1].changed * accepted
        return steps_expected

    def _forecast_ratings(self, mode: Mode, calls: float, share: float) -> ForecastedCalls:
        """Return calls to the judge. It replies with a JSON object, now and then with a few words around it."""

        def render_prompts(instructions: Instructions) -> Prompts:
            prompt = JudgePrompt(self._select_criteria(mode.criteria), instructions, self.skeleton)
            return [prompt.render_pair(pair) for pair in self.pairs]

        tokens_out = 1 + sum(map(self._count_key_characters, mode.criteria)) / CHARACTERS_PER_TOKEN
        return self._forecast_calls("task", calls, render_prompts, share, tokens_out)

    def _forecast_critiques(self, calls: float, group: Group, share: float) -> ForecastedCalls:
        """Return calls that criticize the ratings of one pair."""
        values = {
            "criteria": self._select_criteria(group),
            "prediction": self.ratings,
            "unreadable": "",
            "human_scores": describe_human_scores(self.pairs, self.criteria),
            "sees_pair": self.protocol["loss_sees"] == "pair",
        }

        def render_prompts(instructions: Instructions) -> Prompts:
            return [
                render_messages("loss", texts=self.texts, pair=pair, instructions=instructions, **values) for pair in self.pairs
            ]

        return self._forecast_calls("loss", calls, render_prompts, share, self._count_critique_tokens(group))

    def _forecast_gradients(
        self, calls: float, group: Group, share: float, critiques: object, per_call: int
    ) -> ForecastedCalls:
        """Return calls that turn the `critiques` of each of `per_call` pairs into a gradient."""
        criteria = self._select_criteria(group)

        def render_prompts(instructions: Instructions) -> Prompts:
            values = {"prediction": self.ratings, "unreadable": "", "critiques": critiques}
            judged = [[{"pair": pair} | values] * per_call for pair in self.pairs]
            return [
                render_messages("gradient", texts=self.texts, criteria=criteria, instructions=instructions, judged=of)
                for of in judged
            ]

        return self._forecast_calls("gradient", calls, render_prompts, share, self._count_gradient_tokens(group))

    def _forecast_rewrites(
        self, calls: float, group: Group, gradients: object, share: float, tokens_out: float
    ) -> ForecastedCalls:
        def render_prompts(instructions: Instructions) -> Prompts:
            criteria = self._select_criteria(group)
            return [
                render_messages(
                    "optimizer", texts=self.texts, criteria=criteria, instructions=instructions, gradients=gradients
                )
            ]

        return self._forecast_calls("optimizer", calls, render_prompts, share, tokens_out)

    def _forecast_diagnostic(
        self, diagnostic: Diagnostic, name: str, calls: float, gradient: str, share: float
    ) -> ForecastedCalls:
        def render_prompts(instructions: Instructions) -> Prompts:
            return [render_diagnostic(diagnostic, self.criteria[name], gradient, instructions[name], instructions[name])]

        # The evaluator replies with a number.
        return self._forecast_calls("evaluator", calls, render_prompts, share, 1)

    def _forecast_calls(
        self, role: str, calls: float, render_prompts: Callable[[Instructions], Prompts], share: float, tokens_out: float
    ) -> ForecastedCalls:
        """Return calls whose prompts are as long as a mix of settled (`share`) and initial instructions makes them."""
        initial, settled = _mean_tokens(render_prompts(self.initial)), _mean_tokens(render_prompts(self.settled))
        tokens_in = (1 - share) * initial + share * settled
        known = zip(self.measured.get(role, (None, None)), (tokens_in, tokens_out), strict=True)
        return ForecastedCalls(role, calls, *(assumed if mean is None else mean for mean, assumed in known))

    def _count_pairs_per_gradient(self, batch_size: int) -> int:
        return batch_size if self.protocol["gradients"] == "batch" else 1

    def _count_critique_tokens(self, group: Group) -> int:
        return FRAME_TOKENS + self.scenario.critique_tokens * len(group)

    def _count_gradient_tokens(self, group: Group) -> int:
        return FRAME_TOKENS + self.scenario.gradient_tokens * len(group)

    def _count_key_characters(self, name: str) -> int:
        """Return the characters of a criterion in the judge's reply: its name, its rating, and six or eight around them."""
        scale = self.criteria[name].scale
        # Quotes around the name, colon, space, comma, space; a class has quotes, too.
        return len(name) + len(scale.show(self.ratings[name])) + (8 if scale.classes else 6)

    def _select_criteria(self, group: Group) -> list[Criterion]:
        return [self.criteria[name] for name in group]


def settled_share(rewrites: float) -> float:
    """Return how far instructions have settled after accepted rewrites, from 0 to 1.

    >>> [settled_share(rewrites) for rewrites in range(4)]
    [0.0, 0.5, 0.75, 0.875]
    """
    return 1 - 0.5**rewrites


def _mean_settled_share(prompts: float) -> float:
    """Return the mean of settled_share(0), settled_share(1), ... over this many prompts."""
    return 1 - 2 * settled_share(prompts) / prompts


def _make_feedback(tokens: Iterable[int]) -> list[dict[str, object]]:
    """Return critiques or gradients of these lengths, in the form that templates expect."""
    return [{"criteria": (), "text": _make_text(number)} for number in tokens]


def _make_text(tokens: int) -> str:
    # A word of four characters per token, as everywhere that tokens are assumed from the length of a text.
    return "word" * tokens


def _mean_tokens(prompts: Prompts) -> float:
    characters = sum(len(message["content"]) for messages in prompts for message in messages)
    return characters / CHARACTERS_PER_TOKEN / max(len(prompts), 1)
