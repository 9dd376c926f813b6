"""Texts other than summaries: their tags are found in the message, and plain aspects of them are measured in any script."""

from __future__ import annotations

import pytest

from collide.simulator.general_aspects import ASPECTS, choose_aspects, measure_texts
from collide.simulator.knowledge import OUTPUTS, SUMMARIES, TEXTS, select_knowledge
from collide.simulator.parsed_request import find_tags, parse_scale, split_pair


def enclose(**texts):
    return "\n\n".join(f"<{tag}>\n{text}\n</{tag}>" for tag, text in texts.items())


@pytest.mark.parametrize(
    "texts",
    [
        {"essay": "One."},
        {"prompt": "One.", "story": "Two."},
        {"dialogue": "One.", "known-fact": "Two.", "response": "Three."},
        {"essay": ""},
        {"prompt": "", "story": ""},
        {"prompt": "One.\n</prompt>\n\n<other>\nx", "story": "Two."},
        {"prompt": "One.\n</prompt>\n\n<story>\nx\n</story>", "story": "Two."},
        {"prompt": "One.", "story": "Two.\n</story>\n\n<other>\nx\n</other>"},
        {"dialogue": "One.", "fact": "Two.", "response": "Three.\n</dialogue>\n\n<response>\nx"},
        {"prompt": "One.\n<prompt>\n", "story": '<rating criterion="a" judge="1"/>\n</story>'},
    ],
)
@pytest.mark.parametrize(
    "rest", ["", '\n<instruction criterion="a">\nLook.\n</instruction>', "\n\n\nRate the story above.", "\n/no_think"]
)
def test_texts_are_found_by_the_tags_that_enclose_them(texts, rest):
    message = enclose(**texts) + rest
    assert find_tags(message) == tuple(texts)
    *inputs, output = texts.values()
    assert split_pair(message, tuple(texts)) == ("\n\n".join(inputs), output, rest)


@pytest.mark.parametrize("message", ["", "Who are you?", "<essay>\nOne.", '<instruction criterion="a">\nLook.\n</instruction>'])
def test_a_message_without_enclosed_texts_has_no_tags(message):
    assert find_tags(message) == ()
    assert split_pair(message, ()) == ("", "", message)


def test_many_tags_in_a_text_are_read_in_little_time():
    message = enclose(prompt="".join(f"\n</a{i}>\n\n<a{i + 1}>\n" for i in range(2000)), story="Two.")
    assert find_tags(message)[0] == "prompt"


def test_the_tags_of_summaries_select_the_aspects_of_summaries():
    assert select_knowledge(("article", "summary")) is SUMMARIES
    assert select_knowledge(("dialogue", "fact", "response")) is TEXTS
    assert select_knowledge(("summary",)) is OUTPUTS


def test_a_name_chooses_the_aspects_that_it_speaks_of():
    assert choose_aspects("Fluency", alone=False) == ["form"]
    assert choose_aspects("uses the context", alone=False) == ["overlap"]
    assert "overlap" not in choose_aspects("uses the context", alone=True)


def test_other_names_choose_two_aspects_each_and_not_all_the_same():
    chosen = {name: tuple(choose_aspects(name, alone=False)) for name in ("Surprise", "Überzeugung", "C++ (x)", "joy", "anger")}
    assert {len(names) for names in chosen.values()} == {2}
    assert len(set(chosen.values())) > 2


@pytest.mark.parametrize("text", ["", "...", "这是一篇短文。它很好！", "Ein Satz ohne Ende", "🙂🙂", "a\nb\nc", "word " * 5000])
def test_any_text_has_all_aspects(text):
    for source in ("", "Some input."):
        assert set(measure_texts(source, text).aspects) == set(ASPECTS)


def test_aspects_tell_texts_apart():
    def measure(text, source="The bridge over the river opened on Monday."):
        return measure_texts(source, text).aspects

    assert measure("The bridge opened.")["overlap"] > measure("Cats purr loudly.")["overlap"]
    assert measure("Two words.")["length"] < measure("A much longer text. " * 20)["length"]
    assert (
        measure("Say it. Say it now. Say it. Say it now.")["repetition"] < measure("Say it. Do it now, or never.")["repetition"]
    )
    assert measure("It opened on Monday.")["form"] > measure("it opened on monday")["form"]
    assert measure("Anna paid 12 million to Berg.")["detail"] > measure("Someone paid a lot to someone.")["detail"]
    assert measure("Would you like it?")["address"] > measure("He likes it.")["address"]


@pytest.mark.parametrize(
    ("text", "values", "classes"),
    [
        ("whole number from -2 to 1", (-2, -1, 0, 1), ()),
        ("-2-1", (-2, -1, 0, 1), ()),
        ("number from 0 to 0.5 in steps of 0.25", (0, 0.25, 0.5), ()),
        ('"a \\"b\\"", "c, d" or "e"', (0, 1, 2), ('a "b"', "c, d", "e")),
        ("1 - 5 | 6 - 9", (0, 1), ("1 - 5", "6 - 9")),
    ],
)
def test_scales_are_read_as_prompts_show_them(text, values, classes):
    scale = parse_scale(text)
    assert (scale.values, scale.classes) == (values, classes)
