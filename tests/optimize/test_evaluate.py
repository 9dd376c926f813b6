"""Evaluation of prompts that the judge cannot follow: missing predictions are data unless the prompt is the initial one."""

import asyncio
import contextlib
import dataclasses
import io

import pyarrow.parquet as pq
import pytest

from collide.analysis.prediction_groups import GroupKey, read_prediction_groups
from collide.corpus.pairs import Pair, write_pairs
from collide.cost.usage import Price
from collide.errors import InputError, MissingPredictions
from collide.llm.client import Client, LimitedProvider
from collide.llm.journal import Journal
from collide.llm.progress import Progress
from collide.llm.request import Answer, Model, Reply
from collide.optimize.judge import rate_pairs
from collide.optimize.known_predictions import KnownPredictions
from collide.optimize.prompts import JudgePrompt, Skeleton
from evaluate.evaluate import evaluate
from tests.dataset import TEXT_NAMES, make_criterion

MODEL = Model("here", "model/a", 0.1, 100)
FLUENCY = make_criterion("fluency", "About fluency.", [1, 5], "Rate.")
PAIRS = [Pair(f"d{i}/M0", f"d{i}", "M0", ("An article.",), "A summary.", {"fluency": 1.0 + i % 5}) for i in range(20)]


class Judge:
    """Cannot follow the first `unusable` pairs of each prompt; `unusable` is by a word of the instruction."""

    simulated = False

    def __init__(self, **unusable):
        self.unusable = unusable

    async def answer_call(self, call, parse):
        number = int(call.origin.pair.removeprefix("d").removesuffix("/M0"))
        (limit,) = (limit for word, limit in self.unusable.items() if f"\n{word}.\n" in call.messages[0]["content"])
        return Answer(None, "", 5, "m", "prose") if number < limit else Answer({"fluency": 1 + number % 5}, "", 1, "m")

    def usage(self):
        return {}


def run_evaluation(folder, **unusable):
    """Evaluate one prompt for each word; returns the file of predictions and the names of the prompts."""
    write_pairs(folder / "test.parquet", PAIRS, ["fluency"])
    prompts = [JudgePrompt([FLUENCY], {"fluency": f"{word}."}, Skeleton(TEXT_NAMES)) for word in unusable]

    @contextlib.asynccontextmanager
    async def open_job_client(expected_calls):
        assert expected_calls == len(PAIRS) * len(prompts)
        yield Judge(**unusable)

    path = folder / "predictions.parquet"
    known = KnownPredictions()
    asyncio.run(evaluate(prompts, {"test": folder / "test.parquet"}, known, path, 0, 0.05, open_job_client))
    return path, [prompt.id for prompt in prompts]


@pytest.mark.parametrize("unusable", [{"Rate": 2}, {"Rate": 20}, {"Rate": 2, "New": 0}])
def test_an_initial_prompt_with_too_many_missing_predictions_stops_the_job(tmp_path, unusable):
    with pytest.raises(InputError, match=r"\d+ of \d+ predictions are missing .*prose.*more than the share of"):
        run_evaluation(tmp_path, **unusable)


def test_a_rewritten_prompt_is_recorded_without_scores_and_the_log_says_so(tmp_path, capsys):
    path, (initial, few, many) = run_evaluation(tmp_path, Rate=1, Fine=1, Bad=19)
    groups = read_prediction_groups(path).groups
    found = {name: groups[GroupKey(name, "test", "fluency")] for name in (initial, few, many)}
    assert [group.missing for group in found.values()] == [1, 1, 19]
    assert [group.refused for group in found.values()] == [
        "",
        "",
        "19 of 20 predictions missing, more than the allowed share of 0.05",
    ]
    assert f"prompt {many}, test: 19 of 20 predictions are missing (most frequent reason: prose)" in capsys.readouterr().out
    # The one prediction is kept in the file.
    assert sum(row["score"] is not None for row in pq.read_table(path).to_pylist() if row["prompt"] == many) == 1


def test_a_single_rewritten_prompt_without_predictions_is_recorded(tmp_path):
    path, (only,) = run_evaluation(tmp_path, Bad=20)
    assert {row["reason"] for row in pq.read_table(path).to_pylist() if row["prompt"] == only} == {"prose"}


def test_several_prompts_without_any_prediction_stop_the_job(tmp_path):
    with pytest.raises(InputError, match=r"40 of 40 predictions are missing .*No rewritten instruction explains this"):
        run_evaluation(tmp_path, Bad=20, Worse=20)


def test_no_prompt_is_evaluated_to_an_empty_file(tmp_path):
    path, _ = run_evaluation(tmp_path)
    assert pq.read_table(path).num_rows == 0


def test_a_hopeless_initial_prompt_stops_at_the_allowed_share_and_quotes_replies(tmp_path):
    requests = []

    class Prose:
        endpoint = "scripted"

        async def complete(self, request):
            requests.append(request)
            await asyncio.sleep(0)
            return Reply(f"I like it, {len(requests)}.", "m")

        async def close(self):
            pass

    async def evaluate_all():
        prompt = JudgePrompt([FLUENCY], {"fluency": "Rate."}, Skeleton(TEXT_NAMES))
        with Journal(tmp_path / "j.journal") as journal:
            limited = LimitedProvider(Prose(), 4)
            progress = Progress("test", io.StringIO())
            client = Client({"task": MODEL}, {"task": Price()}, {"here": limited}, journal, 5, {}, progress)
            try:
                pairs = [dataclasses.replace(PAIRS[0], id=f"d{n}/M0") for n in range(400)]
                await rate_pairs(client, prompt, pairs, 0, KnownPredictions(), limit=0.05)
            finally:
                await client.close()

    with pytest.raises(MissingPredictions, match=r"21 of 21 predictions are missing .*of the 400.*Replies: 'I like it, \d+\.'"):
        asyncio.run(evaluate_all())
    # 21 pairs with five replies each, and those that were under way; 2,000 without the limit.
    assert 105 <= len(requests) < 135
