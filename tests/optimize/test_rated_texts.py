"""The part of a textual gradient about a criterion: the sentences that name it, and those after them."""

import pytest

from collide.optimize.rated_texts import find_names, select_part, split_sentences

NAMES = ["fluency", "relevance", "factual_accuracy"]
PROSE = (
    "The instructions are short and clear. Fluency rightly asks for grammar. That must stay.\n\n"
    "For relevance, the judge was too lenient! It lacks examples. Fluency and relevance overlap. Both repeat.\n\n"
    "Ask about factual accuracy, too."
)
PARTS = {
    "fluency": "Fluency rightly asks for grammar. That must stay. Fluency and relevance overlap. Both repeat.",
    "relevance": "For relevance, the judge was too lenient! It lacks examples. Fluency and relevance overlap. Both repeat.",
    "factual_accuracy": "Ask about factual accuracy, too.",
}


@pytest.mark.parametrize(("criterion", "part"), PARTS.items(), ids=PARTS)
def test_a_sentence_belongs_to_the_criteria_that_were_named_last(criterion, part):
    assert select_part(PROSE, criterion, NAMES) == part


def test_a_text_that_names_no_criterion_has_no_part():
    assert select_part("Be exact. Give examples.", "fluency", NAMES) == ""
    assert select_part("", "fluency", NAMES) == ""


def test_a_heading_names_the_lines_below_it():
    text = "**Fluency**\n- count the errors\n- weigh them\n\n## Relevance:\n- main points first"
    assert select_part(text, "fluency", NAMES) == "**Fluency** - count the errors - weigh them"
    assert select_part(text, "relevance", NAMES) == "## Relevance: - main points first"


def test_a_name_is_a_word_of_its_own():
    assert find_names("Influency and irrelevance are words.", NAMES) == set()
    assert find_names('FLUENCY; `relevance`, "factual-accuracy".', NAMES) == set(NAMES)


def test_numbers_and_closing_quotes_end_no_sentence_of_their_own():
    text = 'Scores of 4.5 are rare. Say "give 5." Then stop... Why? (Because.) Done'
    assert split_sentences(text) == ["Scores of 4.5 are rare.", 'Say "give 5."', "Then stop...", "Why?", "(Because.)", "Done"]


def test_names_with_capitals_hyphens_and_signs_are_found_and_a_name_inside_another_is_not():
    names = ["Coherence", "Self-Coherence", "C++ (style)", "Überzeugung"]
    assert find_names("self coherence needs examples", names) == {"Self-Coherence"}
    assert find_names("Self-Coherence and coherence differ", names) == {"Self-Coherence", "Coherence"}
    assert find_names("For c++ (style), add one. ÜBERZEUGUNG, too.", names) == {"C++ (style)", "Überzeugung"}
    assert find_names("Incoherence of C++ (styles)", names) == frozenset()
