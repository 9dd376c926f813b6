"""The judge evaluation of mixed scales, of classes, and of corpora without systems or documents."""

import itertools

import krippendorff
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from analysis.measure_quality import measure_quality
from collide.analysis.bootstrap import draw_resamples
from collide.analysis.estimates import AVERAGE
from collide.analysis.quality import rated_pairs
from collide.analysis.quality.experts import list_experts, measure_alpha
from collide.analysis.quality.halo import measure_halo, place_ratings
from collide.analysis.quality.measure import NO_COMPARISONS, NO_ORDER, NO_SYSTEMS, average_measures, measure_judge
from collide.analysis.quality.pooled import round_to_scale
from collide.common.csv_json import read_csv, write_csv, write_json_lines
from collide.corpus.pairs import Pair, write_pairs
from collide.experiment.scales import read_scales

SCALES = read_scales({"percent": [0, 100], "binary": [0, 1], "verdict": {"classes": ["fine", "bad", "unclear"]}})
RANDOM = np.random.default_rng(4)
COUNT = 24
RATINGS = {name: RANDOM.choice(scale.values, COUNT).astype(float) for name, scale in SCALES.items()}
EXPERTS = {name: RANDOM.choice(scale.values, (3, COUNT)).astype(float) for name, scale in SCALES.items()}
# The class that most experts chose; of equals the first, which is the lowest number.
HUMANS = {name: ratings.mean(axis=0) for name, ratings in EXPERTS.items()}
HUMANS["verdict"] = np.array([min(stats.mode(votes).mode, 2) for votes in EXPERTS["verdict"].T], float)


def make_pairs(per_document=3, has_systems=True, scales=SCALES):
    documents = np.arange(COUNT) // per_document
    weights = draw_resamples([f"{d:02}" for d in documents], 10, 0).weights
    systems = np.arange(COUNT) % per_document
    names = [str(number) for number in range(COUNT)]
    return rated_pairs.TestPairs(scales, names, documents, systems, HUMANS, {}, weights, has_systems)


def measure(pairs):
    """The measures of one judge by (criterion, level, metric)."""
    found = {name: [measure_judge(pairs, scale, RATINGS[name], HUMANS[name])] for name, scale in pairs.scales.items()}
    return dict(average_measures(found, pairs.scales, dict.fromkeys(pairs.scales, np.zeros((11, 1), int))))


def value(measures, *name):
    return float(measures[name].draws[0])


def test_classes_have_their_own_measures_and_no_others():
    found = measure(make_pairs())
    defined = {name[1:] for name, measure in found.items() if name[0] == "verdict" and not measure.absent}
    assert defined == {("pooled", name) for name in ("kappa", "macro_f1", "error_rate", "accuracy")}
    for (criterion, _, _), measured in found.items():
        if criterion == "verdict" and measured.absent:
            assert np.isnan(measured.draws).all()
            assert measured.note == NO_ORDER
    equal = (RATINGS["verdict"] == HUMANS["verdict"]).mean()
    assert value(found, "verdict", "pooled", "accuracy") == pytest.approx(equal)
    assert found[AVERAGE, "pooled", "accuracy"].note == "without percent, binary"


def test_averages_are_over_the_criteria_that_have_the_measure_and_say_so():
    found = measure(make_pairs())
    agreement = [value(found, "percent", "pooled", "spearman"), value(found, "binary", "pooled", "spearman")]
    mean = np.mean([*agreement, value(found, "verdict", "pooled", "kappa")])
    assert value(found, AVERAGE, "pooled", "spearman") == pytest.approx(mean)
    assert found[AVERAGE, "pooled", "spearman"].note == "mean of spearman (percent, binary) and kappa (verdict)"
    pearson = [stats.pearsonr(RATINGS[name], HUMANS[name]).statistic for name in ("percent", "binary")]
    assert value(found, AVERAGE, "pooled", "pearson") == pytest.approx(np.mean(pearson))
    assert found[AVERAGE, "pooled", "pearson"].note == f"without verdict: {NO_ORDER}"


def test_errors_are_parts_of_the_width_of_the_scale():
    found = measure(make_pairs())
    for name, width in (("percent", 100), ("binary", 1)):
        difference = RATINGS[name] - HUMANS[name]
        assert value(found, name, "pooled", "mae") == pytest.approx(np.abs(difference).mean() / width)
        assert value(found, name, "pooled", "bias") == pytest.approx(difference.mean() / width)
    for level, metric in (("pooled", "calibration_error"), ("pooled", "tie_threshold"), ("document", "tie_threshold")):
        assert 0 <= value(found, "percent", level, metric) <= 1


@pytest.mark.parametrize(
    ("per_document", "has_systems", "level", "reason"),
    [(3, False, "system", NO_SYSTEMS), (1, False, "document", NO_COMPARISONS), (1, True, "document", NO_COMPARISONS)],
)
def test_a_level_that_the_corpus_does_not_have_is_undefined_with_its_reason(per_document, has_systems, level, reason):
    found = measure(make_pairs(per_document, has_systems))
    at_level = {name: measured for name, measured in found.items() if name[1] == level}
    assert {name[0] for name in at_level} == {*SCALES, AVERAGE}
    for (criterion, _, _), measured in at_level.items():
        assert np.isnan(measured.draws).all()
        assert measured.note == (NO_ORDER if criterion == "verdict" else reason)
    assert not np.isnan(value(found, "percent", "pooled", "spearman"))


