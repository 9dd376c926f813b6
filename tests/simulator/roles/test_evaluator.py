"""The simulated evaluator: specificity and adherence of texts whose order is plain to a reader."""

from __future__ import annotations

from tests.simulator.roles.requests import INITIAL, ask_evaluator


def rate_often(role, name, **texts):
    """Return the mean rating over seeds: a single one has an error of the model's misreading."""
    return sum(ask_evaluator(role, name, seed, **texts) for seed in range(20)) / 20


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
        scores = [rate_often("specificity", "consistency", gradient=text) for text in texts]
        means.append(sum(scores) / len(scores))
    assert means == sorted(means, reverse=True)
    assert means[0] >= means[1] + 1 >= means[2] + 2 >= means[3] + 2


def test_adherence_is_high_for_followed_and_low_for_ignored_suggestions():
    wanted = "Ask the judge to compare each name and number with the article. State that invented statements cost two points."
    followed = f"{INITIAL} Compare each name and number with the article. Invented statements cost two points."
    half = f"{INITIAL} Compare each name and number with the article."
    scores = [
        rate_often("adherence", "consistency", old=INITIAL, gradient=wanted, new=new) for new in (followed, half, INITIAL)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] >= 9
    assert scores[2] <= 3


def test_the_ratings_of_a_text_vary_with_the_seed_around_its_share_of_sentences_about_the_criterion():
    text = (
        "Ask the judge to verify each statement. Use the whole scale. For consistency, compare names. Think well before rating."
    )
    scores = [ask_evaluator("specificity", "consistency", seed, gradient=text) for seed in range(40)]
    assert len(set(scores)) >= 3
    # Two of four sentences, of which the two others weigh a little less: 2 / 3.6 of the way from 1 to 10.
    assert abs(sum(scores) / len(scores) - 6.0) < 0.7
