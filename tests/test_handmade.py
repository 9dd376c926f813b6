"""A tree of runs made by hand, with known answers, through estimates, tables and claims to every cell.

Every pair's human score is 1, 2, ... in turn. A judge that agrees gives them back (Spearman 1), one that opposes reverses
them (-1). What a run's prompts are worth is chosen per mode, so that every cell of every table can be told beforehand.
"""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from check_claims import check_claims
from collide.cherrypick import count_tokens
from collide.predictions import SCHEMA
from collide.tidy import read_rows, write_rows
from make_estimates import estimate
from make_table import make_table

CRITERIA = ["fluency", "relevance"]
SEEDS = [0, 1]
DOCUMENTS = [f"d{i}" for i in range(12)]
HUMAN = [1.0 + i % 4 for i in range(12)]
GOOD, BAD = [int(h) for h in HUMAN], [int(5 - h) for h in HUMAN]
STUDIES = {
    "main": {"modes": ["single", "SSS", "SCC"], "gates": ["mae", "none"]},
    "deepseek": {"modes": ["single", "SSC", "CCC"], "gates": ["mae"]},
    "gradient-swap": {"modes": ["SSC", "SCC"], "gates": ["mae"]},
}
# Of each mode: Spearman at step 0 and 1, by criterion; the same for all seeds and gates, but for what RUNS_APART sets.
WORTH = {
    "single": ((-1, -1), (1, 1)),
    "SSS": ((-1, 1), (1, 1)),
    "SSC": ((1, -1), (-1, -1)),
    "SCC": ((1, 1), (-1, 1)),
    "CCC": ((-1, -1), (-1, 1)),
}
SPECIFICITY = {"single": (10, 9), "SSS": (9, 9), "SSC": (9, 8), "SCC": (4, 2), "CCC": (3, 3)}
ADHERENCE = {"single": (8, 8), "SSS": (9, 7), "SSC": (8, 6), "SCC": (5, 7), "CCC": (6, 6)}
VARIANTS = {
    "mae-spearman": {"label": "spearman", "gate": "mae", "worth": (1, -1)},
    "none-mae": {"label": "mae", "gate": "none", "worth": (-1, -1)},
}


def write_predictions(path, prompts):
    """Predictions of prompts, given as prompt -> criterion -> whether the judge agrees."""
    rows = [
        (prompt, split, f"{d}/M0", d, "M0", criterion, (GOOD if sign > 0 else BAD)[i], HUMAN[i], 1, "")
        for prompt, worth in prompts.items()
        for split in ("test", "validation")
        for criterion, sign in worth.items()
        for i, d in enumerate(DOCUMENTS)
    ]
    arrays = [pa.array(c, type=f.type) for c, f in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), path)


