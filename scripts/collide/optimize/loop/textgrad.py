"""Multi-objective TextGrad (paper, section 3): predict, criticise, derive textual gradients, rewrite, decide.

All modes share one path. A mode only groups the criteria that share a call at each stage: loss, gradient and optimizer.
Each call starts as soon as its own inputs exist. For example, the critiques of one pair do not wait for the predictions on
the other pairs of the batch.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from collide.analysis.metrics import name_metrics, select_metric
from collide.corpus.pairs import Pair
from collide.experiment.criteria import Criterion
from collide.experiment.datasets import Dataset
from collide.experiment.gates import GATES, Decision, Gate
from collide.experiment.modes import Group, overlapping_groups
from collide.experiment.scales import Scale
from collide.llm.parsing import parse_instructions, parse_text
from collide.llm.replies.forms import build_instructions_schema
from collide.llm.request import Answer, Call, CallOrigin, ModelClient, derive_seed
from collide.optimize.judge import Judgement, check_endpoint, describe_missing, exceeds_share, rate_pair, rate_pairs
from collide.optimize.known_predictions import KnownPredictions
from collide.optimize.loop.pair_messages import describe_human_scores, describe_judgement
from collide.optimize.loop.run_settings import Settings, select_batch
from collide.optimize.loop.step_record import (
    Feedback,
    Rewrite,
    Validation,
    make_gradient_record,
    make_prediction_record,
    make_validation_record,
)
from collide.optimize.prompts import Instructions, JudgePrompt, Skeleton, describe_prompt, render_messages


class Optimization:
    """One run. All calls go to `client`; predictions in `known` need no call. The judge prompt shows the `examples`."""

    def __init__(
        self,
        settings: Settings,
        dataset: Dataset,
        train: Sequence[Pair],
        validation: Sequence[Pair],
        client: ModelClient,
        known: KnownPredictions,
        examples: Sequence[Pair] = (),
    ) -> None:
        self.settings = settings
        self.criteria = {name: dataset.criteria[name] for name in settings.mode.criteria}
        self.scales = {name: criterion.scale for name, criterion in self.criteria.items()}
        self.texts = dataset.texts
        self.train = train
        self.validation = validation
        self.client = client
        self.known = known
        self.examples = tuple(examples)
        self.gate: Gate = GATES[settings.gate]
        self.human_scores = describe_human_scores(train, dataset.criteria)
        self.batch_judgements: list[Judgement] = []

    async def run(self, record: Callable[[dict], None]) -> None:
        """Take all steps. Call `record` with the record of each one as soon as it is complete; step 0 is the initial prompt.

        Raises InputError if the endpoint of the judge is at fault: too many predictions of the initial prompt are missing, or
        all predictions of all batches. Raises ProviderError if a model cannot be reached.
        """
        initial = {name: criterion.initial_instruction for name, criterion in self.criteria.items()}
        prompt = self._build_prompt(initial, True, 0)
        current = await self._validate_prompt(prompt, 0, self.settings.max_missing_share)
        if current is not None:
            check_endpoint(current.judgements, self.settings.max_missing_share, "validation of the initial prompt")
        record(
            {
                "step": 0,
                **describe_prompt(prompt),
                "validation": {"current": make_validation_record(current), "candidate": None},
            }
        )
        for step in range(1, self.settings.steps + 1):
            prompt, current, entry = await self._take_step(step, prompt, current)
            record(entry)
        # The first batch is rated with the initial prompt, so bad rewrites alone cannot cause this.
        check_endpoint(self.batch_judgements, 1.0, f"batches of steps 1 to {self.settings.steps}")

    async def _take_step(
        self, step: int, prompt: JudgePrompt, current: Validation | None
    ) -> tuple[JudgePrompt, Validation | None, dict]:
        """Return the prompt in force after the step, its validation, and the step's record."""
        settings = self.settings
        batch = select_batch(self.train, settings.batch_seed, step, settings.batch_size, settings.batch_repeats)
        judgements, critiques, gradients, rewrites = await self._propose_rewrites(step, prompt, batch)
        self.batch_judgements += judgements
        rewritten = {name: text for rewrite in rewrites for name, text in (rewrite.instructions or {}).items()}
        changed = rewritten.items() - prompt.instructions.items()
        # The authors' optimizer returns a template without the output format, so the gate already compares with one without it.
        candidate = prompt
        if changed:
            candidate = self._build_prompt(prompt.instructions | rewritten, settings.freeze_output_format, step)
        validated, decision = await self._judge_candidate(step, prompt, current, candidate)
        in_force = candidate if decision.accepted else prompt
        # Where each step has ratings of its own, a prompt that stays in force gets the name of this step.
        in_force = self._build_prompt(in_force.instructions, in_force.skeleton.output_format, step)
        entry = {
            "step": step,
            **describe_prompt(in_force),
            "batch": [pair.id for pair in batch],
            "predictions": [make_prediction_record(judgement) for judgement in judgements],
            "critiques": [dataclasses.asdict(critique) for critique in critiques],
            "gradients": [make_gradient_record(gradient) for gradient in gradients],
            "rewrites": [dataclasses.asdict(rewrite) for rewrite in rewrites],
            "candidate": candidate.instructions,
            "candidate_prompt": candidate.id,
            "validation": {"current": make_validation_record(current), "candidate": make_validation_record(validated)},
            "gate": {"name": self.settings.gate, "accepted": decision.accepted, "reason": decision.reason},
        }
        return in_force, validated if decision.accepted else current, entry

    async def _judge_candidate(
        self, step: int, prompt: JudgePrompt, current: Validation | None, candidate: JudgePrompt
    ) -> tuple[Validation | None, Decision]:
        """Return the candidate's validation and the gate's decision; `current` is the validation of `prompt`, in force."""
        # Equal prompts have the same scores, so there is nothing for the gate to compare. The step is recorded as accepted, and
        # the estimate `rejected` (`run_dynamics`) counts it so.
        if candidate.id == prompt.id:
            return current, Decision(True, "the candidate equals the prompt in force")
        validated = await self._validate_prompt(candidate, step)
        return validated, self._decide_acceptance(current, validated)

    async def _propose_rewrites(
        self, step: int, prompt: JudgePrompt, batch: Sequence[Pair]
    ) -> tuple[list[Judgement], list[Feedback], list[Feedback], list[Rewrite]]:
        """Return the predictions on a batch, and the critiques, textual gradients and rewrites that follow from them."""
        mode, spawn = self.settings.mode, asyncio.ensure_future
        # The pairs that share a gradient call.
        units = [[pair] for pair in batch] if self.settings.gradients == "pair" else [list(batch)]
        predictions = {pair.id: spawn(self._predict_scores(step, prompt, pair)) for pair in batch}
        critiques = {
            (pair.id, group): spawn(self._write_critique(step, prompt, pair, group, predictions[pair.id]))
            for pair in batch
            for group in mode.loss
        }
        gradients = {
            (_name_unit(unit), group): spawn(
                self._write_gradient(
                    step,
                    prompt,
                    group,
                    [(predictions[pair.id], _select_inputs(critiques, [pair.id], mode.loss, group)) for pair in unit],
                    _name_unit(unit),
                )
            )
            for unit in units
            for group in mode.gradient
        }
        names = [_name_unit(unit) for unit in units]
        rewrites = [
            spawn(self._rewrite_instructions(step, prompt, group, _select_inputs(gradients, names, mode.gradient, group)))
            for group in mode.optimizer
        ]
        # All stages are awaited at once, so that the first failure ends the step. If the stages were awaited one after the
        # other, nobody would retrieve failures of the later ones, and asyncio would warn about them.
        return await asyncio.gather(
            asyncio.gather(*predictions.values()),
            asyncio.gather(*critiques.values()),
            asyncio.gather(*gradients.values()),
            asyncio.gather(*rewrites),
        )

    async def _predict_scores(self, step: int, prompt: JudgePrompt, pair: Pair) -> Judgement:
        return await rate_pair(self.client, prompt, pair, self.settings.seed, self.known, step)

    async def _write_critique(
        self, step: int, prompt: JudgePrompt, pair: Pair, group: Group, prediction: Awaitable[Judgement]
    ) -> Feedback:
        """Return the critique of one prediction on the criteria of `group` (the loss stage)."""
        values = describe_judgement(await prediction, group, self.criteria) | {
            "instructions": prompt.instructions,
            "human_scores": self.human_scores,
            "sees_pair": self.settings.loss_sees == "pair",
        }
        answer = await self._ask_for_text("loss", step, group, pair.id, values)
        return Feedback(pair.id, group, answer.value, answer.reason, answer.cut_off)

    async def _write_gradient(
        self,
        step: int,
        prompt: JudgePrompt,
        group: Group,
        sources: Sequence[tuple[Awaitable[Judgement], Sequence[Awaitable[Feedback]]]],
        name: str,
    ) -> Feedback:
        """Return the textual gradient for the instructions of `group`, derived from predictions on pairs and their critiques.

        `name` names the pairs. Pairs without critique are left out.
        """
        judged = []
        for prediction, tasks in sources:
            judgement, critiques = await prediction, await asyncio.gather(*tasks)
            usable = [critique for critique in critiques if critique.text is not None]
            if usable:
                judged.append(describe_judgement(judgement, group, self.criteria) | {"critiques": usable})
        if not judged:
            return Feedback(name, group, None, "no critique")
        values = {"instructions": prompt.instructions, "judged": judged}
        answer = await self._ask_for_text("gradient", step, group, name, values)
        return Feedback(name, group, answer.value, answer.reason, answer.cut_off)

    async def _rewrite_instructions(
        self, step: int, prompt: JudgePrompt, group: Group, gradients: Sequence[Awaitable[Feedback]]
    ) -> Rewrite:
        """Return new instructions for `group`, from the textual gradients of the whole batch (the optimizer stage)."""
        usable = [gradient for gradient in await asyncio.gather(*gradients) if gradient.text is not None]
        if not usable:
            return Rewrite(group, None, 0, "no gradient")
        messages = render_messages(
            "optimizer",
            texts=self.texts,
            criteria=self._select_criteria(group),
            instructions=prompt.instructions,
            gradients=usable,
        )
        # The seed is the same for all groups; their messages differ.
        seed, schema = derive_seed(self.settings.seed, "optimizer", step), build_instructions_schema(group)
        call = Call("optimizer", messages, seed, CallOrigin(step, "", group), schema)
        answer = await self.client.answer_call(call, lambda text: parse_instructions(text, group, messages))
        return Rewrite(group, answer.value, answer.attempts, answer.reason)

    async def _ask_for_text(self, role: str, step: int, group: Group, pairs: str, values: Mapping[str, object]) -> Answer[str]:
        """Return the text of the model of `role` about the named pairs; its prompt shows only the criteria of `group`."""
        messages = render_messages(role, texts=self.texts, criteria=self._select_criteria(group), **values)
        call = Call(role, messages, derive_seed(self.settings.seed, role, step, pairs), CallOrigin(step, pairs, group))
        return await self.client.answer_call(call, lambda text: parse_text(text, messages))

    async def _validate_prompt(self, prompt: JudgePrompt, step: int, limit: float = 1.0) -> Validation | None:
        """Rate the validation pairs and compute the metrics; None if the gate decides without a metric.

        Raises MissingPredictions as soon as more than the share `limit` of the predictions is missing.
        """
        if self.gate.metric is None:
            return None
        judgements = await rate_pairs(self.client, prompt, self.validation, self.settings.seed, self.known, step, limit)
        # The first two are recorded for every gate, so that runs with different gates can be compared.
        names = dict.fromkeys(["mae", "off_by_one", self.gate.metric])
        return Validation(judgements, {name: _compute_metric(name, judgements, self.scales) for name in names})

    def _decide_acceptance(self, current: Validation | None, candidate: Validation | None) -> Decision:
        """Return the gate's decision on a candidate that differs from the prompt in force."""
        # Validations exist exactly if the gate has a metric.
        if self.gate.metric is None or current is None or candidate is None:
            return self.gate.decide({}, {}, "")
        # A gate compares averages over the pairs with a prediction, which a candidate without many of them could win.
        limit = self.settings.max_missing_share
        if exceeds_share(candidate.judgements, limit):
            missing = describe_missing(candidate.judgements)
            return Decision(False, f"with the candidate, {missing}, more than the allowed share of {limit:g}")
        role = self.gate.metric
        return self.gate.decide(current.values[role], candidate.values[role], name_metrics(role, self.scales))

    def _build_prompt(self, instructions: Instructions, output_format: bool, step: int) -> JudgePrompt:
        skeleton = Skeleton(self.texts, output_format, self.examples, self.settings.repeat_task)
        return JudgePrompt(list(self.criteria.values()), instructions, skeleton, self.settings.name_occasion(step))

    def _select_criteria(self, group: Group) -> list[Criterion]:
        return [self.criteria[name] for name in group]


def _name_unit(pairs: Sequence[Pair]) -> str:
    """Return the name, in records and journals, of the pairs that share a call."""
    return ", ".join(pair.id for pair in pairs)


def _select_inputs(
    tasks: Mapping[tuple[str, Group], Awaitable[Feedback]], names: Iterable[str], groups: Sequence[Group], group: Group
) -> list[Awaitable[Feedback]]:
    """Return the tasks of an earlier stage, with these `groups`, whose feedback on named pairs a call about `group` reads."""
    return [tasks[name, other] for name in names for other in overlapping_groups(groups, group)]


def _compute_metric(role: str, judgements: Sequence[Judgement], scales: Mapping[str, Scale]) -> dict[str, float | None]:
    """Return by criterion the value of the metric that takes a role on its scale; None if it is undefined."""
    return {
        name: select_metric(role, scale)
        .from_values(
            [None if j.scores is None else j.scores[name] for j in judgements],
            [j.pair.human[name] for j in judgements],
        )
        .value
        for name, scale in scales.items()
    }
