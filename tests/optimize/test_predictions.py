"""The file of predictions takes whatever a configuration's scale lets a judge say."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collide.corpus.pairs import Pair
from collide.optimize.judge import Judgement
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.predictions import SCHEMA, write_predictions
from collide.optimize.prompts import JudgePrompt, Skeleton
from tests.dataset import TEXT_NAMES, make_criterion
from tests.optimize.data_sets import DATASETS

PAIR = Pair("d/M0", "d", "M0", ("An article.",), "A summary.", {"tone": 12.5})


@pytest.mark.parametrize("score", [-1000, 128, 1000, None])
def test_scores_of_the_widest_scale_come_back(tmp_path, score):
    prompt = JudgePrompt(
        [make_criterion("tone", "How it sounds.", [-1000, 1000], "Rate.")], {"tone": "Rate."}, Skeleton(TEXT_NAMES)
    )
    judgement = Judgement(PAIR, None if score is None else {"tone": score}, 1, "" if score is not None else "no reply")
    write_predictions(tmp_path / "predictions.parquet", [(prompt, "test")], [[judgement]], False, 0.05)
    assert pq.read_table(tmp_path / "predictions.parquet")["score"].to_pylist() == [score]


def make_scale_prompt(scale):
    return JudgePrompt([make_criterion("tone", "How it sounds.", scale, "Rate.")], {"tone": "Rate."}, Skeleton(TEXT_NAMES))


@pytest.mark.parametrize(
    ("scale", "kind", "scores"),
    [
        ([1, 5], pa.int32(), [1, None, 5]),
        ({"low": 0, "high": 4, "step": 2}, pa.int32(), [2, None]),
        ({"low": 0, "high": 1, "step": 0.1}, pa.float64(), [0.3, 1, None]),
        ({"classes": ["no", "yes"]}, pa.int32(), [1, 0]),
    ],
)
def test_scores_have_the_type_of_the_scale_and_come_back_as_they_were(tmp_path, scale, kind, scores):
    prompt, path = make_scale_prompt(scale), tmp_path / "predictions.parquet"
    pairs = [Pair(f"d{n}/M0", f"d{n}", "M0", ("An article.",), "A summary.", {"tone": 1.0}) for n in range(len(scores))]
    judgements = [
        Judgement(pair, None if score is None else {"tone": score}, 1, "" if score is not None else "no reply")
        for pair, score in zip(pairs, scores, strict=True)
    ]
    write_predictions(path, [(prompt, "test")], [judgements], False, 0.05)
    assert pq.read_schema(path).field("score").type == kind
    known = read_known_predictions([path])
    found = [known.find_outcome(prompt.id, pair.id).scores for pair in pairs]
    assert found == [judgement.scores for judgement in judgements]
    assert [type(one["tone"]) for one in found if one] == [type(score) for score in scores if score is not None]


def test_the_columns_of_ratings_of_summaries_are_described_as_before(tmp_path):
    write_predictions(tmp_path / "predictions.parquet", [(make_scale_prompt([1, 5]), "test")], [[]], False, 0.05)
    assert pq.read_schema(tmp_path / "predictions.parquet").remove_metadata().equals(SCHEMA, check_metadata=True)


def test_the_columns_have_the_nouns_of_the_data_set(tmp_path):
    dataset = DATASETS["essays"]
    prompt = JudgePrompt(list(dataset.criteria.values()), dict.fromkeys(dataset.criteria, "Rate."), Skeleton(dataset.texts))
    write_predictions(tmp_path / "predictions.parquet", [(prompt, "test")], [[]], False, 0.05)
    schema = pq.read_schema(tmp_path / "predictions.parquet")
    said = [schema.field(name).metadata[b"description"].decode() for name in ("document", "system", "score")]
    assert said[:2] == ["source document", "system that wrote the essay"]
    assert said[2] == "the judge's rating, the place of a class from 0 on; null where missing"
