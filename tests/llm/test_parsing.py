import json

import pytest

from collide.experiment.scales import build_scale
from collide.llm.parsing import parse_instructions, parse_rating, parse_scores, parse_text
from collide.llm.request import UnusableReply

from ..patience import limit_work

SCALES = dict.fromkeys(("fluency", "relevance"), build_scale([1, 5]))
GOOD = '{"fluency": 4, "relevance": 2}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here is my rating:\n\n{GOOD}\nI hope this helps.",
        f'<think>The summary {{is}} good: {{"fluency": 1}}</think>\n{GOOD}',
        f'I first thought {{"fluency": 5, "relevance": 5}}, but:\n{GOOD}',
        '{"fluency": "4", "relevance": 2.0}',
        '{"Fluency": 4, "RELEVANCE": 2}',
        '{"fluency": 4, "relevance": 2, "style": 9, "why": {"fluency": 1}}',
        '{"ratings": {"fluency": 4, "relevance": 2}}',
        '{ratings: {"fluency": 4, "relevance": 2}}',
        '{"fluency": "4/5", "relevance": "2 / 5"}',
        '{"fluency": {"score": 4, "reason": "no 5, since a comma is missing"}, "relevance": {"reason": "dull", "Rating": "2"}}',
        '{"fluency": 4, "relevance": 2,}',
        "{'fluency': 4, 'relevance': 2}",
        "{fluency: 4, relevance: 2}",
        '{"fluency": 4\n"relevance": 2\n}',
        f"<|channel|>analysis<|message|>I think 5.<|end|><|start|>assistant<|channel|>final<|message|>{GOOD}<|return|>",
        f"[THINK]5 or 4?[/THINK]{GOOD}</s>",
        f"First 5, then 4.\n</think>\n\n{GOOD}<|im_end|>",
        f"{GOOD} it says, but: {{'fluency': 4, 'relevance': 2}}",
        '{"why": "} {", "or": {"fluency": 1, "relevance": 1}, "fluency": 4, "relevance": 2,}',
        f'In the form {{"fluency": <whole number>, "relevance": <whole number>}}: {GOOD}',
        f'{{"why": {{"fluency": 1, "relevance": 1}}, "fluency": 5,}} was no JSON. {GOOD}',
        f"By \\textbf{{that}} and {{1, 2}}, a brace {{ and a smile :-}}, {GOOD}",
    ],
)
def test_scores_are_found_in_the_ways_that_models_write_them(text):
    assert parse_scores(text, SCALES) == {"fluency": 4, "relevance": 2}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"fluency": "４", "relevance": 2}', "fluency is '４'"),
        ('{"fluency": "\\u0664", "relevance": 2}', "fluency is '٤'"),
        ('{"fluency": "-4", "relevance": 2}', "fluency is '-4'"),
        ('{"fluency": 4.5, "relevance": 2}', "fluency is '4.5'"),
        ('{"fluency": "4.5", "relevance": 2}', "fluency is '4.5'"),
        ('{"fluency": true, "relevance": 2}', "fluency is 'True'"),
        ('{"fluency": NaN, "relevance": 2}', "fluency is 'None'"),
        ('{"fluency": 6, "relevance": 2}', "fluency is '6'"),
        ('{"fluency": 0, "relevance": 2}', "fluency is '0'"),
        ('{"fluency": 1e400, "relevance": 2}', "fluency is 'inf'"),
        ('{"fluency": [4], "relevance": 2}', "fluency is '[4]'"),
        ('{"fluency": 4}', "no score for relevance"),
        ('{"fluency": 4 or 5, "relevance": 2}', "no JSON object"),
        ('{"fluency": ~4, "relevance": 2, "relevance": 3,}', "no JSON object"),
        ("{'fluency': 4, 'relevance': 2", "no JSON object"),
        ('{"fluency": "4/10", "relevance": 2}', "fluency is '4/10'"),
        ('{"fluency": "4 or 5", "relevance": 2}', "fluency is '4 or 5'"),
        ('{"fluency": {"score": 4, "rating": 3}, "relevance": 2}', "fluency is"),
        ('{"fluency": {"scale": 5}, "relevance": 2}', "fluency is"),
        ('{"draft": {"fluency": 1, "relevance": 1}, "final": {"fluency": 4, "relevance": 2}}', "no JSON object"),
        ('{"style": 4, "tone": 2}', "no JSON object"),
        ('{"fluency": 4, "fluency": 5, "relevance": 2}', "stands twice"),
        ('{"fluency": 4, "relevance": 2', "no JSON object"),
        ('{"why": {"fluency": 1, "relevance": 1}, "fluency": 4, "rele', "no JSON object"),
        (f'{GOOD} it says, but: {{"fluency": 1, "relev', "last object is broken"),
        (f'{GOOD} it says, but: {{"fluency": 1}}', "two different JSON objects"),
        (f'{GOOD}\nAn example of a perfect one: {{"fluency": 5, "relevance": 5}}', "two different JSON objects"),
        ("fluency: 4, relevance: 2", "no JSON object"),
        (f"<think>{GOOD}", "no JSON object"),
        ("", "no JSON object"),
    ],
)
def test_an_invalid_score_is_refused_with_its_reason(text, reason):
    with pytest.raises(UnusableReply, match=None) as caught:
        parse_scores(text, SCALES)
    assert reason in str(caught.value)


