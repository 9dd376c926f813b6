"""Lengths of instructions, and length ratios beside the score, say what they count."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.measure_lengths import write_lengths
from analysis.measure_variants import write_length_ratios
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.experiment.scales import build_scale

TOKENIZER = "words and punctuation marks"
SCALES = dict.fromkeys(["fluency", "relevance"], build_scale([1, 5]))


def test_lengths_of_a_study_name_what_a_token_is(tmp_path):
    steps = tmp_path / "main" / "SSS" / "mae" / "seed0" / "steps.jsonl"
    steps.parent.mkdir(parents=True)
    steps.write_text(json.dumps({"step": 0, "instructions": {"fluency": "Rate from 1 to 5.", "relevance": "Rate it, now."}}))
    names = ("study", "mode", "gate", "seed", "step", "split", "criterion", "metric", "value")
    score = dict(zip(names, ("main", "SSS", "mae", 0, 0, "test", "average", "spearman", 0.25), strict=True))
    write_csv(tmp_path / "scores.csv", names, [score], simulated=True)
    write_lengths([steps], tmp_path / "scores.csv", tmp_path / "l.csv", tmp_path / "a.csv")
    assert [(row["criterion"], row["tokens"], row["tokenizer"]) for row in read_csv(tmp_path / "l.csv")] == [
        ("fluency", "6", TOKENIZER),
        ("relevance", "5", TOKENIZER),
    ]
    (row,) = read_csv(tmp_path / "a.csv")
    assert (row["shortest"], row["longest"], row["ratio"], row["spearman"]) == ("5", "6", "1.2", "0.25")
    assert row["tokenizer"] == TOKENIZER
    assert is_simulated(tmp_path / "a.csv")


def test_cherry_picked_prompts_have_their_length_ratio_beside_the_score_of_each_seed(tmp_path):
    folder = tmp_path / "mae-spearman"
    ratings = {"seed0": {"fluency": [1, 2, 3], "relevance": [3, 2, 1]}, "seed1": {"fluency": [1, 2, 3], "relevance": [2, 2, 2]}}
    for seed, by_criterion in ratings.items():
        (folder / seed).mkdir(parents=True)
        criteria = [name for name in by_criterion for _ in range(3)]
        scores = [score for scores in by_criterion.values() for score in scores]
        columns = {
            "prompt": ["p"] * 6,
            "split": ["test"] * 6,
            "document": ["d0", "d1", "d2"] * 2,
            "criterion": criteria,
            "score": scores,
            "human": [1.0, 2.0, 3.0] * 2,
        }
        pq.write_table(pa.table(columns), folder / seed / "predictions.parquet")
    lengths = [{"criterion": "fluency", "tokens": 80}, {"criterion": "relevance", "tokens": 8}]
    write_csv(folder / "picked.csv", ("criterion", "tokens"), lengths, simulated=True)
    predictions = [folder / seed / "predictions.parquet" for seed in ratings]
    write_length_ratios({"mae-spearman": folder / "picked.csv"}, predictions, SCALES, tmp_path / "a.csv")
    first, second = read_csv(tmp_path / "a.csv")
    assert (first["variant"], first["seed"], first["shortest"], first["longest"]) == ("mae-spearman", "0", "8", "80")
    assert float(first["ratio"]) == 10
    assert float(first["spearman"]) == pytest.approx(0)
    assert second["spearman"] == ""
    assert is_simulated(tmp_path / "a.csv")


def test_a_variant_of_which_nothing_was_picked_has_a_row_without_lengths(tmp_path):
    write_csv(tmp_path / "picked.csv", ("tokens", "rule"), [{"rule": "nothing picked"}], simulated=False)
    predictions = [tmp_path / "mae-mae" / "seed0" / "predictions.parquet"]
    write_length_ratios({"mae-mae": tmp_path / "picked.csv"}, predictions, SCALES, tmp_path / "a.csv")
    (row,) = read_csv(tmp_path / "a.csv")
    assert (row["variant"], row["seed"], row["longest"], row["spearman"]) == ("mae-mae", "0", "", "")
