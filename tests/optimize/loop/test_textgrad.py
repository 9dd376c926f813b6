"""The optimization loop with a scripted model that answers by role and records its calls."""

import asyncio
import json
import re

import pytest

from collide.corpus.pairs import Pair
from collide.errors import InputError
from collide.experiment.criteria import Criterion
from collide.experiment.modes import parse_mode
from collide.experiment.scales import read_scales
from collide.llm.request import Answer, UnusableReply
from collide.optimize.known_predictions import KnownPredictions, Outcome
from collide.optimize.loop.pair_messages import describe_human_scores
from collide.optimize.loop.run_settings import Settings, count_expected_calls, select_batch
from collide.optimize.loop.step_record import count_paragraphs
from collide.optimize.loop.textgrad import Optimization
from collide.optimize.prompts import prompt_id
from tests.dataset import make_criterion, make_dataset

NAMES = ("fluency", "relevance")
CRITERIA = {name: make_criterion(name, f"About {name}.", [1, 5], "Rate from 1 to 5.") for name in NAMES}


def pairs(prefix, count):
    return [
        Pair(
            f"{prefix}{i}/M0",
            f"{prefix}{i}",
            "M0",
            (f"Article {prefix}{i}.",),
            "A summary.",
            dict.fromkeys(NAMES, 1.0 + i % 5),
        )
        for i in range(count)
    ]


TRAIN, HELD_OUT = pairs("t", 10), pairs("v", 6)


class ScriptedModel:
    """Rates every pair with 3, and answers the other roles with texts that name the role, the criteria and the pair."""

    def __init__(self, judge=lambda call: 3, unusable=()):
        self.judge, self.unusable, self.calls = judge, unusable, []

    async def answer_call(self, call, parse):
        self.calls.append(call)
        await asyncio.sleep(0)
        step, criteria = call.origin.step, call.origin.criteria
        try:
            if call.role in self.unusable:
                raise UnusableReply("scripted")
            if call.role == "task":
                return self.answer(parse(json.dumps(dict.fromkeys(criteria, self.judge(call)))))
            if call.role == "optimizer":
                return self.answer(parse(json.dumps({name: f"{name} of step {step}" for name in criteria})))
            return self.answer(parse(f"{call.role} on {' and '.join(criteria)} of {call.origin.pair}"))
        except UnusableReply as error:
            return Answer(None, "", 5, "scripted", str(error))

    @staticmethod
    def answer(value):
        return Answer(value, "", 1, "scripted")

    def of(self, role):
        return [call for call in self.calls if call.role == role]


def optimize(mode="SSS", gate="none", model=None, steps=2, limit=0.05, known=None, examples=(), **protocol):
    model = model or ScriptedModel()
    settings = Settings(parse_mode(mode, NAMES), gate, 0, steps, batch_size=3, max_missing_share=limit, **protocol)
    records = []
    run = Optimization(settings, make_dataset(CRITERIA), TRAIN, HELD_OUT, model, known or KnownPredictions(), examples)
    asyncio.run(run.run(records.append))
    return records, model, settings


@pytest.mark.parametrize(
    ("mode", "loss", "gradient", "optimizer"),
    [("SSS", 6, 6, 2), ("SSC", 6, 6, 1), ("SCC", 6, 3, 1), ("CCC", 3, 3, 1), ("single-fluency", 3, 3, 1)],
)
@pytest.mark.parametrize("gate", ["none", "mae"])
def test_a_mode_makes_the_calls_of_its_groups(mode, gate, loss, gradient, optimizer):
    names = parse_mode(mode, NAMES).criteria
    known = KnownPredictions()
    for pair in HELD_OUT:
        known.add_outcome(
            prompt_id(dict.fromkeys(names, "Rate from 1 to 5.")), pair.id, Outcome(dict.fromkeys(names, 3), 1, "")
        )
    _, model, settings = optimize(mode, gate, steps=2, known=known)
    made = {role: len(model.of(role)) for role in ("loss", "gradient", "optimizer")}
    assert made == {"loss": 2 * loss, "gradient": 2 * gradient, "optimizer": 2 * optimizer}
    assert len(model.calls) == count_expected_calls(settings, len(HELD_OUT))