@pytest.mark.parametrize("value", ["-1", '"-1"', '" -1 "', '"-1.0"', -1.0])
def test_a_negative_score_may_be_quoted_like_any_other(value):
    assert parse_scores(f'{{"tone": {value}}}', {"tone": build_scale([-2, 2])}) == {"tone": -1}
    assert parse_scores('{"tone": "+1"}', {"tone": build_scale([-2, 2])}) == {"tone": 1}


@pytest.mark.parametrize(
    "text", ["{" * 100_000, '{"a":' * 50_000, "[" * 100_000 + GOOD[:-1], "{" * 1_000_000, '{"' + '\\"' * 90_000]
)
def test_hostile_nesting_is_refused_quickly(text):
    with limit_work(), pytest.raises(UnusableReply):
        parse_scores(text, SCALES)


def test_instructions_are_texts_without_control_characters():
    text = json.dumps({"fluency": " Look at commas.\x00\x1b[31m ", "relevance": "Look\nat the lead."})
    expected = {"fluency": "Look at commas.[31m", "relevance": "Look\nat the lead."}
    assert parse_instructions(f"Revised:\n```json\n{text}\n```", ["fluency", "relevance"]) == expected


@pytest.mark.parametrize("text", ["4", "4/5", "**4**", "Rating: 4", '{"fluency": 4}', '{"score": {"fluency": 4}}'])
def test_one_criterion_may_be_rated_without_an_object(text):
    assert parse_scores(text, {"fluency": build_scale([1, 5])}) == {"fluency": 4}


@pytest.mark.parametrize("text", ["I see 4 errors", "4.5", "6", "4 or 5", "1. The summary", ""])
def test_a_number_of_prose_is_no_score(text):
    with pytest.raises(UnusableReply):
        parse_scores(text, {"fluency": build_scale([1, 5])})


@pytest.mark.parametrize(
    "text",
    [
        '{"fluency": "Look at "commas", then rate."}',
        '{"instructions": {"fluency": "Look at \\"commas\\", then rate."}}',
        """{'fluency': 'Look at "commas", then rate.'}""",
        '{"fluency": "Look at \\u0022commas\\u0022, then rate.",}',
    ],
)
def test_an_instruction_is_found_in_the_ways_that_models_write_it(text):
    assert parse_instructions(text, ["fluency"]) == {"fluency": 'Look at "commas", then rate.'}


def test_an_instruction_may_be_in_a_script_without_blanks():
    assert parse_instructions('{"fluency": "请注意标点和语法错误"}', ["fluency"])


@pytest.mark.parametrize("text", ["\n" * 190_000, " \n" * 90_000 + "x", "rating: " * 20_000, "8 " * 90_000])
def test_a_hostile_rating_is_refused_quickly(text):
    with limit_work(), pytest.raises(UnusableReply):
        parse_rating(text, 1, 10)


@pytest.mark.parametrize(
    "text",
    ["<answer>" + " " * 190_000, "answer: " * 20_000, "yes " * 40_000, "my final " * 20_000, "answer: maybe\n" * 10_000],
)
def test_a_hostile_class_is_refused_quickly(text):
    with limit_work(), pytest.raises(UnusableReply):
        parse_scores(text, {"C++ (style)": build_scale({"classes": ["no", "yes", "not sure"]})})


def test_a_refused_class_is_named_with_the_classes_that_were_expected():
    with pytest.raises(UnusableReply, match="the score for polite is '3', none of the classes 'no', 'yes'"):
        parse_scores('{"polite": 3}', {"polite": build_scale({"classes": ["no", "yes"]})})


def test_a_class_may_have_a_number_or_a_truth_value_as_its_name():
    numbers = {"stars": build_scale({"classes": ["1", "2", "10"]})}
    assert parse_scores('{"stars": 10}', numbers) == parse_scores("10", numbers) == {"stars": 2}
    assert parse_scores('{"fair": true}', {"fair": build_scale({"classes": ["False", "True"]})}) == {"fair": 1}
    with pytest.raises(UnusableReply, match="none of the classes '1', '2', '10'"):
        parse_scores('{"stars": 0}', numbers)


