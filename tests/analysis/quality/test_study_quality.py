"""The judge evaluation of a small study made by hand: every kind of row is in the table, with the value that scipy gives."""

import itertools
import statistics

import krippendorff
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from analysis.measure_quality import measure_quality
from collide.common.csv_json import read_csv, write_csv, write_json_lines
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.corpus.pairs import Pair, write_pairs
from collide.experiment.scales import build_scale
from collide.optimize.predictions import SCHEMA

CRITERIA = ["fluency", "relevance"]
SCALES = dict.fromkeys(CRITERIA, build_scale([1, 5]))
DOCUMENTS, SYSTEMS, SEEDS = 6, 4, (0, 1)
SETTINGS = {"resamples": 30, "level": 0.9, "seed": 0}
PLACES = [(d, s) for d in range(DOCUMENTS) for s in range(SYSTEMS)]


def draw(*what):
    """Ratings of all pairs on a criterion, which depend on the arguments alone."""
    return np.random.default_rng([*map(sum, (map(ord, str(part)) for part in what))]).integers(1, 6, len(PLACES)).tolist()


EXPERTS = {name: [draw("expert", name, number) for number in range(3)] for name in CRITERIA}
HUMANS = {name: [statistics.fmean(ratings) for ratings in zip(*EXPERTS[name], strict=True)] for name in CRITERIA}


def write_test_pairs(path, with_experts=True):
    pairs = [
        Pair(
            f"d{d}/M{s}",
            f"d{d}",
            f"M{s}",
            "An article.",
            "A summary.",
            {name: HUMANS[name][i] for name in CRITERIA},
            {name: tuple(map(float, (r[i] for r in EXPERTS[name]))) for name in CRITERIA} if with_experts else {},
        )
        for i, (d, s) in enumerate(PLACES)
    ]
    write_pairs(path, pairs, CRITERIA)
    return path


