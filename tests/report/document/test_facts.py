"""The first page reports what is missing or undefined, and all settings; each exhibit names the verdicts that rest on it."""

from collide.claims.claim_reader import Claim
from collide.report.document.facts import describe_claims, describe_corpus, describe_costs, describe_gaps, describe_methods

PLAIN = {
    "replies": "0",
    "tokens_in": "50",
    "tokens_out": "8",
    "cut": "0",
    "without_token_counts": "0",
    "cost": "0.0",
    "with_cost": "0",
    "cost_reported": "0",
    "models": "small 1200; large 7",
}


def cost(study, role, calls, missing):
    return PLAIN | {"study": study, "role": role, "calls": str(calls), "missing": str(missing)}


def estimate(study, mode, gate, criterion, quantity, note="", runs=3, n=3):
    names = {"study": study, "mode": mode, "gate": gate, "criterion": criterion, "quantity": quantity}
    return names | {"note": note, "runs": str(runs), "n": str(n)}


def test_missing_replies_are_counted_by_role():
    rows = [
        cost("main", "task", 900, 2),
        cost("deepseek", "task", 400, 1),
        cost("main", "optimizer", 30, 4),
        cost("main", "evaluator", 60, 5),
        cost("total", "", 1390, 12),
    ]
    facts = dict(describe_costs(rows))
    assert facts["Missing"].startswith(
        "3 of 1,300 predictions, 0 of 0 critiques, 0 of 0 gradients, 4 of 30 rewrites, 5 of 60 ratings"
    )
    assert facts["Models served"] == "small in 1,200, large in 7 replies"


def test_replies_that_were_cut_off_are_counted_by_role():
    total = cost("total", "", 100, 0)
    assert dict(describe_costs([total]))["Cut off"].startswith("no reply")
    rows = [cost("main", "gradient", 36, 0) | {"cut": "35"}, cost("main", "task", 60, 0) | {"cut": "1"}, total]
    assert dict(describe_costs(rows))["Cut off"].startswith("1 predictions, 35 gradients, at the longest reply")


def test_assumed_token_counts_are_reported():
    total = cost("total", "", 1390, 12)
    assert dict(describe_costs([total]))["Tokens"] == "50 in, 8 out; as the providers report them"
    assumed = dict(describe_costs([total | {"without_token_counts": "1003"}]))["Tokens"]
    assert assumed.endswith("as the providers report them, but assumed from text lengths for 1,003 replies without counts")


def test_the_cost_that_endpoints_report_is_beside_the_computed_one():
    total = cost("total", "", 100, 0) | {"cost": "1.5"}
    assert dict(describe_costs([total]))["Cost"] == "1.50 US dollars"
    reported = dict(describe_costs([total | {"with_cost": "1200", "cost_reported": "1.75"}]))["Cost"]
    assert reported == "1.50 US dollars at the configured prices; the endpoints report 1.75 US dollars for 1,200 replies"


def test_undefined_correlations_and_missing_ratings_are_counted_once():
    note = "seed 2 left out; 2 of 3 undefined, counted as 0"
    rows = [
        estimate("main", "SSS", "mae", "fluency", "step0", note),
        estimate("main", "SSS", "mae", "fluency", "initial", note),
        estimate("main", "SSS", "mae", "average", "step0", "2 of 12 undefined, counted as 0"),
        estimate("main", "SSS", "mae", "fluency", "step11"),
        estimate("cherrypick:main", "spearman", "mae", "fluency", "spearman", "1 of 3 undefined, counted as 0"),
        estimate("main", "SSS", "all", "average", "specificity", "2 missing", n=70),
        estimate("main", "per-task", "all", "average", "specificity", "2 missing; without SSC", n=70),
        estimate("main", "SSS", "mae", "average", "specificity", "2 missing", n=70),
        estimate("main", "SSS", "all", "average", "adherence", "1 missing", n=71),
    ]
    facts = dict(describe_gaps(rows))
    assert facts["Correlations"] == "9, by run, step and criterion; 3 undefined, counted as 0 in averages"
    assert facts["Ratings"] == "specificity 70, 2 missing; adherence 71, 1 missing"


def test_settings_of_intervals_ratings_and_picks_are_reported():
    settings = {
        "models": {"qwen3-8b": "qwen/qwen3-8b"},
        "evaluator": "claude-sonnet",
        "rubrics": ["paper", "topics"],
        "bootstrap": {"resamples": 1000, "level": 0.95, "seed": 4},
        "cherrypick": {"metrics": ["spearman", "mae"], "ratios": [1.5, 2], "solver_seconds": 60},
    }
    facts = dict(describe_methods(settings))
    assert facts["Models asked for"] == "qwen3-8b as qwen/qwen3-8b"
    assert facts["Evaluator"].startswith("claude-sonnet")
    assert facts["Evaluator"].endswith("specificity by the rubrics paper, topics")
    assert facts["Bootstrap"] == "1,000 draws of documents and seeds, for ratings of runs; 95% intervals; seed 4"
    assert facts["Cherry-picking"].startswith("by spearman, mae; balanced within 1.5, 2, each solved in at most 60 s")
    assert "Cherry-picking" not in dict(describe_methods(settings | {"cherrypick": {}}))
    assert "draws of documents (of rows, where none are named) and seeds" in dict(describe_methods(settings, True))["Bootstrap"]


def test_verdicts_are_counted_by_the_exhibit_that_shows_the_claim():
    claims = [Claim(str(n), ("Table 9",), "a claim", None, "", exhibit) for n, exhibit in enumerate(["a", "a", "b", "a"])]
    verdicts = ["agrees", "undecided", "contradicted", "agrees"]
    rows = [{"id": str(n), "verdict": verdict} for n, verdict in enumerate(verdicts)]
    assert describe_claims(rows, claims) == {
        "a": "Claims of the paper that rest on it: 3 (2 agrees, 1 undecided).",
        "b": "Claims of the paper that rest on it: 1 (1 contradicted).",
    }


def test_a_data_set_is_described_with_its_classes_and_the_rows_that_were_left_out():
    manifest = {
        "corpus": "replies.csv",
        "format": "CSV, gzip",
        "layout": "",
        "sha256": "0123456789abcdef0",
        "pairs": 1200,
        "documents": 1200,
        "documents_are_rows": True,
        "systems": ["A", "B"],
        "criteria": {
            "clarity": {"mean": 3.25, "shares": {}},
            "tone": {"mean": None, "shares": {"friendly": 0.75, "rude": 0.25}},
        },
        "dropped": {"no rating of tone": 3},
        "incomplete_ratings": 2,
        "split": {},
    }
    assert dict(describe_corpus("support", manifest, {"train": 8, "validation": 4, "test": 16})) == {
        "Data set support": "replies.csv: 1,200 pairs by 2 systems; each row is a document of its own",
        "Format, sha256": "CSV, gzip, 0123456789abcdef...",
        "Mean human scores": "clarity 3.250 (means of the raters)",
        "Human classes": "tone 75.0% friendly, 25.0% rude",
        "Left out": "3 rows, because no rating of tone; 2 ratings of raters who did not rate all criteria",
        "Split": "8 train, 4 validation, 16 test",
    }
