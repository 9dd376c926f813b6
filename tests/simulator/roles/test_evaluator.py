"""The simulated evaluator: specificity and adherence of texts whose order is plain to a reader."""

from __future__ import annotations

from tests.simulator.roles.requests import INITIAL, ask_evaluator


def test_specificity_orders_texts_from_one_criterion_to_none():
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
        scores = [ask_evaluator("specificity", "consistency", gradient=text) for text in texts]
        means.append(sum(scores) / len(scores))
    assert means == sorted(means, reverse=True)
    assert means[0] >= means[1] + 1 >= means[2] + 2 >= means[3] + 2


def test_adherence_is_high_for_followed_and_low_for_ignored_suggestions():
    wanted = "Ask the judge to compare each name and number with the article. State that invented statements cost two points."
    followed = f"{INITIAL} Compare each name and number with the article. Invented statements cost two points."
    half = f"{INITIAL} Compare each name and number with the article."
    scores = [
        ask_evaluator("adherence", "consistency", old=INITIAL, gradient=wanted, new=new) for new in (followed, half, INITIAL)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] >= 9
    assert scores[2] <= 3
