"""The document's first page says what the numbers rest on: what is missing and undefined, and how it was drawn and rated."""

from collide.report.document import cost_facts, evidence_facts, method_facts

PLAIN = {"replies": "0", "borrowed": "0", "tokens_in": "0", "tokens_out": "0", "cost": "0.0", "models": "small 1200; large 7"}


def cost(study, role, calls, missing):
    return PLAIN | {"study": study, "role": role, "calls": str(calls), "missing": str(missing)}


def estimate(study, mode, gate, criterion, quantity, note="", runs=3, n=3):
    names = {"study": study, "mode": mode, "gate": gate, "criterion": criterion, "quantity": quantity}
    return names | {"note": note, "runs": str(runs), "n": str(n)}


def test_what_is_missing_is_counted_by_what_it_would_have_been():
    rows = [
        cost("main", "task", 900, 2),
        cost("deepseek", "task", 400, 1),
        cost("main", "optimizer", 30, 4),
        cost("main", "evaluator", 60, 5),
        cost("total", "", 1390, 12),
    ]
    facts = dict(cost_facts(rows))
    assert facts["Missing"].startswith(
        "3 of 1,300 predictions, 0 of 0 critiques, 0 of 0 gradients, 4 of 30 rewrites, 5 of 60 ratings"
    )
    assert facts["Models served"] == "small in 1,200, large in 7 replies"


def test_undefined_correlations_and_missing_ratings_are_counted_once():
    told = "seed 2 left out; 2 of 3 undefined, counted as 0"
    rows = [
        estimate("main", "SSS", "mae", "fluency", "step0", told),
        estimate("main", "SSS", "mae", "fluency", "initial", told),
        estimate("main", "SSS", "mae", "average", "step0", "2 of 12 undefined, counted as 0"),
        estimate("main", "SSS", "mae", "fluency", "step11"),
        estimate("cherrypick", "spearman", "mae", "fluency", "spearman", "1 of 3 undefined, counted as 0"),
        estimate("main", "SSS", "all", "average", "specificity", "2 missing", n=70),
        estimate("main", "per-task", "all", "average", "specificity", "2 missing; without SSC", n=70),
        estimate("main", "SSS", "mae", "average", "specificity", "2 missing", n=70),
        estimate("main", "SSS", "all", "average", "adherence", "1 missing", n=71),
    ]
    facts = dict(evidence_facts(rows))
    assert facts["Correlations"] == "9, by run, step and criterion; 3 undefined, counted as 0 in averages"
    assert facts["Ratings"] == "specificity 70, 2 missing; adherence 71, 1 missing"


def test_the_settings_behind_intervals_ratings_and_picks_are_told():
    settings = {
        "models": {"qwen3-8b": "qwen/qwen3-8b"},
        "evaluator": "claude-sonnet",
        "bootstrap": {"resamples": 1000, "level": 0.95, "seed": 4},
        "cherrypick": {"metrics": ["spearman", "mae"], "ratios": [1.5, 2], "solver_seconds": 60},
    }
    facts = dict(method_facts(settings))
    assert facts["Models asked for"] == "qwen3-8b as qwen/qwen3-8b"
    assert facts["Evaluator"].startswith("claude-sonnet")
    assert facts["Bootstrap"] == "1,000 draws of documents and seeds, for ratings of runs; 95% intervals; seed 4"
    assert facts["Cherry-picking"].startswith("by spearman, mae; balanced within 1.5, 2, each solved in at most 60 s")
    assert "Cherry-picking" not in dict(method_facts(settings | {"cherrypick": {}}))