def write_run(folder, criteria, worth):
    """Steps and predictions of a run whose prompt at step k is worth `worth[k]` on each criterion."""
    prompts = {f"p{k}": dict(zip(criteria, step, strict=True)) for k, step in enumerate(worth)}
    write_predictions(folder / "predictions.parquet", prompts)
    lines = [json.dumps({"step": k, "prompt": f"p{k}", "instructions": dict.fromkeys(criteria, "Rate.")}) for k in range(2)]
    (folder / "steps.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "steps.jsonl", folder / "predictions.parquet"


def write_ratings(path, names, criteria, mode):
    rows = [
        names | {"step": 1, "criterion": c, "diagnostic": diagnostic, "score": scores[mode][CRITERIA.index(c)]}
        for c in criteria
        for diagnostic, scores in (("specificity", SPECIFICITY), ("adherence", ADHERENCE))
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, [*names, "step", "criterion", "diagnostic", "score"], rows, simulated=False)
    return path


def build(root, worth=WORTH, leave_out=()):
    """Write the tree and estimate it; returns the folder with estimates.csv and draws.parquet."""
    runs, ratings = [], []
    for study, facts in STUDIES.items():
        for mode in facts["modes"]:
            parts = {f"single-{c}": [c] for c in CRITERIA} if mode == "single" else {mode: CRITERIA}
            for (name, criteria), gate, seed in [(p, g, s) for p in parts.items() for g in facts["gates"] for s in SEEDS]:
                if (study, mode, gate, seed) in leave_out:
                    continue
                place = f"{study}/{name}/{gate}/seed{seed}"
                kept = [tuple(step[CRITERIA.index(c)] for c in criteria) for step in worth[mode]]
                runs.append(write_run(root / "runs" / place, criteria, kept))
                names = {"study": study, "mode": name, "gate": gate, "seed": seed}
                ratings.append(write_ratings(root / "diagnostics" / f"{place}.csv", names, criteria, mode))
    variants = []
    for name, facts in VARIANTS.items():
        paths = [root / "cherrypick" / name / f"seed{seed}" / "predictions.parquet" for seed in SEEDS]
        for path in paths:
            write_predictions(path, {"v": dict(zip(CRITERIA, facts["worth"], strict=True))})
        picked = root / "cherrypick" / name / "picked.csv"
        lengths = [{"criterion": c, "tokens": count_tokens("word " * (4 + 10 * i))} for i, c in enumerate(CRITERIA)]
        write_rows(picked, ["criterion", "tokens"], lengths, simulated=False)
        variants.append((facts["label"], facts["gate"], paths, picked))
    test = root / "test.parquet"
    pq.write_table(pa.table({"document": DOCUMENTS} | {f"human_{c}": HUMAN for c in CRITERIA}), test)
    settings = {"resamples": 40, "level": 0.95, "seed": 1}
    estimate(
        test, runs, ratings, variants, settings, dict.fromkeys(CRITERIA, (1, 5)), root / "estimates.csv", root / "draws.parquet"
    )
    return root


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return build(tmp_path_factory.mktemp("tree"))


def table(root, name, study="main"):
    facts = {"study": study, "facts": STUDIES[study] | {"seeds": SEEDS, "steps": 1}, "criteria": CRITERIA}
    if name == "table5":
        facts |= {"variants": VARIANTS}
    make_table(root / "estimates.csv", [], {}, name, facts, 0.95, root / f"{name}.csv", root / f"{name}.tex")
    return {
        (row["row"], row["group"], row["column"]): float(row["value"]) if row["value"] else None
        for row in read_rows(root / f"{name}.csv")
    }


def average(pair):
    return sum(pair) / 2


def archive(steps):
    """Hypervolume above -1 of at most two points in two dimensions."""
    (a, b), (c, d) = [tuple(v + 1 for v in step) for step in steps]
    return a * b + c * d - min(a, c) * min(b, d)


@pytest.mark.parametrize(("name", "study"), [("table1", "main"), ("table6", "deepseek")])
def test_tables_1_and_6(tree, name, study):
    cells = table(tree, name, study)
    for mode in STUDIES[study]["modes"]:
        row = "Single-Task" if mode == "single" else mode
        first, second = (average(step) for step in WORTH[mode])
        best = int(second > first)
        for group in {"mae": ["MAE validation"], "none": ["No validation"]}[STUDIES[study]["gates"][0]]:
            assert cells[row, group, "Initial"] == pytest.approx(first)
            assert cells[row, group, "Best"] == pytest.approx(max(first, second))
            assert cells[row, group, "best_step"] == best
            assert cells[row, group, "Gain"] == pytest.approx(max(first, second) - first)
            assert cells[row, group, "sd"] == pytest.approx(0)
            assert cells[row, group, "By val."] == pytest.approx(max(first, second))
            hvi = cells[row, group, "HVI"]
            assert hvi is None if mode == "single" else hvi == pytest.approx(archive(WORTH[mode]))


def test_table_2(tree):
    cells = table(tree, "table2")
    for mode in STUDIES["main"]["modes"]:
        row = "Single-Task" if mode == "single" else mode
        scores = [ADHERENCE[mode][i] for i in (0, 1) for _ in SEEDS]
        spread = (sum((s - average(ADHERENCE[mode])) ** 2 for s in scores) / (len(scores) - 1)) ** 0.5
        assert cells[row, "MAE validation", "Mean"] == pytest.approx(average(ADHERENCE[mode]))
        assert cells[row, "MAE validation", "sd"] == pytest.approx(spread)


def test_table_3(tree):
    cells = table(tree, "table3")
    for row, worth in {"Initial": WORTH["SSS"][0], "Single-Task": WORTH["single"][1], "Cherry-pick": (1, -1)}.items():
        assert cells[row, "", "fluency"] == pytest.approx(worth[0])
        assert cells[row, "", "relevance"] == pytest.approx(worth[1])
        assert cells[row, "", "average"] == pytest.approx(average(worth))


def test_table_4(tree):
    cells = table(tree, "table4")
    for mode in STUDIES["main"]["modes"]:
        row = "Single-Task" if mode == "single" else mode
        assert cells[row, "", "fluency"] == pytest.approx(SPECIFICITY[mode][0])
        assert cells[row, "", "average"] == pytest.approx(average(SPECIFICITY[mode]))
    assert cells["per-task gradient", "", "fluency"] == pytest.approx((10 + 9) / 2)
    assert cells["cross-task gradient", "", "average"] == pytest.approx(3)


def test_table_5(tree):
    cells = table(tree, "table5")
    assert cells["Initial prompt", "", "Spearman"] == pytest.approx(0)
    assert cells["MAE validation, Spearman", "", "Spearman"] == pytest.approx(0)
    assert cells["No validation, MAE", "", "Spearman"] == pytest.approx(-1)


def ledger(root):
    check_claims(root / "estimates.csv", root / "draws.parquet", 0.95, "live", root / "claims.csv", root / "claims.html")
    return {row["id"]: row for row in read_rows(root / "claims.csv")}


def test_claims_know_these_runs(tree):
    rows = ledger(tree)
    assert float(rows["Table 1: main/single/mae/average/initial"]["ours"]) == pytest.approx(-1)
    assert rows["Table 1: main/SCC/mae/average/best_step"]["verdict"] == "reproduced"
    assert rows["Table 1: main/SSC/mae/average/best"]["verdict"] == "not run"
    holds = next(row for row in rows.values() if row["claim"] == "the combined prompt is worse than the initial one")
    assert float(holds["ours"]) == pytest.approx(0)
    assert float(rows["Table 2: main/SSS/mae/average/adherence"]["ours"]) == pytest.approx(8)


def test_differences_are_paired_and_the_constant_judge_stands_beside(tree):
    rows = {
        tuple(r[k] for k in ("study", "mode", "gate", "criterion", "quantity")): r for r in read_rows(tree / "estimates.csv")
    }
    swapped = rows["gradient-swap", "SCC-SSC", "mae", "average", "specificity"]
    assert float(swapped["value"]) == pytest.approx(average(SPECIFICITY["SCC"]) - average(SPECIFICITY["SSC"]))
    cherry = rows["cherrypick", "spearman-single", "mae", "relevance", "spearman"]
    assert float(cherry["value"]) == pytest.approx(-2)
    assert float(rows["corpus", "constant", "all", "fluency", "mae"]["value"]) == pytest.approx(1.0)


def test_swapping_two_modes_moves_their_claims_and_no_others(tree, tmp_path):
    swapped = {**WORTH, "SSS": WORTH["SCC"], "SCC": WORTH["SSS"]}
    before, after = ledger(tree), ledger(build(tmp_path, swapped))
    moved = {claim for claim in before if before[claim]["ours"] != after[claim]["ours"]}
    assert moved
    assert all("SSS" in claim or "SCC" in claim or "(" in claim for claim in moved)
    assert {"Table 1: main/SSS/mae/average/initial", "Table 3: main/SSS/mae/fluency/initial"} <= moved
    assert not {claim for claim in moved if claim.startswith(("Table 2", "Table 4", "Table 6"))}


def test_missing_runs_are_told_and_nothing_is_made_up(tmp_path):
    gone = {("main", "SSS", "mae", 1), *(("main", "SCC", "none", seed) for seed in SEEDS)}
    root = build(tmp_path, leave_out=gone)
    cells = table(root, "table1")
    rows = {(r["row"], r["group"], r["column"]): r for r in read_rows(root / "table1.csv")}
    assert rows["SSS", "MAE validation", "Best"]["runs"] == "1"
    assert cells["SSS", "MAE validation", "sd"] is None
    assert cells["SCC", "No validation", "Best"] is None
    assert rows["SCC", "No validation", "Best"]["note"] == "no run"
    assert "Not run: SCC" in (root / "table1.tex").read_text()
    assert ledger(root)["Table 1: main/SCC/none/average/best"]["verdict"] == "not run"


def test_the_same_tree_gives_the_same_bytes(tree, tmp_path):
    again = build(tmp_path)
    for name in ("estimates.csv", "draws.parquet"):
        assert (again / name).read_bytes() == (tree / name).read_bytes()
