"""Cherry-picking: scores and steps of the Single-Task runs in, the picked instructions and the prompts made of them out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.cherrypick import TOKENIZER, Candidate, Choice, balanced, best, length_ratio
from collide.common.csv_json import is_simulated, read_csv, read_json_lines, write_csv, write_json_lines
from collide.common.script_context import script_context
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.modes import SINGLE_TASK

COLUMNS = ("criterion", "gate", "seed", "step", "metric", "value", "tokens", "instruction", "rule")


def candidates(scores: Path, steps: Sequence[Path], metric: str, gates: Sequence[str]) -> list[Candidate]:
    """All instructions that were in force in Single-Task runs of these gates, with their defined value on the test pairs.

    The path of a run's steps names its criterion, gate and seed: .../single-<criterion>/<gate>/seed<seed>/steps.jsonl.
    """
    texts: dict[tuple[str, str, int, int], str] = {}
    for path in steps:
        criterion, gate, seed = (
            path.parts[-4].removeprefix(f"{SINGLE_TASK}-"),
            path.parts[-3],
            int(path.parts[-2].removeprefix("seed")),
        )
        for record in read_json_lines(path):
            texts[criterion, gate, seed, record["step"]] = record["instructions"][criterion]
    return [
        Candidate(
            row["criterion"],
            row["gate"],
            int(row["seed"]),
            int(row["step"]),
            texts[row["criterion"], row["gate"], int(row["seed"]), int(row["step"])],
            float(row["value"]),
        )
        for row in read_csv(scores)
        if row["mode"] == SINGLE_TASK
        and row["metric"] == metric
        and row["split"] == "test"
        and row["gate"] in gates
        and row["criterion"] != "average"
        and row["value"]
    ]


def pick(found: Sequence[Candidate], variant: Mapping[str, Any], criteria: Sequence[str]) -> Choice:
    """The instructions of a variant. Raises ValueError when a criterion has no candidate or no choice fits the ratio."""
    if lacking := [name for name in criteria if name not in {candidate.criterion for candidate in found}]:
        raise ValueError(f"no Single-Task instruction has a defined {variant['metric']} for {', '.join(lacking)}")
    if variant["ratio"] is None:
        return best(found, variant["metric"])
    return balanced(found, variant["ratio"], variant["solver_seconds"])


def write_pick(picked: Mapping[str, Candidate], metric: str, rule: str, path: Path, simulated: bool) -> None:
    """Write which instruction came from which run and step with which score, and by which rule."""
    rows = [
        {
            "criterion": name,
            "gate": candidate.gate,
            "seed": candidate.seed,
            "step": candidate.step,
            "metric": metric,
            "value": candidate.value,
            "tokens": candidate.tokens,
            "instruction": candidate.instruction,
            "rule": f"{rule}; longest against shortest {length_ratio(picked):.3f}; tokens are {TOKENIZER}",
        }
        for name, candidate in picked.items()
    ]
    write_csv(path, COLUMNS, rows, simulated)


def prompts(picked: Mapping[str, Candidate], together: bool) -> list[dict[str, Any]]:
    """One prompt of all picked instructions, or one prompt per criterion."""
    instructions = {name: candidate.instruction for name, candidate in picked.items()}
    return [{"instructions": part} for part in ([instructions] if together else [{k: v} for k, v in instructions.items()])]


def pick_instructions(
    scores: Path,
    steps: Sequence[Path],
    variant: Mapping[str, Any],
    criteria: Sequence[str],
    out: Path,
    prompts_out: Path,
) -> None:
    """Pick the instructions of `variant` and write them, with the prompts that the evaluation reads.

    Where there is nothing to pick, the files hold no instruction and no prompt, and the reason stands in place of the rule:
    the other variants, and all that does not rest on this one, go on.
    """
    found = candidates(scores, steps, variant["metric"], variant["gates"])
    try:
        choice = pick(found, variant, criteria)
    except ValueError as error:
        print(f"cherry-pick {variant['name']}: {error}; it is left out", flush=True)
        write_csv(out, COLUMNS, [{"rule": f"nothing picked: {error}"}], is_simulated(scores))
        write_json_lines(prompts_out, [])
        return
    ordered = {name: choice.picked[name] for name in criteria}
    write_pick(ordered, variant["metric"], choice.rule, out, is_simulated(scores))
    mark = {"simulated": SIMULATED_NOTICE} if is_simulated(scores) else {}
    write_json_lines(prompts_out, [prompt | mark for prompt in prompts(ordered, variant["together"])])


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        pick_instructions(
            Path(snakemake.input.scores),
            [Path(path) for path in snakemake.input.steps],
            snakemake.params.variant,
            snakemake.params.criteria,
            Path(snakemake.output.picked),
            Path(snakemake.output.prompts),
        )
