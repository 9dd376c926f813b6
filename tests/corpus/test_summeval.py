"""SummEval: recognised by its counts and means, and required where a file comes from its address."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from collide.corpus.corpus_reader import describe_pairs
from collide.corpus.summeval import check_origin, is_summeval
from collide.errors import InputError
from collide.experiment.scales import read_scales
from tests.corpus.sample_files import read_content

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
SUMMEVAL = Path(__file__).parents[3] / "shared" / "summeval" / "summeval.jsonl"
SCALES = {name: [1, 5] for name in ("fluency", "relevance", "coherence", "consistency")}


def describe_summeval(documents=100, fluency=4.673):
    """The description of a corpus with SummEval's counts and means, or others."""
    means = {"relevance": 3.7772, "coherence": 3.4118, "fluency": fluency, "consistency": 4.66}
    return {
        "documents": documents,
        "pairs": 16 * documents,
        "criteria": {name: {"mean": mean} for name, mean in means.items()},
    }


def test_a_file_from_summevals_address_must_be_summeval():
    live = CONFIG["datasets"]["summeval"]["file"]["live"]
    check_origin(live, describe_summeval())
    with pytest.raises(InputError, match=r"has 99 documents and 1584 pairs .*; expected SummEval: 100 documents x 16"):
        check_origin(live, describe_summeval(documents=99))
    with pytest.raises(InputError, match=r"relevance 3\.777, .*fluency 4\.660, .*; expected SummEval.*fluency 4\.673"):
        check_origin(live, describe_summeval(fluency=4.66))


def test_a_file_from_another_address_is_not_checked():
    check_origin("mine.jsonl", describe_summeval(documents=99))


@pytest.mark.skipif(not SUMMEVAL.exists(), reason="SummEval is not there")
def test_summeval_has_the_published_means():
    _, pairs = read_content(SUMMEVAL.read_bytes(), scales=SCALES)
    description = describe_pairs(pairs, read_scales(SCALES))
    assert {name: round(figures["mean"], 3) for name, figures in description["criteria"].items()} == {
        "relevance": 3.777,
        "coherence": 3.412,
        "fluency": 4.673,
        "consistency": 4.660,
    }
    assert round(description["criteria"]["consistency"]["share_of_highest"], 3) == 0.816
    assert round(description["criteria"]["fluency"]["share_of_highest"], 3) == 0.719
    assert is_summeval(description)
    assert not is_summeval(describe_pairs(pairs[16:], read_scales(SCALES)))