def test_places_on_scales_of_different_widths_can_be_equal():
    assert place_ratings(np.array([0.0, 50, 100]), SCALES["percent"]).tolist() == [0, 0.5, 1]
    assert place_ratings(np.array([1.0, 2, 3]), read_scales({"a": [1, 3]})["a"]).tolist() == [0, 0.5, 1]


def test_human_scores_are_rounded_to_the_steps_of_the_scale():
    halves = read_scales({"a": {"low": 1, "high": 3, "step": 0.5}})["a"]
    assert round_to_scale(np.array([1.2, 1.25, 2.74, 3.0]), halves).tolist() == [1, 1.5, 2.5, 3]


def test_an_expert_is_compared_with_the_class_that_most_others_chose():
    ratings = np.array([[0.0, 2, 1], [1, 2, 2], [1, 0, 1], [2, 0, 2]])
    assert [others.tolist() for _, others in list_experts(ratings, SCALES["verdict"])] == [
        [1, 0, 2],
        [0, 0, 1],
        [0, 2, 2],
        [1, 2, 1],
    ]


@pytest.mark.parametrize(("name", "level"), [("percent", "ordinal"), ("verdict", "nominal")])
def test_alpha_is_that_of_the_package_krippendorff(name, level):
    found = measure_alpha(np.zeros(COUNT, int), EXPERTS[name], np.ones((1, 1)), SCALES[name])
    answer = krippendorff.alpha(reliability_data=EXPERTS[name], level_of_measurement=level)
    assert found[0] == pytest.approx(answer, abs=1e-9)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The measures of a corpus without documents and systems, whose test pairs the initial prompt judges twice."""
    folder = tmp_path_factory.mktemp("rows")
    pairs = [
        Pair(
            str(i),
            f"row {i:02}",
            "",
            (),
            "A text.",
            {name: float(scores[i]) for name, scores in HUMANS.items()},
            {name: tuple(ratings[:, i].tolist()) for name, ratings in EXPERTS.items()},
        )
        for i in range(COUNT)
    ]
    write_pairs(folder / "test.parquet", pairs)
    files = []
    for seed in (0, 1):
        run = folder / f"runs/ours/SSC/mae/seed{seed}"
        run.mkdir(parents=True)
        rows = [
            {"prompt": f"p{prompt}", "split": "test", "pair": str(i), "criterion": name}
            | {"score": float(np.roll(RATINGS[name], seed + 3 * prompt)[i])}
            for prompt, name, i in itertools.product((0, 1), SCALES, range(COUNT))
        ]
        pq.write_table(pa.Table.from_pylist(rows), run / "predictions.parquet")
        write_json_lines(run / "steps.jsonl", [{"prompt": "p0"}, {"prompt": "p1"}])
        files.append((run / "steps.jsonl", run / "predictions.parquet"))
    write_csv(folder / "agreement.csv", ("mode", "gate", "criterion", "quantity", "value"), [], False)
    settings = {"resamples": 20, "level": 0.9, "seed": 0}
    measure_quality(
        folder / "test.parquet", files, [folder / "agreement.csv"], [], "ours", SCALES, settings, folder / "quality.csv"
    )
    rows = read_csv(folder / "quality.csv")
    return {(row["mode"], row["prompt"], row["criterion"], row["level"], row["metric"]): row for row in rows}


def test_rows_are_counted_as_documents_and_there_are_no_systems(table):
    assert {(row["documents"], row["systems"]) for row in table.values()} == {(str(COUNT), "0")}
    row = table["SSC", "initial", AVERAGE, "system", "spearman"]
    assert (row["value"], row["note"]) == ("", NO_SYSTEMS)
    assert table["SSC", "initial", "percent", "pooled", "spearman"]["low"]


def test_judging_again_moves_kappa_for_classes(table):
    row = table["SSC", "initial", "verdict", "pooled", "kappa_sd"]
    by_seed = [
        measure_judge(make_pairs(), SCALES["verdict"], np.roll(RATINGS["verdict"], seed), HUMANS["verdict"]) for seed in (0, 1)
    ]
    kappas = [float(found["pooled", "spearman"].draws[0]) for found in by_seed]
    assert float(row["value"]) == pytest.approx(np.std(kappas, ddof=1))
    average = table["SSC", "initial", AVERAGE, "pooled", "spearman_sd"]
    assert average["note"] == "mean of spearman (percent, binary) and kappa (verdict)"
    assert table["SSC", "final", "verdict", "pooled", "detectable_difference"]["value"]


def test_experts_and_halo_of_mixed_scales(table):
    kappa = table["humans", "expert", "verdict", "pooled", "kappa"]
    assert (kappa["runs"], kappa["note"]) == ("3", "")
    alpha = [float(table["humans", "expert", name, "pooled", "krippendorff_alpha"]["value"]) for name in (*SCALES, AVERAGE)]
    assert alpha[3] == pytest.approx(np.mean(alpha[:3]))
    equal = [np.mean(np.round(np.roll(RATINGS["percent"], seed)) == 100 * np.roll(RATINGS["binary"], seed)) for seed in (0, 1)]
    halo = table["SSC", "initial", "all", "pooled", "equal_ratings"]
    assert float(halo["value"]) == pytest.approx(np.mean(equal))


def test_halo_needs_two_criteria_with_an_order():
    scales = {name: SCALES[name] for name in ("percent", "verdict")}
    found = dict(measure_halo(make_pairs(scales=scales), [[RATINGS[name] for name in scales]], np.zeros((11, 1), int)))
    assert {measured.note for measured in found.values()} == {"fewer than two criteria with an order"}
