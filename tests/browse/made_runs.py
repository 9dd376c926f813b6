"""A folder of results with one small run, made by hand, for a data set with two inputs, classes and markup in its texts."""

import pyarrow as pa
import pyarrow.parquet as pq

from collide.browse.design import collect_design
from collide.browse.site import Site
from collide.common.csv_json import write_csv, write_json_lines
from collide.corpus.pairs import Pair, write_pairs
from collide.optimize.predictions import SCHEMA

MARKUP = "<b>bold</b> & </script><img src=x onerror=alert(1)>"
FACTS = {
    "criteria": {
        "tone": {"description": "the tone", "scale": [1, 3], "initial_instruction": "Rate."},
        "safe": {"description": "safety", "scale": {"classes": ["no", "maybe", "yes"]}, "initial_instruction": "Choose."},
    },
    "inputs": [{"noun": "question"}, {"noun": "context"}],
    "output": {"noun": "answer"},
}
CONFIG = {
    "studies": {"one": {"dataset": "talk", "modes": ["SSS"], "gates": ["mae"], "seeds": [0, 1]}},
    "active_studies": ["one"],
    "datasets": {"talk": FACTS},
}
RUN = "one/SSS/mae/seed0"
PAIRS = [
    Pair(
        f"d{i}/A",
        f"d{i}",
        "A",
        (f"question {i} {MARKUP}", "the same context"),
        f"answer {i}",
        {"tone": 1 + i % 3, "safe": i % 3},
    )
    for i in range(6)
]
FIRST, SECOND, REJECTED = "a" * 16, "b" * 16, "c" * 16


def make_step(number, prompt, candidate, accepted, instructions):
    """A step whose batch is the first pair."""
    message = {"pair": "d0/A", "criteria": ["tone"], "text": f"message {MARKUP}", "reason": "", "cut_off": False}
    judged = {"pair": "d0/A", "scores": {"tone": 3, "safe": 0}, "human": PAIRS[0].human, "attempts": 1, "reason": ""}
    scores = {pair.id: {"tone": 2, "safe": 1} for pair in PAIRS[4:]}
    report = {"n": 2, "missing": 0, "mae": {"tone": 1.0, "safe": 0.5}, "scores": scores, "attempts": {}, "reasons": {}}
    return {
        "step": number,
        "prompt": prompt,
        "instructions": instructions,
        "output_format": True,
        "batch": ["d0/A"],
        "predictions": [judged],
        "critiques": [message],
        "gradients": [message | {"paragraphs": 1}],
        "rewrites": [],
        "candidate": {"tone": f"Candidate {number}. {MARKUP}", "safe": "Choose well."},
        "candidate_prompt": candidate,
        "validation": {"current": report, "candidate": report},
        "gate": {"name": "mae", "accepted": accepted, "reason": "mae 0.5 against 1.0"},
    }


def make_results(root, evaluated=True):
    """Write the run and the pairs below `root`; without `evaluated`, the run has only its steps. Return its site."""
    folder = root / "runs" / RUN
    folder.mkdir(parents=True)
    initial = {"tone": "Rate.", "safe": "Choose."}
    later = {"tone": f"Candidate 1. {MARKUP}", "safe": "Choose well."}
    write_json_lines(
        folder / "steps.jsonl",
        [
            {"step": 0, "prompt": FIRST, "instructions": initial, "output_format": True, "simulated": "SIMULATED"},
            make_step(1, SECOND, SECOND, True, later),
            make_step(2, SECOND, REJECTED, False, later),
        ],
    )
    corpus = root / "corpus" / "talk"
    corpus.mkdir(parents=True)
    write_pairs(corpus / "pairs.parquet", PAIRS)
    if evaluated:
        write_ratings(root, folder)
    return Site(root, root / "browse", "simulated", collect_design(CONFIG))


def write_ratings(root, folder):
    """Write the run's predictions and diagnostics. The second prompt lacks the ratings of the first pair."""
    rows = [
        {
            "prompt": prompt,
            "split": "validation" if pair in PAIRS[4:] else "test",
            "pair": pair.id,
            "document": pair.document,
            "system": pair.system,
            "criterion": name,
            "score": None if prompt == SECOND and pair is PAIRS[0] else int(pair.human[name]) if prompt == FIRST else 1,
            "human": pair.human[name],
            "attempts": 1,
            "reason": "no JSON" if prompt == SECOND and pair is PAIRS[0] else "",
        }
        for prompt in (FIRST, SECOND)
        for pair in PAIRS
        for name in pair.human
    ]
    table = pa.Table.from_pylist(rows, schema=SCHEMA.with_metadata({"max_missing_share": "0.5", "simulated": "SIMULATED"}))
    pq.write_table(table, folder / "predictions.parquet")
    ratings = root / "diagnostics" / f"{RUN}.csv"
    ratings.parent.mkdir(parents=True)
    found = [("specificity", 7, ""), ("adherence", "", "no number")]
    write_csv(
        ratings,
        ("step", "criterion", "diagnostic", "score", "reason"),
        [{"step": 1, "criterion": "tone", "diagnostic": name, "score": score, "reason": why} for name, score, why in found],
        simulated=True,
    )
