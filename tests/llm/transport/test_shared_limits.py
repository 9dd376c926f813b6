"""Limits that all jobs share: the calls that each job reserves at each endpoint."""

from types import SimpleNamespace

from collide.llm.transport.shared_limits import limit_endpoints, reserve_calls, share_limits, total_calls

CONFIG = {
    "endpoints": {
        "limited": {"base_url": "https://a", "max_concurrency": 16, "max_in_flight": 40},
        "small": {"base_url": "https://b", "max_concurrency": 16, "max_in_flight": 4},
        "open": {"base_url": "https://c"},
    },
    "models": {name: {"live": {"endpoint": name, "name": "m"}} for name in ("limited", "small", "open")},
}
LIVE = SimpleNamespace(source="live")


def test_only_limited_endpoints_are_resources():
    assert total_calls(CONFIG) == {"limited_calls": 40, "small_calls": 4}


def test_a_job_reserves_the_most_calls_that_it_may_have_in_flight_where_it_calls_models():
    reserved = reserve_calls(CONFIG, lambda wildcards: ["limited", "open"])
    assert {name: reserve(LIVE) for name, reserve in reserved.items()} == {"limited_calls": 16, "small_calls": 0}


def test_a_job_never_reserves_more_than_all_jobs_together_may_have():
    reserved = reserve_calls(CONFIG, lambda wildcards: ["small"])
    assert reserved["small_calls"](LIVE) == 4


def test_all_jobs_together_use_an_endpoint_up_to_its_limit_and_the_simulator_up_to_the_processors():
    endpoints = CONFIG["endpoints"] | {"simulator": {}}
    limits = {name: settings["max_in_flight"] for name, settings in limit_endpoints(endpoints, jobs=2, processors=4).items()}
    assert limits == {"limited": 32, "small": 4, "open": 32, "simulator": 2}
    assert limit_endpoints(endpoints, jobs=8, processors=4)["simulator"]["max_in_flight"] == 4


def test_endpoints_with_one_address_share_the_lowest_of_each_limit():
    endpoints = {
        "first": {"base_url": "https://a/v1", "concurrency": 8, "max_in_flight": 40, "timeout": 5},
        "second": {"base_url": "https://a/v1/", "concurrency": 4, "requests_per_minute": 60},
        "other": {"base_url": "https://b/v1", "concurrency": 2},
    }
    shared = share_limits(endpoints)
    limits = {"concurrency": 4, "max_in_flight": 40, "requests_per_minute": 60}
    assert shared["first"] == endpoints["first"] | limits
    assert shared["second"] == endpoints["second"] | limits
    assert shared["other"] == endpoints["other"]
    models = {name: {"live": {"endpoint": name, "name": "m"}} for name in endpoints}
    config = {"endpoints": endpoints, "models": models}
    assert total_calls(config) == {"first_calls": 40}
    for called in (["first"], ["second"], ["first", "second"]):
        assert reserve_calls(config, lambda wildcards, called=called: called)["first_calls"](LIVE) == 4
