"""The file of predictions takes whatever a configuration's scale lets a judge say."""

import pyarrow.parquet as pq
import pytest

from collide.corpus.pairs import Pair
from collide.optimize.judge import Judgement
from collide.optimize.predictions import write_predictions
from collide.optimize.prompts import JudgePrompt, Skeleton
from tests.dataset import TEXT_NAMES, make_criterion

PAIR = Pair("d/M0", "d", "M0", ("An article.",), "A summary.", {"tone": 12.5})


@pytest.mark.parametrize("score", [-1000, 128, 1000, None])
def test_scores_of_the_widest_scale_come_back(tmp_path, score):
    prompt = JudgePrompt(
        [make_criterion("tone", "How it sounds.", [-1000, 1000], "Rate.")], {"tone": "Rate."}, Skeleton(TEXT_NAMES)
    )
    judgement = Judgement(PAIR, None if score is None else {"tone": score}, 1, "" if score is not None else "no reply")
    write_predictions(tmp_path / "predictions.parquet", [(prompt, "test")], [[judgement]], False, 0.05)
    assert pq.read_table(tmp_path / "predictions.parquet")["score"].to_pylist() == [score]