def test_names_that_differ_in_case_alone_are_told_apart():
    scales = dict.fromkeys(("Clarity", "clarity"), build_scale([1, 5]))
    assert parse_scores('{"clarity": 2, "Clarity": 4}', scales) == {"Clarity": 4, "clarity": 2}


def test_a_criterion_may_end_with_a_word_that_keys_add():
    scales = dict.fromkeys(("Quality", "Quality score"), build_scale([1, 5]))
    assert parse_scores('{"quality score": 2, "quality": 4}', scales) == {"Quality": 4, "Quality score": 2}


def test_an_instruction_with_levels_becomes_one_text():
    text = json.dumps({"fluency": {"5": "No errors.", "1": "Many errors."}})
    assert parse_instructions(text, ["fluency"]) == {"fluency": "5: No errors.\n1: Many errors."}


@pytest.mark.parametrize(
    "value",
    ["", "   ", "\x00\x1b", 4, None, ["a"], "x" * 20_001, "<instruction>", "[your text]", ",", "3.82", "2024-05-01", "a b"],
)
def test_an_invalid_instruction_is_refused(value):
    with pytest.raises(UnusableReply, match="fluency"):
        parse_instructions(json.dumps({"fluency": value, "relevance": "fine"}), ["fluency", "relevance"])


def test_thinking_and_an_outer_fence_are_removed_from_a_text():
    assert parse_text("<think>hm</think>\n```\nKeep it.\n\nChange it.\n```") == "Keep it.\n\nChange it."
    assert parse_text("Use ``` within text.") == "Use ``` within text."
    with pytest.raises(UnusableReply, match="empty"):
        parse_text("<think>only that</think>\n")


@pytest.mark.parametrize(
    "text",
    [
        "<thinking>hm</thinking>Keep it.",
        "<thought>\nhm\n</thought>\nKeep it.",
        "<reasoning>hm</reasoning> Keep it.",
        "[THINK]hm[/THINK]Keep it.</s>",
        "hm\n</think>\n\nKeep it.",
        "<think>\n\n</think>\n\nKeep it.<|im_end|>",
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Keep it.<|return|>",
        "Keep it.<|eot_id|>",
        "Keep it.<end_of_turn>\n",
    ],
)
def test_marks_of_thinking_and_of_templates_are_removed(text):
    assert parse_text(text) == "Keep it."


@pytest.mark.parametrize("text", ["<think>hm", "<thinking>hm</think>", "<|channel|>analysis<|message|>hm<|end|>"])
def test_thinking_without_an_answer_is_empty(text):
    with pytest.raises(UnusableReply, match="empty"):
        parse_text(text)


def test_a_mark_that_a_text_quotes_is_kept():
    text = "The judge wrote </think> within its reply, and `<think>` before it. Forbid both."
    assert parse_text(text) == text


def test_a_text_that_no_prompt_could_hold_is_refused():
    assert parse_text("x" * 200_000)
    with pytest.raises(UnusableReply, match="200001 characters"):
        parse_text("x" * 200_001)


@pytest.mark.parametrize(
    "text",
    [
        "8",
        " 8\n",
        "**8**",
        "Score: 8",
        "**Rating:** 8",
        "Specificity = 8",
        "My rating is 8.",
        "8/10",
        "8 / 10.",
        "8.0",
        "8.",
        "8 out of 10",
        "I would give it 8/10, since 3 of 4 suggestions fit.",
        "8 (most of the 3 suggestions fit)",
        "8 - the suggestions",
        "The suggestions are specific.\n\n8",
        "Rating: 8/10\nReason: two of the 10 sentences are about another criterion.",
        "'8'",
    ],
)
def test_a_rating_stands_alone_or_after_a_label_or_names_the_highest_rating(text):
    assert parse_rating(text, 1, 10) == 8


@pytest.mark.parametrize(
    "text",
    [
        *("8.5", "7 or 8", "0", "11", "-3", "\u22123", "eight", "", "8,5", "100", "８", "٨", "1٠", "8 ٨", "8" + " " * 200_000),
        "I would rate these 3 suggestions as",
        "The judge is evaluating the 10-point",
        "On a scale from 1 to 10, I would",
        "1. The suggestions are about",
        "3 suggestions are about fluency and",
        "10-point scale",
        "1: The suggestions are",
        "3, 4 and 5 are about",
        "The first suggestion fits.\n2 - the second",
        "A score of 10 would mean that",
        "Rating (1-10):",
        "Rating: 1-10",
        "Score: 7\nScore: 8",
        "8/100",
        "2024 was",
    ],
)
def test_a_number_of_prose_is_no_rating(text):
    with pytest.raises(UnusableReply):
        parse_rating(text, 1, 10)
