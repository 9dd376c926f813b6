"""A data set with a scale from 0 to 100, one in half steps, one of two ratings and one of classes: every number again by hand.

The answers are computed per pair from the definitions of docs/method.md, without the pipeline's formulas.
"""

import itertools
import statistics
from functools import cache

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from analysis.estimate_agreement import write_agreement
from analysis.estimate_constant_judge import write_constant_judge
from analysis.estimate_variant import write_variant_estimates
from analysis.score_study import score_study
from cherrypick.pick_instructions import pick_instructions
from collide.common.csv_json import read_csv, write_json_lines
from collide.experiment.criteria import identify_criterion
from collide.experiment.scales import read_scales
from tests.handmade import draw, volume

SCALES = read_scales(
    {
        "percent": [0, 100],
        "Half steps": {"low": 0, "high": 2, "step": 0.5},
        "binary": [0, 1],
        "verdict": {"classes": ["fine", "bad", "unclear"]},
    }
)
ORDERED = ["percent", "Half steps", "binary"]
WIDTH = {"percent": 100, "Half steps": 2, "binary": 1}
STEP = {"percent": 1, "Half steps": 0.5, "binary": 0.5}  # of two ratings, half a step
VALUES = {"percent": range(101), "Half steps": [0, 0.5, 1, 1.5, 2], "binary": [0, 1], "verdict": [0, 1, 2]}
SEEDS, PROMPTS = (0, 1), 3
PAIRS = [f"d{document}/M{system}" for document in range(8) for system in range(3)]
HUMANS = {
    "percent": [draw(301, "human", pair) / 3 for pair in PAIRS],
    "Half steps": [draw(7, "half", pair) / 3 for pair in PAIRS],
    "binary": [draw(4, "binary", pair) / 3 for pair in PAIRS],
    "verdict": [float(draw(3, "verdict", pair)) for pair in PAIRS],
}
SETTINGS = {"resamples": 20, "level": 0.9, "seed": 0}
OWN = {
    "spearman": dict.fromkeys(ORDERED, "spearman") | {"verdict": "kappa"},
    "kendall": dict.fromkeys(ORDERED, "kendall") | {"verdict": "macro_f1"},
    "mae": dict.fromkeys(ORDERED, "mae") | {"verdict": "error_rate"},
    "off_by_one": {"percent": "off_by_one", "Half steps": "off_by_one", "binary": "accuracy", "verdict": "accuracy"},
}
NOTES = {
    "spearman": "mean of spearman (percent, Half steps, binary) and kappa (verdict)",
    "kendall": "mean of kendall (percent, Half steps, binary) and macro_f1 (verdict)",
    "mae": "mean of mae (percent, Half steps, binary) and error_rate (verdict)",
    "off_by_one": "mean of off_by_one (percent, Half steps) and accuracy (binary, verdict)",
}


@cache
def rate(mode, seed, prompt, criterion):
    """Ratings of all pairs, half of them the rating nearest to the human score."""
    values = list(VALUES[criterion])
    return [
        min(values, key=lambda value: abs(value - human))
        if draw(2, "right", mode, seed, prompt, criterion, pair)
        else values[draw(len(values), "rating", mode, seed, prompt, criterion, pair)]
        for pair, human in zip(PAIRS, HUMANS[criterion], strict=True)
    ]


def f1(chosen, ratings, humans):
    hits = sum(r == h == chosen for r, h in zip(ratings, humans, strict=True))
    return 2 * hits / (ratings.count(chosen) + humans.count(chosen))


def answer(role, criterion, ratings):
    """The metric that takes a role, by its definition."""
    humans = HUMANS[criterion]
    errors = [abs(r - h) for r, h in zip(ratings, humans, strict=True)]
    if criterion != "verdict":
        if role in ("spearman", "kendall"):
            return (stats.spearmanr if role == "spearman" else stats.kendalltau)(ratings, humans).statistic
        if role == "mae":
            return statistics.fmean(errors) / WIDTH[criterion]
        return statistics.fmean(error < STEP[criterion] + 1e-6 for error in errors)
    equal = statistics.fmean(error == 0 for error in errors)
    chance = sum(ratings.count(c) / len(humans) * humans.count(c) / len(humans) for c in range(3))
    return {
        "spearman": (equal - chance) / (1 - chance),
        "kendall": statistics.fmean(f1(c, ratings, humans) for c in {*ratings, *humans}),
        "mae": 1 - equal,
        "off_by_one": equal,
    }[role]


