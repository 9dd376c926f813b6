import json
from pathlib import Path

from sum_costs import SUMMED, costs


def usage(cost, replies=1):
    return dict.fromkeys(SUMMED, 0) | {"calls": 1, "replies": replies, "cost": cost, "models": {"model/a": replies}}


def test_costs_add_up_by_study_and_role_with_all_of_it_last(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {
        "results/live/runs/main/SSS/mae/seed0/usage.json": {
            "optimize": {"roles": {"task": usage(0.1), "loss": usage(0.5)}},
            "evaluate": {"roles": {"task": usage(0.2, replies=0)}},
        },
        "results/live/cherrypick/mae-mae/seed0/usage.json": {"evaluate": {"roles": {"task": usage(4.0)}}},
        "results/live/diagnostics/main/SSS/mae/seed0.usage.json": {"diagnose": {"roles": {"evaluator": usage(8.0)}}},
    }
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True)
        Path(name).write_text(json.dumps(content))
    rows = list(costs([Path(name) for name in files]))
    assert [(row["study"], row["role"], row["cost"]) for row in rows] == [
        ("main", "task", 0.3),
        ("main", "loss", 0.5),
        ("main", "evaluator", 8.0),
        ("cherrypick", "task", 4.0),
        ("total", "", 12.8),
    ]
    assert (rows[-1]["calls"], rows[-1]["replies"], rows[-1]["models"]) == (5, 4, "model/a 4")
