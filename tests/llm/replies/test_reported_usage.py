"""Tokens, cached tokens and cost as endpoints report them."""

import pytest

from collide.llm.replies.reported_usage import read_usage

TOKENS = {"prompt_tokens": 1000, "completion_tokens": 9}


def read_cached(usage, **body):
    return read_usage({"usage": TOKENS | usage, **body}, {}).tokens_cached


@pytest.mark.parametrize(
    ("usage", "body"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 600}}, {}),
        ({"prompt_cache_hit_tokens": 600, "prompt_cache_miss_tokens": 400}, {}),
        ({"cached_tokens": 600}, {}),
        ({}, {"timings": {"cache_n": 600, "prompt_n": 400}}),
        ({"prompt_tokens_details": None, "cached_tokens": 600.0}, {}),
    ],
)
def test_cached_tokens_are_found_in_the_places_of_all_endpoints(usage, body):
    assert read_cached(usage, **body) == 600


@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"prompt_tokens_details": {"cached_tokens": None}},
        {"prompt_tokens_details": [600]},
        {"cached_tokens": -1},
        # A gateway that leaves cached tokens out of the prompt's: no part of them.
        {"cached_tokens": 1001},
    ],
)
def test_cached_tokens_that_are_no_part_of_the_prompt_count_as_unreported(usage):
    assert read_cached(usage) is None


@pytest.mark.parametrize(
    ("usage", "headers", "cost"),
    [
        ({"cost": 0.00014}, {}, 0.00014),
        ({"cost": 0}, {}, 0.0),
        # A router's fee for a call with the user's own key, and the provider's price.
        ({"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}}, {}, 0.21),
        ({"cost": 0.2, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.2}}, {}, 0.2),
        ({"cost": 0.01, "is_byok": True, "cost_details": None}, {}, 0.01),
        ({}, {"x-litellm-response-cost": "1.4e-05"}, 1.4e-05),
        ({"cost": 0.5}, {"x-litellm-response-cost": "0.7"}, 0.5),
        ({}, {"x-litellm-response-cost": "None"}, None),
        ({"cost": True}, {}, None),
        ({"cost": -1}, {}, None),
        ({"cost": float("nan")}, {}, None),
        ({"cost": {"total": 1}}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_cost_is_read_where_the_endpoint_tells_it(usage, headers, cost):
    assert read_usage({"usage": TOKENS | usage}, headers).cost == (cost if cost is None else pytest.approx(cost))


def test_a_reply_without_usage_reports_nothing():
    assert read_usage({}, {}) == read_usage({"usage": None}, {}) == (None, None, None, None)
