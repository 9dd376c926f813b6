"""The simulated loss, gradient, optimizer and evaluator models, on texts that one can read."""

import asyncio
from pathlib import Path

import yaml

from collide.corpus.pairs import Pair
from collide.experiment.criteria import read_criteria
from collide.llm.parsing import parse_instructions, parse_rating
from collide.llm.request import Request
from collide.optimize.prompts import render_messages
from collide.optimize.step_record import Feedback
from collide.simulator import Simulator

ROOT = Path(__file__).parents[2]
CRITERIA = read_criteria(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["criteria"])
ARTICLE = (
    "The council of Marlow voted on Tuesday to close the old bridge for repairs. The work will last eight months and cost"
    " 2.4 million. Traders fear for their business. The mayor promised a ferry for people on foot."
)
PAIR = Pair("m/1", "m", "1", ARTICLE, "The council of Marlow voted to close the bridge. It will cost 9 million dollars and", {})
GENERIC = dict.fromkeys(CRITERIA, "Rate from 1 to 5.")


def write(role, names, seed=1, model="simulated/large", **values):
    messages = render_messages(role, criteria=[CRITERIA[name] for name in names], **values)
    request = Request("x", model, messages, 0.3, 8192, seed, 1, {})
    return asyncio.run(Simulator().complete(request)).text


def rated(**human):
    return Pair(PAIR.id, PAIR.document, PAIR.system, PAIR.article, PAIR.summary, human)


def critique(name, judge, human, seed=1):
    pair = rated(**{name: human})
    return write("loss", [name], seed, pair=pair, instructions=GENERIC, prediction={name: judge})


def gradient(names, critiques, seed=1):
    feedback = [Feedback("m/1", criteria, text) for criteria, text in critiques]
    prediction = dict.fromkeys(names, 4)
    return write("gradient", names, seed, pair=PAIR, instructions=GENERIC, prediction=prediction, critiques=feedback)


def specificity(name, text):
    messages = render_messages("specificity", criterion=CRITERIA[name], gradient=text)
    request = Request("x", "simulated/xlarge", messages, 0.0, 10, 1, 1, {})
    return parse_rating(asyncio.run(Simulator().complete(request)).text, 1, 10)


def test_a_critique_tells_direction_and_size_of_the_error_and_quotes_the_summary():
    text = critique("consistency", 5, 1.67)
    assert "too high" in text
    assert "1.67" in text
    assert "dollars" in text
    assert "fluency" not in text


def test_a_critique_of_a_right_rating_finds_no_error():
    text = critique("coherence", 4, 4.0)
    assert "too high" not in text
    assert "too low" not in text


def test_a_gradient_has_three_paragraphs_and_speaks_of_its_criterion():
    text = gradient(["consistency"], [(("consistency",), critique("consistency", 5, 1.67))])
    assert len(text.split("\n\n")) == 3
    assert specificity("consistency", text) >= 8
    assert specificity("fluency", text) <= 3


def test_several_criteria_share_the_room_of_one_gradient():
    critiques = [((name,), critique(name, 5, 2.0)) for name in CRITERIA]
    combined = gradient(list(CRITERIA), critiques)
    alone = gradient(["consistency"], critiques[-1:])
    assert specificity("consistency", combined) < specificity("consistency", alone)
    assert len(combined.split("\n\n")) == 3


def test_ten_gradients_of_known_focus_come_out_in_that_order():
    one = [
        "Ask the judge to compare each name and number with the article. State that an invented statement costs two points.",
        "Tell the judge to verify every statement of the summary. Add that unsupported claims rule out a 5 for consistency.",
        "For consistency, ask the judge to look for contradictions of the article. Say that made up facts earn a 1.",
    ]
    two = [
        f"{one[0]} Ask the judge to look for fragments. State that broken grammar costs a point.",
        f"{one[1]} Ask the judge to list the main points. Say that a summary that omits a central point earns a 3.",
    ]
    four = [
        "Check consistency against the article. Check grammar. Check whether the main points are covered. Check the order.",
        "For consistency, verify facts. For fluency, check spelling. For relevance, see key points. For coherence, the order.",
    ]
    generic = [
        "Be more precise. Use the whole scale. Think before you answer.",
        "Give clearer guidance on high and low ratings. Keep it balanced.",
        "State what a good answer looks like and ask for care throughout.",
    ]
    means = []
    for texts in (one, two, four, generic):
        scores = [specificity("consistency", text) for text in texts]
        means.append(sum(scores) / len(scores))
    assert means == sorted(means, reverse=True)
    assert means[0] >= means[1] + 1 >= means[2] + 2 >= means[3] + 2


def test_a_rewrite_follows_suggestions_and_keeps_what_was_there():
    suggestions = Feedback(
        "m/1",
        ("consistency",),
        "Keep it.\n\nIt is silent.\n\nAsk the judge to compare each name with the article. State that lies cost a point.",
    )
    values = {"instructions": GENERIC, "gradients": [suggestions]}
    found = [parse_instructions(write("optimizer", ["consistency"], seed, **values), ["consistency"]) for seed in range(6)]
    texts = [instructions["consistency"] for instructions in found]
    assert all(text.startswith("Rate from 1 to 5.") for text in texts)
    assert any("Compare each name with the article." in text for text in texts)
    assert not any("Ask the judge" in text for text in texts)


def test_a_combined_rewrite_gives_each_criterion_an_instruction():
    suggestions = Feedback(
        "m/1",
        tuple(CRITERIA),
        "A.\n\nB.\n\nAsk the judge to look for fragments. Tell the judge to list the main points.",
    )
    text = write("optimizer", list(CRITERIA), instructions=GENERIC, gradients=[suggestions])
    assert set(parse_instructions(text, list(CRITERIA))) == set(CRITERIA)


def adherence(old, gradient_text, new):
    messages = render_messages("adherence", criterion=CRITERIA["consistency"], old=old, gradient=gradient_text, new=new)
    request = Request("x", "simulated/xlarge", messages, 0.0, 10, 1, 1, {})
    return parse_rating(asyncio.run(Simulator().complete(request)).text, 1, 10)


def test_adherence_is_high_for_followed_and_low_for_ignored_suggestions():
    wanted = "Ask the judge to compare each name and number with the article. State that invented statements cost two points."
    followed = "Rate from 1 to 5. Compare each name and number with the article. Invented statements cost two points."
    half = "Rate from 1 to 5. Compare each name and number with the article."
    scores = [adherence("Rate from 1 to 5.", wanted, new) for new in (followed, half, "Rate from 1 to 5.")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] >= 9
    assert scores[2] <= 3
