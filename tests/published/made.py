"""Small made-up run folders in the format of the authors' code."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CRITERIA = ("fluency", "relevance", "coherence", "consistency")
FORMAT = "## Output format\nReply with JSON."
INITIAL = f"Rate the summary.\n{FORMAT}"
STRATEGIES = {"S": "separate_tasks", "C": "combine_all_tasks"}
TRACEBACK = 'Traceback (most recent call last):\n  File "/home/someone/code/parse.py", line 1'


def make_gold(document: int, summary: int, criterion: int) -> float:
    return float((document * 3 + summary * 5 + criterion * 7) % 5 + 1)


def make_rows(documents=4, summaries=3, gold=make_gold):
    """Return pairs as (article, summary, human scores)."""
    return [
        (f"Article  {d}.", f"Summary {s} of {d}.", {name: gold(d, s, c) for c, name in enumerate(CRITERIA)})
        for d in range(documents)
        for s in range(summaries)
    ]


def rate_gold(text, summary, gold, name, step):
    """Return a rating that follows the human score, up to a step's error."""
    return min(5, max(1, round(gold[name]) + (len(summary) + step) % 2))


def write_evaluation(path: Path, step, rows, criteria=CRITERIA, rate=rate_gold, prompt=INITIAL, failed=()):
    """Write an evaluation; the rows in `failed` were not parsed."""
    shuffled = rows[step % len(rows) :] + rows[: step % len(rows)]
    columns = {
        "step": [step] * len(rows),
        "sample_id": [f"step{step}_sample{i}" for i in range(len(rows))],
        "prompt": [f"{prompt}\n{text}" for text, _, _ in shuffled],
        "raw_response": ["{}"] * len(rows),
        "parser_error": [TRACEBACK if i in failed else None for i in range(len(rows))],
        "inputs": [{"machine_summary": summary, "text": text} for text, summary, _ in shuffled],
        **{f"gt_{name}": [gold[name] for *_, gold in shuffled] for name in CRITERIA},
    }
    for name in criteria:
        rated = [None if i in failed else rate(*row, name, step) for i, row in enumerate(shuffled)]
        if any(value is not None for value in rated):
            columns[f"pred_{name}"] = rated
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def make_log(step, rows, mode, criteria=CRITERIA, gate="none", accepted=True, old=None, scores=(-0.9, -0.8)):
    """Return the log of a step whose batch is the first three rows."""
    old = old or dict.fromkeys(criteria, "Rate from 1 to 5.")
    new = {name: f"Rate {name}, version {step}.\n- A line." for name in criteria}
    samples = [
        {"sample_id": f"step{step}_sample{i}", "inputs": {"machine_summary": s, "text": t}, "ground_truths": gold}
        for i, (t, s, gold) in enumerate(rows[:3])
    ]

    def texts(letter, kind, ids):
        found = {}
        for name in criteria:
            shown = name if letter == "S" else "all criteria"
            repeats = 1 if letter == "S" or ids == "aggregated_from_samples" else len(criteria)
            found[name] = [{kind: f"About {shown} of {s['sample_id']}.", ids: [s["sample_id"]] * repeats} for s in samples]
        return found

    validation = (
        {"validation_metric": "none", "skipped": True, "accepted": True}
        if gate == "none"
        else {"validation_metric": gate, "validation_gate_samples": 8, "current_score": scores[0], "new_score": scores[1]}
    )
    return {
        "step": step,
        "prompt_accepted": accepted,
        "batch": {"step": step, "samples": samples},
        "predictions": {
            "predictions": [
                {
                    "sample_id": s["sample_id"],
                    "task_outputs": {} if i == 2 else dict.fromkeys(criteria, 4),
                    "parser_error": TRACEBACK if i == 2 else None,
                }
                for i, s in enumerate(samples)
            ]
        },
        "feedbacks": {"feedbacks": texts(mode[0], "feedback_text", "aggregated_from_samples")},
        "gradients": {"gradients": texts(mode[1], "gradient_text", "based_on_feedbacks")},
        "prompt_update": {"old_instruction": old, "new_instruction": new},
        "validation_gate": validation | {"accepted": accepted},
        "algorithm_state": {"previous_instructions": new if accepted else old},
    }


def write_log(path: Path, log):
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {name: [value if name in ("step", "prompt_accepted") else json.dumps(value)] for name, value in log.items()}
    pq.write_table(pa.table(plain), path)


def write_run(
    base: Path, name, mode="SSS", gate="none", criteria=CRITERIA, rows=None, steps=2, accepted=(True, True), **options
):
    """Write a run folder.

    `accepted` is by step; `options` may be first_step, summary (further keys), rate, and evaluations (numbers).
    """
    rows, run = rows or make_rows(), base / name / "run"
    first = options.get("first_step", 1)
    words = {"off_by_one": "off_by_one", "spearman": "spearman_correlation"}
    config = {
        "tasks": [{"task_name": task, "task_instruction": "Rate from 1 to 5."} for task in criteria],
        "steps": steps,
        "batch_size": 3,
        "start_step": first,
        "validation_metric": words.get(gate, gate),
        "initial_prompt": INITIAL,
        **{
            f"{stage}_task_strategy": STRATEGIES[letter]
            for stage, letter in zip(("loss", "gradient", "optimizer"), mode, strict=True)
        },
    }
    run.mkdir(parents=True)
    summary = {"started_at": "2026-04-02T00:00:00", "config": config, "completed_at": "2026-04-02T01:00:00"}
    (run / "run_summary.json").write_text(json.dumps(summary | options.get("summary", {})))
    old, formatted = None, True
    numbers = range(first, first + steps)
    shown = {0: INITIAL} if first == 1 else {}
    for number in numbers:
        kept = accepted[number - first]
        log = make_log(number, rows, mode, criteria, gate, kept, old)
        old, formatted = log["algorithm_state"]["previous_instructions"], formatted and not kept
        write_log(run / "run_logs" / f"step_{number:04}.parquet", log)
        shown[number] = INITIAL if formatted else "Rate the summary."
    for number in options.get("evaluations", shown):
        write_evaluation(
            run / f"eval_step_{number}.parquet", number, rows, criteria, options.get("rate", rate_gold), shown[number]
        )
    return run


def write_ratings(base: Path, names, score=7):
    """Write the evaluator's ratings of step 1 of runs over all criteria: the first of each is not parsed."""
    rows = [
        {"run_name": name, "step": 1, "task": task, "score": -1 if i == 0 else score, "raw_response": "text"}
        for name in names
        for i, task in enumerate(CRITERIA)
    ]
    folder = base / "rq3_results"
    folder.mkdir()
    for file in ("gradient_specificity", "feedback_adherence"):
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{file}.parquet")