def test_a_separate_gradient_reads_its_own_critique_alone_and_a_combined_one_reads_all():
    for mode, own in (("SSS", True), ("SCC", False)):
        _, model, _ = optimize(mode, steps=1)
        for call in model.of("gradient"):
            shown = set(re.findall(r"loss on (\w+) of", call.messages[1]["content"]))
            assert shown == ({call.origin.criteria[0]} if own else set(NAMES))


def test_the_optimizer_reads_the_gradients_of_the_whole_batch():
    records, model, _ = optimize("SSC", steps=1)
    shown = model.of("optimizer")[0].messages[1]["content"]
    for pair in records[1]["batch"]:
        for name in NAMES:
            assert f"gradient on {name} of {pair}" in shown


def test_without_a_gate_every_candidate_is_taken_and_nothing_is_validated():
    records, model, _ = optimize("CCC", "none", steps=2)
    assert [record["instructions"]["fluency"] for record in records] == [
        "Rate from 1 to 5.",
        "fluency of step 1",
        "fluency of step 2",
    ]
    assert not [call for call in model.of("task") if call.origin.pair.startswith("v")]
    assert records[0]["validation"] == {"current": None, "candidate": None}


def judge_by(rating):
    """A judge whose rating depends on whether the optimizer has touched its instructions."""
    return lambda call: rating["new" if "of step" in call.messages[0]["content"] else "old"]


def test_the_mae_gate_keeps_the_prompt_in_force_when_the_candidate_is_worse():
    records, _, _ = optimize("CCC", "mae", ScriptedModel(judge_by({"old": 3, "new": 5})), steps=2)
    assert [record["gate"]["accepted"] for record in records[1:]] == [False, False]
    assert records[2]["instructions"] == records[0]["instructions"]
    assert records[2]["prompt"] == records[0]["prompt"] != records[2]["candidate_prompt"]
    # Humans give 1, 2, 3, 4, 5, 1: a constant 3 is off by 8/6 on average, a constant 5 by 14/6.
    assert records[1]["validation"]["current"]["mae"]["fluency"] == pytest.approx(8 / 6)
    assert records[1]["validation"]["candidate"]["mae"]["fluency"] == pytest.approx(14 / 6)
    assert records[1]["validation"]["candidate"]["scores"]["v0/M0"] == {"fluency": 5, "relevance": 5}


class ScaleModel(ScriptedModel):
    """Rates every pair with the ratings that `judge` gives for a call, by criterion."""

    async def answer_call(self, call, parse):
        if call.role == "task":
            return self.answer(parse(json.dumps(self.judge(call))))
        return await super().answer_call(call, parse)


SCALES = {"percent": [0, 100], "binary": [0, 1], "verdict": {"classes": ["fine", "bad", "unclear"]}}
BEFORE, WRONG = {"percent": 50, "binary": 0, "verdict": "fine"}, {"percent": 30, "binary": 1, "verdict": "bad"}


@pytest.mark.parametrize(
    ("after", "accepted", "reason"),
    [
        # 20 points of 100 are less than the whole of a scale from 0 to 1, and so is 1 point of 100.
        (BEFORE | {"percent": 30, "binary": 1}, True, "0.0667 against 0.3333"),
        (BEFORE | {"percent": 30}, False, "0.4000 against 0.3333"),
        (BEFORE | {"percent": 49}, False, "0.3367 against 0.3333"),
        # A wrong class costs as much as the whole of a scale.
        (BEFORE | {"binary": 1, "verdict": "bad"}, True, "0.3333 against 0.3333"),
        (WRONG, False, "0.4000 against 0.3333"),
    ],
)
def test_no_criterion_outweighs_another_in_the_mae_gate(after, accepted, reason):
    scales = read_scales(SCALES)
    criteria = [Criterion(name, "What it is.", scale, "Rate it.") for name, scale in scales.items()]
    human = {"percent": 50.0, "binary": 1.0, "verdict": 0.0}
    held_out = [Pair(f"v{i}/M0", f"v{i}", "M0", ("An article.",), "A summary.", human) for i in range(4)]

    def judge(call):
        # The batch of step 1 is rated with the prompt in force.
        return after if "of step 1" in call.messages[0]["content"] else BEFORE

    records = []
    settings = Settings(parse_mode("SSC", list(scales)), "mae", 0, 1, batch_size=2, max_missing_share=0.05)
    run = Optimization(settings, make_dataset(criteria), held_out, held_out, ScaleModel(judge), KnownPredictions())
    asyncio.run(run.run(records.append))
    name = "mean of mae (percent, binary) and error_rate (verdict)"
    assert records[1]["gate"] == {"name": "mae", "accepted": accepted, "reason": f"{name} {reason}"}
    current = records[1]["validation"]["current"]
    assert (current["mae"], current["off_by_one"]["binary"]) == ({"percent": 0, "binary": 1, "verdict": 0}, 0)


