"""Multi-objective TextGrad (paper, section 3): predict, loss, gradient, rewrite, gate. One path for all modes.

A mode gives the groups of criteria that share a call at each stage. Within a step nothing waits for more than it needs:
a pair's critique starts when its prediction is there, its gradient when the critiques that it reads are there, a rewrite
when the gradients of its criteria are there.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from collide.analysis.metrics import METRICS
from collide.corpus.pairs import Pair
from collide.experiment.criteria import Criterion
from collide.experiment.gates import GATES, Decision, Gate
from collide.experiment.modes import Group, Mode, overlapping_groups
from collide.llm.parsing import parse_instructions, parse_text
from collide.llm.request import Answer, Call, CallOrigin, ModelClient, derive_seed
from collide.optimize.judge import Judgement, check_missing, judge, judge_all
from collide.optimize.prompts import Instructions, JudgePrompt, render
from collide.optimize.step_record import Feedback, Rewrite, Validation, prediction_record, validation_record


@dataclass(frozen=True, slots=True)
class Settings:
    """What defines one optimization run."""

    mode: Mode
    gate: str
    seed: int
    steps: int
    batch: int
    max_missing_share: float


def batch_of(pairs: Sequence[Pair], seed: int, step: int, size: int) -> list[Pair]:
    """The training pairs of a step (1, 2, ...), for size <= len(pairs). Modes of one seed share them.

    Pairs are shuffled and dealt out in batches; when fewer than a batch are left, all are shuffled anew.
    """
    epoch, place = divmod(step - 1, len(pairs) // size)

    def order(pair: Pair) -> bytes:
        return hashlib.blake2b(f"{seed}/{epoch}/{pair.id}".encode(), digest_size=16).digest()

    return sorted(pairs, key=order)[place * size : (place + 1) * size]


def expected_calls(settings: Settings, validation_pairs: int) -> int:
    """Calls of a run when no reply is unusable and every step brings a candidate that differs."""
    mode = settings.mode
    per_step = settings.batch * (1 + len(mode.loss) + len(mode.gradient)) + len(mode.optimizer)
    validations = settings.steps + 1 if GATES[settings.gate].metric else 0
    return settings.steps * per_step + validations * validation_pairs


class Optimization:
    """One run. `client` answers calls; all else is plain values."""

    def __init__(
        self,
        settings: Settings,
        criteria: dict[str, Criterion],
        train: Sequence[Pair],
        held_out: Sequence[Pair],
        client: ModelClient,
    ) -> None:
        self.settings = settings
        self.criteria = {name: criteria[name] for name in settings.mode.criteria}
        self.train = train
        self.held_out = held_out
        self.client = client
        self.gate: Gate = GATES[settings.gate]

    async def run(self, record: Callable[[dict], None]) -> None:
        """Take all steps; hand the record of each, step 0 (the initial prompt) included, to `record` when it is complete.

        Raises InputError when too many predictions are missing, ProviderError when the model cannot be reached.
        """
        prompt = self._prompt({name: criterion.initial_instruction for name, criterion in self.criteria.items()})
        current = await self._validate(prompt, 0)
        record(
            {
                "step": 0,
                "prompt": prompt.id,
                "instructions": prompt.instructions,
                "validation": {"current": validation_record(current), "candidate": None},
            }
        )
        for step in range(1, self.settings.steps + 1):
            prompt, current, entry = await self._step(step, prompt, current)
            record(entry)

    async def _step(
        self, step: int, prompt: JudgePrompt, current: Validation | None
    ) -> tuple[JudgePrompt, Validation | None, dict]:
        batch = batch_of(self.train, self.settings.seed, step, self.settings.batch)
        judgements, critiques, gradients, rewrites = await self._propose(step, prompt, batch)
        rewritten = {name: text for rewrite in rewrites for name, text in (rewrite.instructions or {}).items()}
        candidate = self._prompt(prompt.instructions | rewritten)
        if candidate.id == prompt.id:
            validated, decision = current, Decision(True, "the candidate equals the prompt in force")
        else:
            validated = await self._validate(candidate, step)
            decision = self._decide(current, validated)
        in_force = candidate if decision.accepted else prompt
        entry = {
            "step": step,
            "prompt": in_force.id,
            "instructions": in_force.instructions,
            "batch": [pair.id for pair in batch],
            "predictions": [prediction_record(judgement) for judgement in judgements],
            "critiques": [dataclasses.asdict(critique) for critique in critiques],
            "gradients": [dataclasses.asdict(gradient) for gradient in gradients],
            "rewrites": [dataclasses.asdict(rewrite) for rewrite in rewrites],
            "candidate": candidate.instructions,
            "candidate_prompt": candidate.id,
            "validation": {"current": validation_record(current), "candidate": validation_record(validated)},
            "gate": {"name": self.settings.gate, "accepted": decision.accepted, "reason": decision.reason},
        }
        return (candidate, validated, entry) if decision.accepted else (prompt, current, entry)

    async def _propose(
        self, step: int, prompt: JudgePrompt, batch: Sequence[Pair]
    ) -> tuple[list[Judgement], list[Feedback], list[Feedback], list[Rewrite]]:
        """Predict, criticise, differentiate and rewrite: the stages of a step, wired by what each reads."""
        mode, spawn = self.settings.mode, asyncio.ensure_future
        predictions = {p.id: spawn(judge(self.client, prompt, p, self.settings.seed, step)) for p in batch}
        critiques = {
            (pair.id, group): spawn(self._criticise(step, prompt, pair, group, predictions[pair.id]))
            for pair in batch
            for group in mode.loss
        }
        gradients = {
            (pair.id, group): spawn(
                self._differentiate(
                    step,
                    prompt,
                    pair,
                    group,
                    predictions[pair.id],
                    [critiques[pair.id, g] for g in overlapping_groups(mode.loss, group)],
                )
            )
            for pair in batch
            for group in mode.gradient
        }
        rewrites = [
            spawn(
                self._rewrite(
                    step,
                    prompt,
                    group,
                    [gradients[p.id, g] for p in batch for g in overlapping_groups(mode.gradient, group)],
                )
            )
            for group in mode.optimizer
        ]
        # One gather over all stages: the first failure surfaces, and no failure of another stage goes unretrieved.
        await asyncio.gather(*predictions.values(), *critiques.values(), *gradients.values(), *rewrites)
        return (
            [task.result() for task in predictions.values()],
            [task.result() for task in critiques.values()],
            [task.result() for task in gradients.values()],
            [task.result() for task in rewrites],
        )

    async def _criticise(
        self, step: int, prompt: JudgePrompt, pair: Pair, group: Group, prediction: Awaitable[Judgement]
    ) -> Feedback:
        """Loss: what is wrong with the prediction, on the criteria of `group`."""
        scores = (await prediction).scores
        if scores is None:
            return Feedback(pair.id, group, None, "no prediction")
        answer = await self._write("loss", step, group, pair, instructions=prompt.instructions, prediction=scores)
        return Feedback(pair.id, group, answer.value, answer.reason)

    async def _differentiate(
        self,
        step: int,
        prompt: JudgePrompt,
        pair: Pair,
        group: Group,
        prediction: Awaitable[Judgement],
        critiques: Sequence[Awaitable[Feedback]],
    ) -> Feedback:
        """Textual gradient: how the instructions of `group` should change, from one pair's critiques."""
        usable = [critique for critique in await asyncio.gather(*critiques) if critique.text is not None]
        scores = (await prediction).scores
        if scores is None or not usable:
            return Feedback(pair.id, group, None, "no critique")
        answer = await self._write(
            "gradient",
            step,
            group,
            pair,
            instructions=prompt.instructions,
            prediction=scores,
            critiques=usable,
        )
        return Feedback(pair.id, group, answer.value, answer.reason)

    async def _rewrite(self, step: int, prompt: JudgePrompt, group: Group, gradients: Sequence[Awaitable[Feedback]]) -> Rewrite:
        """Optimizer: new instructions for `group` from the gradients of the whole batch."""
        usable = [gradient for gradient in await asyncio.gather(*gradients) if gradient.text is not None]
        if not usable:
            return Rewrite(group, None, 0, "no gradient")
        messages = render("optimizer", criteria=self._of(group), instructions=prompt.instructions, gradients=usable)
        call = Call("optimizer", messages, derive_seed(self.settings.seed, "optimizer", step), CallOrigin(step, "", group))
        answer = await self.client.answer_call(call, lambda text: parse_instructions(text, group))
        return Rewrite(group, answer.value, answer.attempts, answer.reason)

    async def _write(self, role: str, step: int, group: Group, pair: Pair, **values: object) -> Answer[str]:
        """Ask the model of `role` for a text about one pair, showing it the criteria of `group` alone."""
        messages = render(role, criteria=self._of(group), pair=pair, **values)
        call = Call(role, messages, derive_seed(self.settings.seed, role, step, pair.id), CallOrigin(step, pair.id, group))
        return await self.client.answer_call(call, parse_text)

    async def _validate(self, prompt: JudgePrompt, step: int) -> Validation | None:
        """Judge the held-out pairs, where the gate asks for it."""
        if self.gate.metric is None:
            return None
        judgements = await judge_all(self.client, prompt, self.held_out, self.settings.seed, step)
        check_missing(judgements, self.settings.max_missing_share, f"validation of step {step}")
        names = dict.fromkeys(["mae", "off_by_one", self.gate.metric])
        return Validation(judgements, {name: _by_criterion(name, judgements, prompt.scales) for name in names})

    def _decide(self, current: Validation | None, candidate: Validation | None) -> Decision:
        if self.gate.metric is None or current is None or candidate is None:
            return self.gate.decide({}, {})
        return self.gate.decide(current.values[self.gate.metric], candidate.values[self.gate.metric])

    def _prompt(self, instructions: Instructions) -> JudgePrompt:
        return JudgePrompt(list(self.criteria.values()), instructions)

    def _of(self, group: Group) -> list[Criterion]:
        return [self.criteria[name] for name in group]


def _by_criterion(metric: str, judgements: Sequence[Judgement], names: Iterable[str]) -> dict[str, float | None]:
    function = METRICS[metric].from_values
    return {
        name: function(
            [None if j.scores is None else j.scores[name] for j in judgements],
            [j.pair.human[name] for j in judgements],
        ).value
        for name in names
    }