def write_predictions(path, prompts, simulated=False):
    """Predictions of prompts: prompt -> criterion -> ratings. Pairs are in another order than the test pairs."""
    rows = [
        (prompt, split, f"d{d}/M{s}", f"d{d}", f"M{s}", name, ratings[i], HUMANS[name][i], 1, "")
        for prompt, by_criterion in prompts.items()
        for split in ("validation", "test")
        for i, (d, s) in reversed(list(enumerate(PLACES)))
        for name, ratings in by_criterion.items()
    ]
    arrays = [pa.array(column, type=f.type) for column, f in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
    schema = SCHEMA.with_metadata({"simulated": SIMULATED_NOTICE} if simulated else None)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
    return path


def rate(mode, seed, prompt):
    """Ratings of a prompt of a run by criterion. Modes over all criteria share the initial prompt."""
    names = [mode.removeprefix("single-")] if mode.startswith("single") else CRITERIA
    place = "together" if prompt == "p0" and mode == "SSS" else mode
    return {name: draw(place, seed, prompt, name) for name in names}


@pytest.fixture
def measure(tmp_path):
    """Measures the study; `steps` are the prompts in force. Returns rows by (mode, prompt, criterion, level, metric)."""

    def run(steps=("p0", "p1", "p2"), with_experts=True, repeats=1, simulated=False, chosen=1, seeds=SEEDS, edit=None):
        files = []
        for mode, seed in itertools.product(("SSS", *(f"single-{name}" for name in CRITERIA)), seeds):
            folder = tmp_path / f"runs/main/{mode}/mae/seed{seed}"
            prompts = {prompt: rate(mode, seed, prompt) for prompt in dict.fromkeys(steps)}
            if edit:
                edit(mode, seed, prompts)
            write_predictions(folder / "predictions.parquet", prompts, simulated)
            write_json_lines(folder / "steps.jsonl", [{"prompt": prompt} for prompt in steps])
            files.append((folder / "steps.jsonl", folder / "predictions.parquet"))
        again = [
            write_predictions(tmp_path / f"retest{n}.parquet", {"p0": {c: draw("again", n, c) for c in CRITERIA}})
            for n in range(repeats)
        ]
        columns = ("study", "mode", "gate", "criterion", "quantity", "value")
        rows = [("main", mode, "mae", "average", "by_validation_step", chosen) for mode in ("SSS", "single")]
        agreement = tmp_path / "agreement.csv"
        write_csv(agreement, columns, [dict(zip(columns, row, strict=True)) for row in rows], False)
        test, table = write_test_pairs(tmp_path / "test.parquet", with_experts), tmp_path / "quality.csv"
        measure_quality(test, files, [agreement], again, "main", SCALES, SETTINGS, table)
        return {(r["mode"], r["prompt"], r["criterion"], r["level"], r["metric"]): r for r in read_csv(table)}

    return run


def spearman(ratings, name):
    return stats.spearmanr(ratings, HUMANS[name]).statistic


def value(rows, *name):
    return float(rows[name]["value"])


def test_values_are_means_over_seeds_and_criteria(measure):
    rows = measure()
    for prompt, step in (("initial", "p0"), ("by_validation", "p1"), ("final", "p2")):
        for mode in ("SSS", "single"):
            runs = {name: mode if mode == "SSS" else f"single-{name}" for name in CRITERIA}
            found = {n: [spearman(rate(runs[n], seed, step)[n], n) for seed in SEEDS] for n in CRITERIA}
            for name in CRITERIA:
                answer = statistics.fmean(found[name])
                assert value(rows, mode, prompt, name, "pooled", "spearman") == pytest.approx(answer, abs=1e-9)
            answer = statistics.fmean(itertools.chain(*found.values()))
            row = rows[mode, prompt, "average", "pooled", "spearman"]
            assert float(row["value"]) == pytest.approx(answer, abs=1e-9)
            assert [row[k] for k in ("documents", "systems", "runs", "n", "missing")] == ["6", "4", "2", str(24 * 4), "0"]
            assert float(row["low"]) <= float(row["high"])
            assert row["quantity"] == f"{prompt}/pooled/spearman"


def list_accuracies(ratings, humans):
    """Pairwise accuracy by comparing all pairs, by threshold."""
    ordered = [
        (abs(a - b), np.sign(a - b), np.sign(g - h))
        for (a, g), (b, h) in itertools.combinations(zip(ratings, humans, strict=True), 2)
    ]
    limits = sorted({0.0, *(distance for distance, *_ in ordered)})
    return {x: statistics.fmean((0 if distance <= x else sign) == human for distance, sign, human in ordered) for x in limits}


def work_out(ratings, name):
    """Measures of one seed on one criterion by scipy, or as their definitions say, by level and metric."""
    pairs = list(zip(PLACES, ratings, HUMANS[name], strict=True))
    by_document = [[(r, h) for (d, _), r, h in pairs if d == document] for document in range(DOCUMENTS)]
    by_system = [np.mean([(r, h) for (_, s), r, h in pairs if s == system], axis=0) for system in range(SYSTEMS)]
    functions = {"spearman": stats.spearmanr, "kendall": stats.kendalltau, "pearson": stats.pearsonr}
    documents = [tuple(zip(*document, strict=True)) for document in by_document]
    varied = [sides for sides in documents if all(len(set(side)) > 1 for side in sides)]
    accuracies = list_accuracies(ratings, HUMANS[name])
    best = max(accuracies, key=lambda limit: (accuracies[limit], -limit))
    per_document = [list_accuracies(*sides) for sides in documents]
    # The threshold of the documents is one for all of them.
    limits = sorted({limit for found in per_document for limit in found})
    means = {x: statistics.fmean(f[max(y for y in f if y <= x)] for f in per_document) for x in limits}
    shared = max(means, key=lambda limit: (means[limit], -limit))
    humans = {k: statistics.fmean(h for _, r, h in pairs if r == k) for k in set(ratings)}
    rounded = [int(h + 0.5 + 1e-9) for h in HUMANS[name]]
    chance = statistics.fmean((r - h) ** 2 for r, h in itertools.product(ratings, rounded))
    return {
        **{("pooled", f): functions[f](ratings, HUMANS[name]).statistic for f in functions},
        **{("document", f): statistics.fmean(functions[f](*sides).statistic for sides in varied) for f in functions},
        **{("system", f): functions[f](*zip(*by_system, strict=True)).statistic for f in functions},
        ("pooled", "pairwise_accuracy"): accuracies[0],
        ("pooled", "calibrated_accuracy"): accuracies[best],
        ("pooled", "tie_threshold"): best,
        ("document", "pairwise_accuracy"): means[0],
        ("document", "calibrated_accuracy"): means[shared],
        ("document", "tie_threshold"): shared,
        ("system", "pairwise_accuracy"): list_accuracies(*zip(*by_system, strict=True))[0],
        ("pooled", "mae"): statistics.fmean(abs(r - h) for _, r, h in pairs),
        ("pooled", "bias"): statistics.fmean(r - h for _, r, h in pairs),
        ("pooled", "weighted_kappa"): 1
        - statistics.fmean((r - h) ** 2 for r, h in zip(ratings, rounded, strict=True)) / chance,
        ("pooled", "calibration_error"): statistics.fmean(abs(r - humans[r]) for r in ratings),
    }


def test_every_measure_of_a_prompt_is_worked_out_by_hand(measure):
    rows = measure()
    rated = [rate("SSS", seed, "p1") for seed in SEEDS]
    answers = {name: [work_out(ratings[name], name) for ratings in rated] for name in CRITERIA}
    keys = list(answers["fluency"][0])
    for level, metric in keys:
        means = {name: statistics.fmean(found[level, metric] for found in answers[name]) for name in CRITERIA}
        for criterion, answer in (means | {"average": statistics.fmean(means.values())}).items():
            found = value(rows, "SSS", "by_validation", criterion, level, metric)
            assert found == pytest.approx(answer, abs=1e-9), (criterion, level, metric)
    shown = {name[3:] for name in rows if name[:3] == ("SSS", "by_validation", "fluency") and "human_mean" not in name[4]}
    assert shown == {*keys, ("pooled", "detectable_difference")}


def test_calibration_is_of_the_pairs_of_all_seeds(measure):
    rows = measure()
    rated = [pair for seed in SEEDS for pair in zip(rate("SSS", seed, "p1")["fluency"], HUMANS["fluency"], strict=True)]
    humans = [human for rating, human in rated if rating == 4]
    row = rows["SSS", "by_validation", "fluency", "pooled", "human_mean_4"]
    assert (float(row["value"]), int(row["n"])) == (pytest.approx(statistics.fmean(humans), abs=1e-9), len(humans))


def test_halo_of_judges_and_experts(measure):
    rows = measure()
    shares = [np.mean(np.equal(*(rate("SSS", seed, "p1")[name] for name in CRITERIA))) for seed in SEEDS]
    assert value(rows, "SSS", "by_validation", "all", "pooled", "equal_ratings") == pytest.approx(np.mean(shares), abs=1e-9)
    between = [stats.spearmanr(*(rate("SSS", seed, "p1")[name] for name in CRITERIA)).statistic for seed in SEEDS]
    found = value(rows, "SSS", "by_validation", "all", "pooled", "criteria_correlation")
    assert found == pytest.approx(np.mean(between), abs=1e-9)
    shares = [np.mean(np.equal(EXPERTS["fluency"][e], EXPERTS["relevance"][e])) for e in range(3)]
    assert value(rows, "humans", "expert", "all", "pooled", "equal_ratings") == pytest.approx(np.mean(shares), abs=1e-9)


def test_seeds_and_retests_of_the_initial_prompt_are_repeats_of_one_another(measure):
    rows = measure(repeats=2)
    judgings = [rate("SSS", seed, "p0") for seed in SEEDS] + [{c: draw("again", n, c) for c in CRITERIA} for n in range(2)]
    correlations = [spearman(judging["fluency"], "fluency") for judging in judgings]
    deviation = statistics.stdev(correlations)
    changed = [np.mean(np.not_equal(a["fluency"], b["fluency"])) for a, b in itertools.combinations(judgings, 2)]
    initial = ("SSS", "initial", "fluency", "pooled")
    assert value(rows, *initial, "spearman_sd") == pytest.approx(deviation, abs=1e-9)
    assert value(rows, *initial, "spearman_range") == pytest.approx(max(correlations) - min(correlations), abs=1e-9)
    assert value(rows, *initial, "changed_ratings") == pytest.approx(np.mean(changed), abs=1e-9)
    assert value(rows, *initial, "retest_difference") == pytest.approx(stats.norm.ppf(0.975) * deviation, abs=1e-9)
    assert rows[*initial, "spearman_sd"]["n"] == "4"
    averages = [statistics.fmean(spearman(judging[name], name) for name in CRITERIA) for judging in judgings]
    found = value(rows, "SSS", "initial", "average", "pooled", "spearman_sd")
    assert found == pytest.approx(statistics.stdev(averages), abs=1e-9)
    assert rows["single", "initial", "fluency", "pooled", "spearman_sd"]["n"] == "2"


def test_one_seed_without_a_retest_shows_no_movement(measure):
    rows = measure(repeats=0, seeds=(0,))
    assert not any(metric in ("spearman_sd", "changed_ratings") for *_, metric in rows)
    assert ("SSS", "initial", "average", "pooled", "spearman") in rows


def test_a_prompt_that_is_the_initial_one_has_no_detectable_difference(measure):
    rows = measure(steps=("p0", "p0", "p1"))
    row = rows["SSS", "by_validation", "average", "pooled", "detectable_difference"]
    assert (row["value"], row["note"]) == ("", "the prompt is the initial one")
    assert value(rows, "SSS", "final", "average", "pooled", "detectable_difference") > 0


def test_experts_are_measured_as_judges_of_the_mean_of_the_others(measure):
    rows = measure()
    ratings = np.array(EXPERTS["relevance"])
    answers = [stats.kendalltau(ratings[e], np.delete(ratings, e, axis=0).mean(axis=0)).statistic for e in range(3)]
    row = rows["humans", "expert", "relevance", "pooled", "kendall"]
    assert float(row["value"]) == pytest.approx(statistics.fmean(answers), abs=1e-9)
    assert (row["gate"], row["runs"]) == ("all", "3")
    assert value(rows, "humans", "expert", "average", "pooled", "bias") == 0
    alpha = krippendorff.alpha(reliability_data=ratings, level_of_measurement="ordinal")
    assert value(rows, "humans", "expert", "relevance", "pooled", "krippendorff_alpha") == pytest.approx(alpha, abs=1e-9)


def test_without_single_ratings_the_ceiling_is_missing_with_the_reason(measure):
    rows = measure(with_experts=False)
    row = rows["humans", "expert", "average", "pooled", "spearman"]
    assert (row["value"], row["note"], row["runs"]) == ("", "the corpus has no single ratings of experts", "0")
    halo = rows["humans", "expert", "all", "pooled", "equal_ratings"]
    rounded = [np.floor(np.array(HUMANS[name]) + 0.5) for name in CRITERIA]
    assert float(halo["value"]) == pytest.approx(np.mean(rounded[0] == rounded[1]), abs=1e-9)
    assert halo["note"].startswith("rounded means")


def test_missing_ratings_and_constant_judges_are_counted(measure):
    def spoil(mode, seed, prompts):
        if mode == "SSS" and seed == 0:
            prompts["p1"]["fluency"][3] = None
            prompts["p2"]["fluency"] = [4] * len(PLACES)

    rows = measure(edit=spoil)
    row = rows["SSS", "by_validation", "fluency", "pooled", "spearman"]
    assert (row["missing"], row["n"], row["undefined"]) == ("1", "47", "0")
    row = rows["SSS", "final", "fluency", "pooled", "spearman"]
    assert (row["undefined"], row["note"]) == ("1", "1 undefined, counted as 0")
    assert float(row["value"]) == pytest.approx(spearman(rate("SSS", 1, "p2")["fluency"], "fluency") / 2, abs=1e-9)
    assert rows["SSS", "final", "average", "pooled", "spearman"]["note"] == "1 undefined, counted as 0"
    assert int(rows["SSS", "final", "fluency", "document", "spearman"]["undefined"]) >= DOCUMENTS


def test_a_judge_without_any_rating_has_empty_values(measure):
    def silence(mode, seed, prompts):
        prompts["p2"] = {name: [None] * len(PLACES) for name in prompts["p2"]}

    rows = measure(edit=silence)
    found = {name: row for name, row in rows.items() if name[1] == "final"}
    assert len(found) > 50
    assert {(row["value"], row["low"], row["high"]) for row in found.values()} == {("", "", "")}


@pytest.mark.parametrize("simulated", [True, False])
def test_the_source_is_that_of_the_replies(measure, simulated):
    rows = measure(simulated=simulated)
    assert {row["source"] for row in rows.values()} == {"simulated" if simulated else "live"}
