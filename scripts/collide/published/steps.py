"""Records of steps.jsonl from the authors' logs of a run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collide.experiment.modes import Group, Mode
from collide.experiment.runs import RunId
from collide.optimize.loop.step_record import Feedback, make_gradient_record
from collide.published.logs import NO_NUMBER, NOT_PARSED, Evaluation, read_number
from collide.published.pairs import name_samples

# The line that opens the section of the prompt with the form of the reply.
_FORMAT_HEADING = re.compile(r"^.*output format.*$", re.IGNORECASE | re.MULTILINE)
NO_PAIR = "no human score"


def make_records(
    run: RunId,
    mode: Mode,
    config: Mapping[str, Any],
    logs: Mapping[int, Mapping[str, Any]],
    evaluations: Mapping[int, Evaluation],
    first_step: int,
    status: str,
) -> list[dict[str, Any]]:
    """Return the records of a run's steps, from 0 on.

    config: the section of run_summary.json
    logs, evaluations: by the number in the authors' files, whose first optimization step is `first_step`
    status: `finished`, or where the run ended early

    Records end before the first step without a log, as an evaluation alone does not say which instructions it is of. The
    reason why a run is no part of averages is the key `left_out` of step 0.
    """
    heading = find_format_heading(config.get("initial_prompt", ""))
    ordered = list(_take_logs(logs, first_step))
    initial = _order(ordered[0]["prompt_update"]["old_instruction"] if ordered else _read_tasks(config), mode)
    prompts = {place: evaluation.prompt for place, evaluation in shift_steps(evaluations, first_step).items()}
    first: dict[str, Any] = {
        "step": 0,
        "prompt": name_prompt(run, 0, initial),
        "instructions": initial,
        **_describe_format(heading, prompts.get(0)),
        "validation": {"current": None, "candidate": None},
    }
    records = [first]
    for place, log in enumerate(ordered, start=1):
        records.append(_make_record(run, mode, place, log) | _describe_format(heading, prompts.get(place)))
    if ordered:
        first["validation"] |= {"current": records[1]["validation"]["current"]}
    if reason := _find_gap(status, len(records), prompts):
        first["left_out"] = reason
    return records


def _take_logs(logs: Mapping[int, Mapping[str, Any]], first_step: int) -> Iterator[Mapping[str, Any]]:
    """Yield the logs from the first step on, up to the first gap."""
    number = first_step
    while number in logs:
        yield logs[number]
        number += 1


def _order(instructions: Mapping[str, str], mode: Mode) -> dict[str, str]:
    return {name: instructions[name] for name in mode.criteria}


def shift_steps(found: Mapping[int, Evaluation], first_step: int) -> dict[int, Evaluation]:
    """Return the evaluations by our number of the step.

    Where the first optimization step was 0, the initial prompt's evaluation was overwritten by that after it.
    """
    return {number + 1 - first_step: evaluation for number, evaluation in found.items()}


def name_prompt(run: RunId, step: int, instructions: Mapping[str, str]) -> str:
    """Return the name of a prompt: a hash of run, step and instructions, as the authors judge each step's prompt anew."""
    text = json.dumps([run.path, step, instructions], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def find_format_heading(prompt: str) -> str:
    """Return the line of a prompt that opens the section on the form of the reply; empty if there is none."""
    found = _FORMAT_HEADING.search(prompt)
    return found[0].strip() if found else ""


def _describe_format(heading: str, prompt: str | None) -> dict[str, bool]:
    """Return whether a prompt as sent holds the form of the reply; nothing where the logs do not show it."""
    return {"output_format": heading in prompt} if heading and prompt else {}


def _find_gap(status: str, count: int, rated: Mapping[int, Any]) -> str:
    """Return why a run with `count` records is left out of averages; empty for a complete one."""
    if status != "finished":
        return status
    if unlogged := [str(step) for step in rated if step >= count]:
        return f"no log of step {', '.join(unlogged)}"
    lacking = [str(step) for step in range(count) if step not in rated]
    return f"no test predictions of step {', '.join(lacking)}" if lacking else ""


def _read_tasks(config: Mapping[str, Any]) -> dict[str, str]:
    return {task["task_name"]: task["task_instruction"] for task in config.get("tasks", [])}


def _make_record(run: RunId, mode: Mode, step: int, log: Mapping[str, Any]) -> dict[str, Any]:
    instructions = _order(log["algorithm_state"]["previous_instructions"], mode)
    candidate = _order(log["prompt_update"]["new_instruction"], mode)
    samples = log["batch"]["samples"]
    pairs = {s["sample_id"]: pair.id if pair else NO_PAIR for s, pair in zip(samples, name_samples(log), strict=True)}
    human = {s["sample_id"]: s["ground_truths"] for s in samples}
    return {
        "step": step,
        "prompt": name_prompt(run, step, instructions),
        "instructions": instructions,
        "batch": list(pairs.values()),
        "predictions": [
            _make_prediction(pairs, human, prediction, mode.criteria) for prediction in log["predictions"]["predictions"]
        ],
        "critiques": [
            {key: value for key, value in part.items() if key != "paragraphs"}
            for part in _list_texts(log["feedbacks"]["feedbacks"], mode.loss, pairs, "feedback_text", "aggregated_from_samples")
        ],
        "gradients": _list_texts(log["gradients"]["gradients"], mode.gradient, pairs, "gradient_text", "based_on_feedbacks"),
        "rewrites": [
            {"criteria": group, "instructions": {name: candidate[name] for name in group}, "attempts": 1, "reason": ""}
            for group in mode.optimizer
        ],
        "candidate": candidate,
        "candidate_prompt": name_prompt(run, step, candidate),
        **_make_gate(run.gate, log),
    }


def _make_prediction(
    pairs: Mapping[str, str], human: Mapping[str, Mapping[str, float]], prediction: Mapping[str, Any], criteria: Group
) -> dict[str, Any]:
    scores = {name: read_number(prediction["task_outputs"].get(name)) for name in criteria}
    rated = any(score is not None for score in scores.values())
    # The error itself is a traceback with paths of the authors' machines.
    reason = "" if rated else NOT_PARSED if prediction["parser_error"] is not None else NO_NUMBER
    sample = prediction["sample_id"]
    return {
        "pair": pairs[sample],
        "scores": scores if rated else None,
        "human": {name: read_number(human[sample][name]) for name in criteria},
        "attempts": 1,
        "reason": reason,
    }


def _list_texts(
    found: Mapping[str, Sequence[Mapping[str, Any]]], groups: Sequence[Group], pairs: Mapping[str, str], text: str, samples: str
) -> list[dict[str, Any]]:
    """Return the texts of a stage once for each group: a combined text stands under each of its criteria."""
    return [
        make_gradient_record(Feedback(",".join(dict.fromkeys(pairs[sample] for sample in part[samples])), group, part[text]))
        for group in groups
        for part in found.get(group[0], [])
    ]


def _make_gate(gate: str, log: Mapping[str, Any]) -> dict[str, Any]:
    """Return the decision of the gate and the averages over the criteria that it compared; no other value is logged."""
    decided = log["validation_gate"]
    accepted = bool(log["prompt_accepted"])
    if decided.get("skipped") or "current_score" not in decided:
        return {
            "validation": {"current": None, "candidate": None},
            "gate": {"name": gate, "accepted": accepted, "reason": "no validation"},
        }
    # Scores are logged so that higher is better: an error is negated.
    sign = -1 if gate == "mae" else 1
    logged = [read_number(decided[key]) for key in ("current_score", "new_score")]
    current, candidate = (None if value is None else sign * value for value in logged)
    counts = {"n": decided["validation_gate_samples"], "missing": None}
    shown = ["undefined" if value is None else f"{value:.4f}" for value in (candidate, current)]
    return {
        "validation": {
            "current": counts | {"average": {gate: current}},
            "candidate": counts | {"average": {gate: candidate}},
        },
        "gate": {"name": gate, "accepted": accepted, "reason": f"{gate} {shown[0]} against {shown[1]}"},
    }