def of_seeds(role, criterion, mode, prompt):
    """The metric of each seed, on a criterion or on average."""
    names = list(SCALES) if criterion == "average" else [criterion]
    return [statistics.fmean(answer(role, name, rate(mode, seed, prompt, name)) for name in names) for seed in SEEDS]


def write_predictions(path, prompts):
    """Predictions of prompts, given as prompt -> criterion -> ratings."""
    rows = [
        {"prompt": prompt, "split": split, "criterion": name, "document": pair[:2], "score": float(rating), "human": human}
        for prompt, by_criterion in prompts.items()
        for split in ("test", "validation")
        for name, ratings in by_criterion.items()
        for pair, rating, human in zip(PAIRS, ratings, HUMANS[name], strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Runs of SSC and of Single-Task, gate mae; returns the folder and the files by run."""
    root = tmp_path_factory.mktemp("mixed")
    files = {}
    modes = {"SSC": list(SCALES)} | {f"single-{identify_criterion(name)}": [name] for name in SCALES}
    for (mode, names), seed in itertools.product(modes.items(), SEEDS):
        folder = root / "runs" / "ours" / mode / "mae" / f"seed{seed}"
        ratings = {f"p{p}": {name: rate(mode[:3], seed, p, name) for name in names} for p in range(PROMPTS)}
        write_predictions(folder / "predictions.parquet", ratings)
        steps = [
            {"step": p, "prompt": f"p{p}", "instructions": {name: f"{name} {seed} {p}" for name in names}}
            | {"validation": {"current": None, "candidate": None}}
            for p in range(PROMPTS)
        ]
        write_json_lines(folder / "steps.jsonl", steps)
        files[mode, seed] = folder / "steps.jsonl", folder / "predictions.parquet"
    pq.write_table(
        pa.table({"document": [pair[:2] for pair in PAIRS]} | {f"human_{name}": scores for name, scores in HUMANS.items()}),
        root / "test.parquet",
    )
    return root, files


def estimate(tree, mode):
    root, files = tree
    runs = [paths for (name, _), paths in files.items() if name.startswith(mode)]
    table = root / f"{mode}.csv"
    write_agreement(root / "test.parquet", runs, ("ours", mode, "mae"), SCALES, SETTINGS, table, root / f"{mode}.parquet")
    return {(row["criterion"], row["quantity"]): row for row in read_csv(table)}


def test_every_score(tree):
    root, files = tree
    score_study(list(files.values()), "ours", SCALES, root / "scores.csv")
    rows = [row for row in read_csv(root / "scores.csv") if (row["mode"], row["split"]) == ("SSC", "test")]
    found = {(int(row["seed"]), int(row["step"]), row["criterion"], row["metric"]): row for row in rows}
    for role, seed, step in itertools.product(OWN, SEEDS, range(PROMPTS)):
        for name in SCALES:
            row = found[seed, step, name, OWN[role][name]]
            assert float(row["value"]) == pytest.approx(answer(role, name, rate("SSC", seed, step, name)), abs=1e-9)
        average = found[seed, step, "average", role]
        assert float(average["value"]) == pytest.approx(of_seeds(role, "average", "SSC", step)[seed], abs=1e-9)
        assert average["note"] == NOTES[role]
    assert len(rows) == len(SEEDS) * PROMPTS * len(OWN) * (len(SCALES) + 1)


def best_constant(criterion):
    return min((answer("mae", criterion, [value] * len(PAIRS)), value) for value in VALUES[criterion])


def test_the_constant_judge_of_each_scale(tree):
    root, files = tree
    score_study(list(files.values()), "ours", SCALES, root / "scores.csv")
    scores = {(r["criterion"], r["metric"]): r for r in read_csv(root / "scores.csv") if r["mode"] == "constant"}
    paths = root / "constant.csv", root / "constant.parquet"
    write_constant_judge(root / "test.parquet", "ours", SCALES, SETTINGS, False, *paths)
    estimates = {row["criterion"]: row for row in read_csv(paths[0])}
    for name in SCALES:
        error, rating = best_constant(name)
        shown = ["fine", "bad", "unclear"][rating] if name == "verdict" else f"{rating:g}"
        for row in (scores[name, OWN["mae"][name]], estimates[name]):
            assert float(row["value"]) == pytest.approx(error, abs=1e-9)
            assert (row["note"], row["metric"]) == (f"always {shown}", OWN["mae"][name])
        near = scores[name, OWN["off_by_one"][name]]
        assert float(near["value"]) == pytest.approx(answer("off_by_one", name, [rating] * len(PAIRS)), abs=1e-9)


@pytest.mark.parametrize("mode", ["SSC", "single"])
def test_every_agreement(tree, mode):
    rows, short = estimate(tree, mode), mode[:3]
    means = [statistics.fmean(of_seeds("spearman", "average", short, p)) for p in range(PROMPTS)]
    best = means.index(max(means))
    for criterion in (*SCALES, "average"):
        for quantity, step in (("initial", 0), ("best", best), ("final", PROMPTS - 1), ("step1", 1)):
            row = rows[criterion, quantity]
            expected = of_seeds("spearman", criterion, short, step)
            assert float(row["value"]) == pytest.approx(statistics.fmean(expected), abs=1e-9)
            assert float(rows[criterion, f"{quantity}_sd"]["value"]) == pytest.approx(statistics.stdev(expected), abs=1e-9)
            assert row["metric"] == (OWN["spearman"] | {"average": NOTES["spearman"]})[criterion]
    if mode != "single":
        points = {tuple(statistics.fmean(of_seeds("spearman", name, mode, p)) for name in SCALES) for p in range(PROMPTS)}
        assert float(rows["average", "hvi"]["value"]) == pytest.approx(volume(points), abs=1e-9)


@pytest.mark.parametrize("role", ["spearman", "mae", "off_by_one"])
def test_picks_and_their_prompt(tree, role):
    root, files = tree
    singles = [paths for (mode, _), paths in files.items() if mode != "SSC"]
    variant = {"study": "main", "name": "v", "metric": role, "label": role, "gate": "mae", "gates": ["mae"]}
    variant |= {"ratio": None, "together": True}
    place = root / role
    place.mkdir()
    pick_instructions(singles, variant, SCALES, place / "picked.csv", place / "prompts.jsonl")
    sign = -1 if role == "mae" else 1
    for row in read_csv(place / "picked.csv"):
        name = row["criterion"]
        values = [answer(role, name, rate("sin", seed, p, name)) for p, seed in itertools.product(range(PROMPTS), SEEDS)]
        assert float(row["value"]) == pytest.approx(sign * max(sign * value for value in values), abs=1e-9)
        assert row["metric"] == OWN[role][name]
        assert row["instruction"] == f"{name} {row['seed']} {row['step']}"
    paths = [place / f"seed{seed}" / "predictions.parquet" for seed in SEEDS]
    for seed, path in zip(SEEDS, paths, strict=True):
        write_predictions(path, {"v": {name: rate(role, seed, 0, name) for name in SCALES}})
    table = place / "variant.csv"
    write_variant_estimates(
        root / "test.parquet", paths, place / "picked.csv", [], variant, SCALES, SETTINGS, table, place / "draws.parquet"
    )
    found = {(row["criterion"], row["quantity"]): row for row in read_csv(table)}
    for each, criterion in itertools.product(("spearman", "mae", "off_by_one"), (*SCALES, "average")):
        row = found[criterion, each]
        assert float(row["value"]) == pytest.approx(statistics.fmean(of_seeds(each, criterion, role, 0)), abs=1e-9)
        assert row["metric"] == (OWN[each] | {"average": NOTES[each]})[criterion]
