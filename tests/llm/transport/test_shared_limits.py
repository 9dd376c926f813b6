"""Limits that all jobs share: the calls that each job reserves at each endpoint."""

from types import SimpleNamespace

from collide.llm.transport.shared_limits import limit_endpoints, reserve_calls, total_calls

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
