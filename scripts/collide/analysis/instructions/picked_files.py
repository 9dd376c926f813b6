"""Files of cherry-picking: candidates read from Single-Task runs, and the picked instructions with the prompts made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.analysis.instructions.picking import Candidate, Choice, compute_length_ratio
from collide.analysis.instructions.tokens import TOKENIZER
from collide.analysis.metrics import select_metric
from collide.analysis.prediction_groups import GroupKey, read_prediction_groups
from collide.analysis.scores import score_group
from collide.common.csv_json import read_csv, read_json_lines, write_csv, write_json_lines
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.criteria import identify_criteria
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.runs import RunId
from collide.experiment.scales import Scale

COLUMNS = ("criterion", "gate", "seed", "step", "metric", "value", "tokens", "instruction", "rule")


def read_candidates(runs: Sequence[tuple[Path, Path]], role: str, scales: Mapping[str, Scale]) -> tuple[list[Candidate], bool]:
    """Return the instructions in force in Single-Task runs whose test metric is defined, and whether any is simulated.

    `runs` are (steps, predictions); the path of the steps names the run. The metric is the one that takes `role` on the scale
    of the criterion.
    """
    names, simulated = identify_criteria(scales), False
    candidates = []
    # Candidates are scored on the test pairs, as in the paper, which overestimates the picked ones.
    for steps, path in runs:
        run, predictions = RunId.parse(steps), read_prediction_groups(path)
        simulated |= predictions.simulated
        criterion = names[run.mode.removeprefix(f"{SINGLE_TASK}-")]
        # The prompt in force is the same over many steps: each is scored once.
        values = {
            key: score_group(group, select_metric(role, scales[criterion])).value
            for key, group in predictions.groups.items()
            if (key.split, key.criterion) == ("test", criterion)
        }
        for record in read_json_lines(steps):
            value = values.get(GroupKey(record["prompt"], "test", criterion))
            if value is not None:
                text = record["instructions"][criterion]
                candidates.append(Candidate(criterion, run.gate, run.seed, record["step"], text, value))
    return candidates, simulated


def write_choice(
    choice: Choice, variant: Mapping[str, Any], scales: Mapping[str, Scale], table: Path, prompts: Path, simulated: bool
) -> None:
    """Write run, step, score and text of each picked instruction, and the prompts that the evaluation reads."""
    ratio = compute_length_ratio(choice.picked)
    rows = [
        {
            "criterion": name,
            "gate": candidate.gate,
            "seed": candidate.seed,
            "step": candidate.step,
            "metric": select_metric(variant["metric"], scales[name]).name,
            "value": candidate.value,
            "tokens": candidate.tokens,
            "instruction": candidate.instruction,
            "rule": f"{choice.rule}; longest against shortest {ratio:.3f}; tokens are {TOKENIZER}",
        }
        for name, candidate in choice.picked.items()
    ]
    write_csv(table, COLUMNS, rows, simulated)
    instructions = {name: candidate.instruction for name, candidate in choice.picked.items()}
    split = [instructions] if variant["together"] else [{name: text} for name, text in instructions.items()]
    notice = {"simulated": SIMULATED_NOTICE} if simulated else {}
    write_json_lines(prompts, [{"instructions": part} | notice for part in split])


def find_same_choice(picked: Path, others: Sequence[Path]) -> str:
    """Return the name of the first variant of `others` whose instructions are those of `picked`; empty if there is none.

    The folder of a file of picked instructions is named after its variant.
    """
    own = _read_instructions(picked)
    return next((path.parent.name for path in others if _read_instructions(path) == own), "")


def _read_instructions(picked: Path) -> dict[str, str]:
    return {row["criterion"]: row["instruction"] for row in read_csv(picked)}


def write_no_choice(reason: str, table: Path, prompts: Path, simulated: bool) -> None:
    """Write files without instruction and prompt, with the reason in place of the rule.

    Other variants, and everything that does not need this one, can then go on.
    """
    write_csv(table, COLUMNS, [{"rule": f"nothing picked: {reason}"}], simulated)
    write_json_lines(prompts, [])
