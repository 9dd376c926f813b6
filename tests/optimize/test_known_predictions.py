"""Known predictions are read from files of other jobs, and the judge makes no call for them."""

import asyncio
import json

import pytest

from collide.common.csv_json import write_json_lines
from collide.corpus.pairs import Pair
from collide.experiment.modes import parse_mode
from collide.llm.request import Answer
from collide.optimize.judge import Judgement, rate_pair, rate_pairs
from collide.optimize.known_predictions import KnownPredictions, Outcome, read_known_predictions
from collide.optimize.loop.run_settings import Settings
from collide.optimize.loop.textgrad import Optimization
from collide.optimize.predictions import write_predictions
from collide.optimize.prompts import JudgePrompt, Skeleton
from tests.dataset import TEXT_NAMES, make_criterion, make_dataset

NAMES = ("fluency", "relevance")
CRITERIA = {name: make_criterion(name, f"About {name}.", [1, 5], "Rate.") for name in NAMES}
PROMPT = JudgePrompt(list(CRITERIA.values()), dict.fromkeys(NAMES, "Rate."), Skeleton(TEXT_NAMES))
PAIRS = [Pair(f"d{i}/M0", f"d{i}", "M0", (f"Article {i}.",), "A summary.", dict.fromkeys(NAMES, 3.0)) for i in range(9)]


class Model:
    """Scores depend on the pair; some take several attempts, one is missing. The rewrites of steps 2 and 3 are equal."""

    def __init__(self):
        self.asked = []

    async def answer_call(self, call, parse):
        await asyncio.sleep(0)
        if call.role == "optimizer":
            text = {name: f"{name} of step {min(call.origin.step, 2)}" for name in call.origin.criteria}
            return Answer(parse(json.dumps(text)), "", 1, "m")
        if call.role != "task":
            return Answer(parse("text"), "", 1, "m")
        self.asked.append((call.messages[0]["content"], call.origin.pair))
        number = int(call.origin.pair[1])
        if number == 0:
            return Answer(None, "", 5, "m", "no object")
        return Answer(dict.fromkeys(call.origin.criteria, 1 + number % 5), "", 1 + number % 2, "m")


def rate(prompt, pairs, known):
    model = Model()
    return asyncio.run(rate_pairs(model, prompt, pairs, 0, known)), model.asked


def test_a_known_pair_is_not_asked_and_a_new_one_is_known_afterwards():
    known = KnownPredictions()
    known.add_outcome(PROMPT.id, PAIRS[1].id, Outcome(dict.fromkeys(NAMES, 5), 3, ""))
    judgements, asked = rate(PROMPT, PAIRS[:3], known)
    assert [pair for _, pair in asked] == [PAIRS[0].id, PAIRS[2].id]
    assert judgements[1] == Judgement(PAIRS[1], dict.fromkeys(NAMES, 5), 3, "")
    again, asked = rate(PROMPT, PAIRS[:3], known)
    assert again == judgements
    assert not asked


def test_a_pair_known_with_another_prompt_is_asked():
    known = KnownPredictions()
    other = JudgePrompt(list(CRITERIA.values()), dict.fromkeys(NAMES, "Rate differently."), Skeleton(TEXT_NAMES))
    known.add_outcome(other.id, PAIRS[1].id, Outcome(dict.fromkeys(NAMES, 5), 1, ""))
    assert asyncio.run(rate_pair(Model(), PROMPT, PAIRS[1], 0, known)).scores == dict.fromkeys(NAMES, 2)


@pytest.mark.parametrize("simulated", [True, False])
def test_a_table_of_predictions_gives_back_its_judgements(tmp_path, simulated):
    judgements, _ = rate(PROMPT, PAIRS, KnownPredictions())
    path = tmp_path / "predictions.parquet"
    write_predictions(path, [(PROMPT, "test")], [judgements], simulated, 0.05)
    known = read_known_predictions([path])
    assert known.simulated == simulated
    again, asked = rate(PROMPT, PAIRS, known)
    assert again == judgements
    assert not asked


def optimize(gate, train, validation):
    settings = Settings(parse_mode("SSC", NAMES), gate, seed=0, steps=3, batch_size=3, max_missing_share=0.5)
    model, records = Model(), []
    run = Optimization(settings, make_dataset(CRITERIA), train, validation, model, KnownPredictions())
    asyncio.run(run.run(records.append))
    return records, model


@pytest.mark.parametrize("gate", ["none", "mae"])
def test_an_evaluation_asks_for_nothing_that_the_optimization_rated(tmp_path, gate):
    """With the validation pairs drawn from the training pairs, batches hold validation pairs, too."""
    records, model = optimize(gate, PAIRS, PAIRS[:6])
    write_json_lines(tmp_path / "steps.jsonl", records)
    known = read_known_predictions([], tmp_path / "steps.jsonl")
    prompts = {r["prompt"]: JudgePrompt(list(CRITERIA.values()), r["instructions"], Skeleton(TEXT_NAMES)) for r in records}
    for prompt in prompts.values():
        rated = {pair for system, pair in model.asked if system == prompt.render_pair(PAIRS[0])[0]["content"]}
        assert rated or prompt.id == records[-1]["prompt"]
        judgements, asked = rate(prompt, PAIRS, known)
        assert {pair for _, pair in asked} == {pair.id for pair in PAIRS} - rated
        fresh, _ = rate(prompt, PAIRS, KnownPredictions())
        assert judgements == fresh


@pytest.mark.parametrize("gate", ["none", "mae"])
def test_an_optimization_asks_for_no_pair_twice_with_one_prompt(gate):
    """The last step proposes the candidate of the step before again."""
    _, model = optimize(gate, PAIRS, PAIRS)
    assert len(model.asked) == len(set(model.asked))


def test_step_records_say_whether_they_are_simulated(tmp_path):
    records, _ = optimize("mae", PAIRS, PAIRS)
    known = KnownPredictions()
    known.add_steps(records)
    assert not known.simulated
    known.add_steps([records[0] | {"simulated": "SIMULATED"}, *records[1:]])
    assert known.simulated


def test_a_validation_keeps_only_attempts_and_reasons_that_are_no_rule():
    records, _ = optimize("mae", PAIRS, PAIRS[:4])
    validation = records[0]["validation"]["current"]
    assert validation["attempts"] == {PAIRS[0].id: 5, PAIRS[1].id: 2, PAIRS[3].id: 2}
    assert validation["reasons"] == {PAIRS[0].id: "no object"}


def test_pairs_of_one_document_are_asked_one_after_the_other_and_come_back_in_their_order():
    pairs = [Pair(f"d{i}/{m}", f"d{i}", m, (f"Article {i}.",), "A summary.", {}) for m in ("M0", "M1") for i in (2, 1)]
    judgements, asked = rate(PROMPT, pairs, KnownPredictions())
    assert [pair for _, pair in asked] == ["d1/M0", "d1/M1", "d2/M0", "d2/M1"]
    assert [judgement.pair for judgement in judgements] == pairs
