"""Forms of replies, and the fields that ask a server for them."""

import jsonschema
import pytest

from collide.experiment.scales import build_scale
from collide.llm.parsing import parse_instructions, parse_rating, parse_scores
from collide.llm.replies.forms import FORMS, build_instructions_schema, build_rating_schema, build_scores_schema

SCALES = {"fluency": build_scale([1, 5]), "tone": build_scale([-2, 2])}


def fits(reply, schema):
    return jsonschema.Draft202012Validator(schema).is_valid(reply)


def test_a_scores_schema_admits_what_the_parser_reads():
    schema = build_scores_schema(SCALES)
    assert fits({"fluency": 4, "tone": -2}, schema)
    for reply in ({"fluency": 4}, {"fluency": 6, "tone": 0}, {"fluency": 4.5, "tone": 0}, {"fluency": 4, "tone": 0, "x": 1}):
        assert not fits(reply, schema)
    assert parse_scores('{"fluency": 4, "tone": -2}', SCALES) == {"fluency": 4, "tone": -2}


def test_the_other_schemas_admit_what_their_parsers_read():
    assert fits({"fluency": "Look at commas."}, build_instructions_schema(["fluency"]))
    assert parse_instructions('{"fluency": "Look at commas."}', ["fluency"]) == {"fluency": "Look at commas."}
    assert fits({"rating": 8}, build_rating_schema(1, 10)) and not fits({"rating": 11}, build_rating_schema(1, 10))
    assert parse_rating('{"rating": 8}', 1, 10) == 8


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_a_field_of_the_body(form):
    (field,) = FORMS[form](build_scores_schema(SCALES))
    assert field in ("response_format", "guided_json")
