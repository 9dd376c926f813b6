"""Forms of replies, written by hand, with the value that a person reads in each."""

import pytest
from tools.measure_replies import build_reader, read_corpus

CORPUS = list(read_corpus())
# Forms whose value is certain and that the parsers leave unread. A reader of one more form takes it off this list.
UNREAD = {
    ("ratings", "in a sentence without a full stop"),
    ("scores", "table"),
    ("scores", "quoted object"),
    ("scores", "plus signs"),
    ("scores", "equals signs"),
}


@pytest.fixture(scope="module")
def read_form():
    return build_reader()


@pytest.mark.parametrize("form", CORPUS, ids=[f"{form.kind}, {form.name}" for form in CORPUS])
def test_a_form_is_read_as_a_person_reads_it_or_not_at_all(form, read_form):
    assert read_form(form) == (None if (form.kind, form.name) in UNREAD else form.value)


def test_the_corpus_has_at_least_two_hundred_different_forms():
    assert len({(form.kind, form.name) for form in CORPUS}) == len(CORPUS) >= 200