def test_the_mae_gate_accepts_an_equal_error():
    records, _, _ = optimize("CCC", "mae", ScriptedModel(judge_by({"old": 3, "new": 3})), steps=1)
    assert records[1]["gate"]["accepted"]


def test_a_candidate_that_changes_nothing_is_not_validated_again():
    records, model, _ = optimize("SSS", "mae", ScriptedModel(unusable={"optimizer"}), steps=2)
    assert len([call for call in model.of("task") if call.origin.pair.startswith("v")]) == len(HELD_OUT)
    assert records[1]["rewrites"][0] == {
        "criteria": ("fluency",),
        "instructions": None,
        "attempts": 5,
        "reason": "scripted",
    }
    assert records[1]["gate"]["reason"] == "the candidate equals the prompt in force"


def test_without_a_critique_there_is_no_gradient_and_no_rewrite_and_the_record_says_so():
    records, model, _ = optimize("SSS", steps=1, model=ScriptedModel(unusable={"loss"}))
    assert not model.of("gradient") and not model.of("optimizer")
    assert {gradient["reason"] for gradient in records[1]["gradients"]} == {"no critique"}
    assert {rewrite["reason"] for rewrite in records[1]["rewrites"]} == {"no gradient"}


def test_an_initial_prompt_with_too_many_missing_predictions_ends_the_run_with_a_sentence():
    with pytest.raises(InputError, match=r"initial prompt: 1 of 1 predictions are missing .*scripted"):
        optimize("SSS", "mae", ScriptedModel(unusable={"task"}))


def test_a_run_whose_batches_have_no_prediction_at_all_ends_with_a_sentence():
    with pytest.raises(InputError, match=r"steps 1 to 2: 6 of 6 predictions are missing .*scripted.*task model"):
        optimize("SSS", "none", ScriptedModel(unusable={"task"}))


def judge_badly_at(step):
    """A judge that answers 4.5 when its instructions are those of one step, and 3 otherwise."""
    return lambda call: 4.5 if f"of step {step}" in call.messages[0]["content"] else 3


@pytest.mark.parametrize("gate", ["mae", "off_by_one", "spearman"])
def test_a_gate_rejects_a_candidate_that_the_judge_cannot_follow_and_the_run_goes_on(gate):
    records, _, _ = optimize("SCC", gate, ScriptedModel(judge_badly_at(1)), steps=3)
    assert [record["gate"]["accepted"] for record in records[1:]] == [False, True, True]
    assert re.fullmatch(
        r"with the candidate, 6 of 6 predictions are missing \(most frequent reason: the score for fluency is '4\.5', no whole"
        r" number from 1 to 5\), more than the allowed share of 0\.05",
        records[1]["gate"]["reason"],
    )
    assert records[1]["prompt"] == records[0]["prompt"]
    assert records[1]["validation"]["candidate"]["missing"] == 6
    assert set(records[1]["validation"]["candidate"][gate].values()) == {None}
    assert records[2]["instructions"]["fluency"] == "fluency of step 2"


def test_a_gate_accepts_a_candidate_with_few_missing_predictions():
    def judge(call):
        return 4.5 if "of step 1" in call.messages[0]["content"] and call.origin.pair == "v0/M0" else 3

    # Humans give 1, 2, 3, 4, 5, 1: without the first pair, 3 of 5 are within 1 of a constant 3, which is more than 3 of 6.
    assert optimize("SCC", "off_by_one", ScriptedModel(judge), steps=1, limit=0.2)[0][1]["gate"]["accepted"]
    assert "with the candidate, 1 of 6" in optimize("SCC", "mae", ScriptedModel(judge), 1, 0.1)[0][1]["gate"]["reason"]


