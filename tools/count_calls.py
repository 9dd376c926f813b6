"""Count the calls of finished runs, for docs/calls.md: made, avoided, repeated by several jobs, and avoidable.

Usage: python tools/count_calls.py results/simulated
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from collide.common.csv_json import read_json_lines
from collide.corpus.pairs import Pair, read_pairs
from collide.llm.journal_lines import read_records

Steps = Sequence[Mapping[str, Any]]

# Job of the journals in a folder that belongs to no study.
FOLDER_JOBS = {"cherrypick": "cherry-pick", "initial": "initial prompt", "retest": "retest"}


def count_avoided_calls(steps: Steps, test: int, validation: int) -> dict[str, int]:
    """Return the calls that a run avoids by reason, compared with a run that rates all pairs after each step and the
    validation pairs with each candidate."""
    in_force = [step["prompt"] for step in steps]
    distinct = len(set(in_force))
    unchanged = sum(old == new for old, new in itertools.pairwise(in_force))
    counts = {
        "evaluation: the prompt in force did not change": unchanged * (test + validation),
        "evaluation: the prompt in force returned": (len(in_force) - unchanged - distinct) * (test + validation),
    }
    if not _has_gate(steps):
        return counts
    candidates = [step["candidate_prompt"] for step in steps[1:]]
    equal = sum(old == new for old, new in zip(in_force[:-1], candidates, strict=True))
    returned = len(candidates) - equal - len({in_force[0], *candidates}) + 1
    return counts | {
        "evaluation: the gate had rated the validation pairs": distinct * validation,
        "gate: the candidate equals the prompt in force": equal * validation,
        "gate: the candidate was rated before": returned * validation,
    }


def count_avoidable_calls(steps: Steps, pairs: Sequence[Pair]) -> dict[str, int]:
    """Return the calls that a run makes and could avoid: validation without a gate, and validation of a lost candidate."""
    if not _has_gate(steps):
        return {"no gate: validation pairs": len({step["prompt"] for step in steps}) * len(pairs)}
    avoidable, rated = 0, {steps[0]["prompt"]}
    for step in steps[1:]:
        if step["candidate_prompt"] not in rated and not step["gate"]["accepted"]:
            scores = step["validation"]["candidate"]["scores"]
            errors = [sum(abs(score - pair.human[name]) for name, score in (scores[pair.id] or {}).items()) for pair in pairs]
            bar = sum(step["validation"]["current"]["mae"].values()) * len(pairs)
            # Once the summed error exceeds that of the prompt in force, no further pair can save the candidate.
            avoidable += sum(total > bar for total in itertools.accumulate(errors[:-1]))
        rated.add(step["candidate_prompt"])
    return {"gate mae: validation pairs after the candidate is lost": avoidable}


def count_shared_initial_calls(results: Path, pairs: int) -> int:
    """Return the calls avoided because runs with the same task model, criteria and seed share their initial prompt."""
    runs = len(list(results.glob("runs/*/*/*/*/steps.jsonl")))
    return (runs - len(list(results.glob("initial/*/*/*/*/test.parquet")))) * pairs


def count_made_calls(results: Path) -> tuple[Counter[str], Counter[str]]:
    """Return the calls by job and role, and those of them that an earlier journal holds, too.

    Second and later samples of an unusable reply are counted in a line of their own.
    """
    calls, repeated = Counter[str](), Counter[str]()
    seen: set[str] = set()
    # Cherry-picking runs after the runs it picks from, so a call that both make is repeated by cherry-picking.
    for path in sorted((results / "journal").rglob("*.journal"), key=lambda path: ("cherrypick" in path.parts, path)):
        job = FOLDER_JOBS.get(path.relative_to(results).parts[1], path.stem)
        for record in read_records(path):
            kind = f"{job}: {record['role']}" if record["attempt"] == 1 else "all: unusable replies, sampled again"
            calls[kind] += 1
            repeated[kind] += record["key"] in seen
            seen.add(record["key"])
    return calls, repeated


def format_counts(title: str, counts: Mapping[str, int], made: int) -> str:
    """Return counts as text, with their sum and its share of the calls made."""
    total = sum(counts.values())
    lines = [f"{count:>9,}  {kind}" for kind, count in counts.items()]
    return "\n".join([title, *lines, f"{total:>9,}  in all, {total / made:.1%} of the calls made", ""])


def _has_gate(steps: Steps) -> bool:
    return steps[0]["validation"]["current"] is not None


def main(results: Path) -> None:
    """Print all counts of a finished source folder, such as results/simulated."""
    test = pq.read_metadata(results / "corpus" / "summeval" / "paper" / "test.parquet").num_rows
    pairs = read_pairs(results / "corpus" / "summeval" / "paper" / "validation.parquet")
    avoided, avoidable = Counter[str](), Counter[str]()
    for path in sorted(results.glob("runs/*/*/*/*/steps.jsonl")):
        steps = read_json_lines(path)
        avoided.update(count_avoided_calls(steps, test, len(pairs)))
        avoidable.update(count_avoidable_calls(steps, pairs))
    shared = count_shared_initial_calls(results, test + len(pairs))
    avoided["evaluation: the initial prompt had been rated for another run"] = shared
    calls, repeated = count_made_calls(results)
    print(format_counts("Made", calls, calls.total()))
    print(format_counts("Avoided", avoided, calls.total()))
    print(format_counts("Made by more than one job", repeated, calls.total()))
    print(format_counts("Made, and avoidable", avoidable, calls.total()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
