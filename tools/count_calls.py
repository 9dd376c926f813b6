"""Counts the calls of finished runs for `docs/calls.md`: made, not made and why, and made more than once by different jobs.

PYTHONPATH=scripts python docs/count_calls.py results/simulated
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import itertools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from collide.common.csv_json import read_json_lines
from collide.corpus.pairs import Pair, read_pairs
from collide.llm.journal_lines import read_records

Steps = Sequence[Mapping[str, Any]]


def not_made(steps: Steps, test: int, validation: int) -> dict[str, int]:
    """Calls by which a run falls short of rating all pairs after each step and the validation pairs with each candidate."""
    in_force = [step["prompt"] for step in steps]
    distinct = len(set(in_force))
    unchanged = sum(old == new for old, new in itertools.pairwise(in_force))
    counts = {
        "evaluation: the prompt in force did not change": unchanged * (test + validation),
        "evaluation: the prompt in force returned": (len(in_force) - unchanged - distinct) * (test + validation),
    }
    if steps[0]["validation"]["current"] is None:
        return counts
    candidates = [step["candidate_prompt"] for step in steps[1:]]
    equal = sum(old == new for old, new in zip(in_force[:-1], candidates, strict=True))
    returned = len(candidates) - equal - len({in_force[0], *candidates}) + 1
    return counts | {
        "evaluation: the gate had rated the validation pairs": distinct * validation,
        "gate: the candidate equals the prompt in force": equal * validation,
        "gate: the candidate was rated before": returned * validation,
    }


def could_save(steps: Steps, pairs: Sequence[Pair]) -> dict[str, int]:
    """Calls that a run made for what no other step of it needs, and those of a gate that came when it could only refuse."""
    if steps[0]["validation"]["current"] is None:
        return {"no gate: validation pairs": len({step["prompt"] for step in steps}) * len(pairs)}
    saved, rated = 0, {steps[0]["prompt"]}
    for step in steps[1:]:
        if step["candidate_prompt"] not in rated and not step["gate"]["accepted"]:
            scores = step["validation"]["candidate"]["scores"]
            errors = [sum(abs(score - pair.human[name]) for name, score in (scores[pair.id] or {}).items()) for pair in pairs]
            bar = sum(step["validation"]["current"]["mae"].values()) * len(pairs)
            saved += sum(total > bar for total in itertools.accumulate(errors[:-1]))
        rated.add(step["candidate_prompt"])
    return {"gate mae: pairs after those that make the candidate's error higher": saved}


def shared_initial(results: Path, pairs: int) -> int:
    """Calls that runs do not make since the initial prompt is rated once for all of the same model, criteria and seed."""
    runs = Counter[tuple[str, ...]]()
    for path in sorted(results.glob("runs/*/*/*/*/usage.json")):
        models = json.loads(path.read_text(encoding="utf-8"))["evaluate"]["roles"]["task"]["models"]
        with path.with_name("steps.jsonl").open(encoding="utf-8") as stream:
            runs[(*models, json.loads(stream.readline())["prompt"], path.parent.name)] += 1
    return (runs.total() - len(runs)) * pairs


def made(results: Path) -> tuple[Counter[str], Counter[str]]:
    """Calls by job and role, replies that were sampled again counted by themselves; and those that another job makes, too."""
    calls, repeated = Counter[str](), Counter[str]()
    seen: set[str] = set()
    # Cherry-picking comes last in a run, so that it is what repeats.
    for path in sorted((results / "journal").rglob("*.journal"), key=lambda path: ("cherrypick" in path.parts, path)):
        job = {"cherrypick": "cherry-pick", "initial": "initial prompt"}.get(path.relative_to(results).parts[1], path.stem)
        for record in read_records(path):
            kind = f"{job}: {record['role']}" if record["attempt"] == 1 else "all: unusable replies, sampled again"
            calls[kind] += 1
            repeated[kind] += record["key"] in seen
            seen.add(record["key"])
    return calls, repeated


def told(title: str, counts: Mapping[str, int], of: int) -> str:
    """Counts as text, with their sum and its share of the calls that were made."""
    total = sum(counts.values())
    lines = [f"{count:>9,}  {kind}" for kind, count in counts.items()]
    return "\n".join([title, *lines, f"{total:>9,}  in all, {total / of:.1%} of what was made", ""])


if __name__ == "__main__":
    results = Path(sys.argv[1])
    test = pq.read_metadata(results / "corpus" / "test.parquet").num_rows
    pairs = read_pairs(results / "corpus" / "validation.parquet")
    saved, could = Counter[str](), Counter[str]()
    for path in sorted(results.glob("runs/*/*/*/*/steps.jsonl")):
        steps = read_json_lines(path)
        saved.update(not_made(steps, test, len(pairs)))
        could.update(could_save(steps, pairs))
    saved["evaluation: the initial prompt had been rated for another run"] = shared_initial(results, test + len(pairs))
    calls, repeated = made(results)
    print(told("Made", calls, calls.total()))
    print(told("Not made", saved, calls.total()))
    print(told("Made by more than one job", repeated, calls.total()))
    print(told("Made, and of little use", could, calls.total()))