@pytest.mark.parametrize("mode", ["SSS", "SCC", "CCC", "single-fluency"])
def test_without_a_gate_missing_predictions_are_data_and_the_run_recovers(mode):
    records, model, _ = optimize(mode, "none", ScriptedModel(judge_badly_at(1)), steps=3)
    assert all(record["gate"]["accepted"] for record in records[1:])
    assert [prediction["scores"] for prediction in records[2]["predictions"]] == [None] * 3
    assert {prediction["reason"] for prediction in records[2]["predictions"]} == {
        "the score for fluency is '4.5', no whole number from 1 to 5"
    }
    assert all(part["text"] for kind in ("critiques", "gradients") for part in records[2][kind])
    assert records[2]["instructions"]["fluency"] == "fluency of step 2"
    assert all(prediction["scores"] for prediction in records[3]["predictions"])
    for call in model.of("loss") + model.of("gradient"):
        shown = "\n".join(message["content"] for message in call.messages)
        assert ('judge="missing"' in shown) == (call.origin.step == 2)
        assert ("could not be read" in shown) == (call.origin.step == 2)
        assert ("the score for fluency is '4.5'" in shown) == (call.origin.step == 2 and "fluency" in call.origin.criteria)


def test_some_missing_predictions_of_a_batch_leave_the_messages_of_the_others_as_they_are():
    missing = select_batch(TRAIN, 0, 1, 3)[0].id
    _, usual, _ = optimize("SSC", steps=1)
    _, odd, _ = optimize("SSC", steps=1, model=ScriptedModel(lambda call: 4.5 if call.origin.pair == missing else 3))
    for role in ("loss", "gradient"):
        for before, after in zip(usual.of(role), odd.of(role), strict=True):
            assert before.origin == after.origin
            assert (before.messages == after.messages) == (before.origin.pair != missing)


def test_the_loss_model_is_told_what_kind_of_number_the_human_scores_are():
    def described(*scores):
        pairs = [Pair("d/M", "d", "M", ("",), "", {"fluency": score}) for score in scores]
        return describe_human_scores(pairs, {"fluency": CRITERIA["fluency"]})

    assert described(4.0, 1.0) == "whole numbers, too"
    assert described(4.0, 11 / 3, 4 / 3) == described(4.0, 3.67, 1.33) == "means of 3 ratings"
    assert described(4.0, 3.5) == "means of 2 ratings"
    assert described(4.0, 3.67, 3.5, 2.123) == "means of several ratings"
    _, model, _ = optimize("SSS", steps=1)
    assert "The experts' scores are whole numbers, too." in model.of("loss")[0].messages[0]["content"]


def test_the_paragraphs_of_each_gradient_are_counted():
    records, _, _ = optimize("CCC", steps=1)
    assert [gradient["paragraphs"] for gradient in records[1]["gradients"]] == [1, 1, 1]
    assert "paragraphs" not in records[1]["critiques"][0]
    assert [count_paragraphs(text) for text in ("One.", "One.\n\nTwo.\n \n\nThree.\nStill three.\n")] == [1, 3]
    records, _, _ = optimize("CCC", steps=1, model=ScriptedModel(unusable={"gradient"}))
    assert [gradient["paragraphs"] for gradient in records[1]["gradients"]] == [None] * 3


def test_modes_of_a_seed_share_batches_and_seeds_of_calls():
    (_, first, _), (_, second, _) = optimize("SSS", steps=3), optimize("CCC", steps=3)

    def judged(model):
        return {call.origin.pair: call.seed for call in model.of("task")}

    assert judged(first) == judged(second)
    assert len(judged(first)) == 9


def test_batches_differ_by_seed_and_repeat_no_pair_before_a_new_shuffle():
    def dealt(seed, steps):
        return [pair.id for step in steps for pair in select_batch(TRAIN, seed, step, 3)]

    assert len(set(dealt(0, [1, 2, 3]))) == 9
    assert dealt(0, [1, 2, 3]) != dealt(1, [1, 2, 3])
    assert len(set(dealt(0, [4]))) == 3
    assert dealt(0, [4, 5, 6]) != dealt(0, [1, 2, 3])


def test_batches_can_be_drawn_anew_for_each_step():
    batches = [[pair.id for pair in select_batch(TRAIN, 0, step, 3, repeats=True)] for step in range(1, 9)]
    assert all(len(set(batch)) == 3 for batch in batches)
    # 24 draws from 10 pairs, 9 of them before a dealt-out order would repeat any.
    assert len({name for batch in batches[:3] for name in batch}) < 9
    assert batches[0] != batches[1]


def test_batches_can_be_shared_by_all_seeds():
    def batches(seed, shared):
        settings = Settings(parse_mode("SSS", NAMES), "none", seed, 2, 3, 0.05, batches=shared)
        return [select_batch(TRAIN, settings.batch_seed, step, 3) for step in (1, 2)]

    assert batches(0, "shared") == batches(1, "shared")
    assert batches(0, "by_seed") != batches(1, "by_seed")


@pytest.mark.parametrize(("mode", "calls"), [("SSS", 2), ("SCC", 1)])
def test_one_gradient_of_the_whole_batch_reads_the_critiques_of_all_pairs(mode, calls):
    known = KnownPredictions()
    records, model, settings = optimize(mode, steps=1, known=known, gradients="batch")
    gradients = model.of("gradient")
    assert len(gradients) == calls
    assert len(model.calls) == count_expected_calls(settings, len(HELD_OUT))
    batch = records[1]["batch"]
    assert {gradient["pair"] for gradient in records[1]["gradients"]} == {", ".join(batch)}
    for pair in batch:
        assert all(f"of {pair}\n</critique>" in call.messages[1]["content"] for call in gradients)
    assert all("gradient on" in call.messages[1]["content"] for call in model.of("optimizer"))


def test_the_loss_model_sees_what_the_protocol_shows():
    for sees, shown in (("pair", True), ("scores", False)):
        _, model, _ = optimize("CCC", steps=1, loss_sees=sees)
        assert {"Article" in call.messages[1]["content"] for call in model.of("loss")} == {shown}


def test_an_output_format_that_is_not_frozen_is_lost_with_the_first_accepted_rewrite():
    worse_first = ScriptedModel(lambda call: 5 if "of step 1" in call.messages[0]["content"] else 3)
    records, model, _ = optimize("CCC", "mae", worse_first, steps=3, freeze_output_format=False)
    assert [record["gate"]["accepted"] for record in records[1:]] == [False, True, True]
    assert [record["output_format"] for record in records] == [True, True, False, False]
    for call in model.of("task"):
        system = call.messages[0]["content"]
        assert ("whole number" in system) == ("of step" not in system)
    assert len({record["prompt"] for record in records}) == 3


def test_a_candidate_that_changes_nothing_keeps_the_output_format():
    unusable = ScriptedModel(unusable={"optimizer"})
    records, _, _ = optimize("SSS", "mae", unusable, steps=1, freeze_output_format=False)
    assert records[1]["output_format"] is True
    assert records[1]["candidate_prompt"] == records[0]["prompt"]


def test_each_step_can_have_ratings_of_its_own():
    known = KnownPredictions()
    worse = ScriptedModel(judge_by({"old": 3, "new": 5}))
    records, model, settings = optimize("CCC", "mae", worse, steps=2, known=known, ratings="each_step")
    assert not any(record["gate"]["accepted"] for record in records[1:])
    # One prompt, named and judged anew in each step.
    assert len({record["prompt"] for record in records}) == 3
    assert [record["occasion"] for record in records] == [f"CCC/mae/step{step}" for step in range(3)]
    assert len(model.calls) == count_expected_calls(settings, len(HELD_OUT))
    same = [call for call in model.of("task") if call.origin.pair == "v0/M0" and "of step" not in call.messages[0]["content"]]
    assert len(same) == 1
    seeds = {call.seed for call in model.of("task") if call.origin.pair == same[0].origin.pair}
    # The candidates of both steps, and the initial prompt.
    assert len(seeds) == 3


def test_examples_stand_in_every_prompt_of_a_run():
    _, model, _ = optimize("SSS", "mae", steps=1, examples=pairs("x", 2))
    assert all("Article x1." in call.messages[0]["content"] for call in model.of("task"))


def test_the_records_survive_json():
    records, _, _ = optimize("SCC", "mae", steps=1)
    assert json.loads(json.dumps(records))[1]["gradients"][0]["criteria"] == ["fluency", "relevance"]
