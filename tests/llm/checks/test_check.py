"""Checks of models at six servers that behave differently, and at endpoints that cannot be reached at all."""

import asyncio
import contextlib
import json
import re
from pathlib import Path

import pytest
import yaml
from tools.http_server import HttpServer, build_error, build_reply

from collide.experiment.models import collect_client_settings, resolve_model
from collide.llm.checks import probe
from collide.llm.checks.check import check_models
from collide.llm.checks.table import describe_results, make_row
from collide.optimize.sample_calls import build_sample_calls
from tests.dataset import DATASET
from tests.optimize.data_sets import DATASETS

from ...patience import REPLY_PATIENCE
from ..recipes.vendors import refuse_at_dashscope
from .servers import KEY, SERVERS, Failing

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
CALLS = build_sample_calls([DATASET], "paper")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("COLLIDE_TEST_KEY", KEY)
    monkeypatch.delenv("COLLIDE_UNSET_KEY", raising=False)
    monkeypatch.setattr(probe, "choose_pause", lambda tries, asked: 0.0)


def check(servers, roles=("task", "loss", "optimizer"), endpoint=(), **models):
    """Return the results for a model at each server, by name, and the reported lines.

    `endpoint` are settings of all endpoints, `models` settings of models by name. A server None is one that does not listen.
    """

    async def run():
        async with contextlib.AsyncExitStack() as stack:
            urls = {
                name: (await stack.enter_async_context(HttpServer(server.respond))).url if server else "http://127.0.0.1:9/v1"
                for name, server in servers.items()
            }
            endpoints = {name: {"base_url": url, "timeout": REPLY_PATIENCE, **dict(endpoint)} for name, url in urls.items()}
            live = {name: {"live": {"endpoint": name, "name": f"vendor/{name}"} | models.get(name, {})} for name in servers}
            if "hosted" in endpoints:
                endpoints["hosted"]["api_key_env"] = "COLLIDE_TEST_KEY"
            config = {**CONFIG, "endpoints": endpoints, "models": live}
            called = {name: {role: resolve_model(config, name, role, "live") for role in roles} for name in live}
            return await check_models(called, "live", collect_client_settings(config, "live"), CALLS, lines.append)

    lines = []
    return {result.model.name: result for result in asyncio.run(run())}, lines


def check_one(server, roles=("task",), endpoint=(), **settings):
    """Return the verdict, the problems and the changes of one model."""
    results, _ = check({"model": server}, roles, endpoint, model=settings)
    result = results["model"]
    return result.verdict, [finding.problem for finding in result.findings], [finding.change for finding in result.findings]


def test_the_documentation_shows_the_table_of_six_servers():
    results, _ = check({name: server() for name, server in SERVERS.items()})
    text = describe_results(list(results.values()))
    print(text)
    documented = re.search(r"```text\n(model .*?)```", (ROOT / "docs/endpoints.md").read_text(encoding="utf-8"), re.DOTALL)
    assert hide_times(documented[1].strip()) == hide_times(text)


def hide_times(text):
    """The text without what differs between runs: times and port numbers."""
    return re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", re.sub(r"\b\d\.\d\d  ", "TIME  ", text))


@pytest.mark.parametrize(
    ("changed", "model"),
    [
        ("hosted", {"fields": {"max_tokens": "max_completion_tokens", "temperature": None}}),
        ("laptop", {"structured_output": "json_schema"}),
        ("strict", {"fields": {"seed": None}}),
    ],
)
def test_a_model_that_is_changed_as_advised_does_not_fail(changed, model):
    results, _ = check({changed: SERVERS[changed]()}, ("task", "loss"), **{changed: model})
    assert results[changed].verdict in ("ready", "warning")


def test_a_missing_key_keeps_no_other_model_from_being_checked(monkeypatch):
    monkeypatch.delenv("COLLIDE_TEST_KEY")
    results, lines = check({"hosted": Failing(), "other": Failing()})
    assert {name: result.verdict for name, result in results.items()} == {"hosted": "failed", "other": "ready"}
    assert sorted(lines) == ["hosted: failed", "other: ready"]
    (finding,) = results["hosted"].findings
    assert "COLLIDE_TEST_KEY is not set" in finding.problem
    assert finding.change == "endpoints.hosted.api_key_env: COLLIDE_TEST_KEY (export COLLIDE_TEST_KEY=...)"


def test_a_refused_key_names_the_variable_and_not_the_key(monkeypatch):
    monkeypatch.setenv("COLLIDE_TEST_KEY", "sk-wrong-1234567890")
    results, _ = check({"hosted": SERVERS["hosted"]()})
    (finding,) = results["hosted"].findings
    assert "the key is not accepted" in finding.problem
    assert finding.change.startswith("endpoints.hosted.api_key_env: COLLIDE_TEST_KEY")
    assert "sk-wrong" not in describe_results(list(results.values()))


@pytest.mark.parametrize(
    ("server", "change"),
    [
        (None, "endpoints.model.base_url"),
        (Failing(build_error(401, "no key given")), "endpoints.model.api_key_env: NAME_OF_A_VARIABLE"),
        (Failing(build_error(402, "pay first")), "no line of config.yaml: top up the account of endpoint model"),
        (Failing(build_reply(404, {"detail": "Not Found"})), "endpoints.model.base_url"),
        (Failing(build_error(429, "slow down")), "endpoints.model.requests_per_minute"),
        (Failing(build_error(500, "oops")), "no line of config.yaml: the endpoint fails"),
        (Failing([1.0]), "endpoints.model.timeout: more than 0.1 seconds"),
        (Failing(build_error(400, "blocked by content filter")), "models.model.live.name: a model that accepts our texts"),
        (Failing(build_error(400, "the request is odd")), "models.model.live.fields or extra_body"),
    ],
)
def test_an_endpoint_without_replies_names_the_line_to_change(server, change, monkeypatch):
    # A limit is waited for as long as PATIENCE_SECONDS.
    monkeypatch.setattr(probe, "PATIENCE_SECONDS", 0.3)
    verdict, (_,), (found,) = check_one(server, endpoint={"timeout": 0.1} if server and server.reply == [1.0] else {})
    assert verdict == "failed"
    assert found.startswith(change)


@pytest.mark.parametrize(
    ("message", "verdict", "change"),
    [
        ({"content": "Four.", "finish": "length"}, "failed", "roles.task.max_tokens: more than 256"),
        ({"content": "Four."}, "failed", "models.model.live.structured_output: json_schema"),
        ({"content": "", "reasoning": "Let me see."}, "failed", "models.model.live.thinking_off"),
    ],
)
def test_unusable_replies_name_the_line_to_change(message, verdict, change):
    found, (problem, *_), (first, *_) = check_one(Failing(**message))
    assert found == verdict
    assert problem.startswith("task: 5 of 5 replies are unusable")
    assert first.startswith(change)


def test_a_text_that_was_cut_off_is_a_warning():
    verdict, problems, changes = check_one(Failing(content="The rating is low, because", finish="length"), roles=("loss",))
    assert (verdict, problems) == ("warning", ["loss: 1 of 1 replies are cut off"])
    assert changes == ["roles.loss.max_tokens: more than 1024"]


def test_an_error_of_one_role_leaves_the_others_checked():
    class NoForms(Failing):
        async def respond(self, head, body):
            refused = build_error(400, "the request is odd") if b"response_format" in body else None
            return refused or await super().respond(head, body)

    verdict, problems, changes = check_one(NoForms(), ("task", "loss"), structured_output="json_schema")
    assert verdict == "failed"
    assert problems == ["the endpoint refuses response_format, which structured_output sends; the check went on without that"]
    assert changes == ["models.model.live.structured_output: json_object, or no such line"]


def test_a_refused_limit_and_a_demanded_switch_are_found_by_one_check():
    class Demanding(Failing):
        async def respond(self, head, body):
            refusal = refuse_at_dashscope(json.loads(body))
            return build_error(*refusal) if refusal else await super().respond(head, body)

    verdict, problems, changes = check_one(Demanding(), ("task", "optimizer"), {"thinking_off": "reasoning_effort"})
    assert verdict == "failed"
    assert problems[0].startswith("the endpoint refuses how reasoning is turned off")
    assert "optimizer: max_tokens: 16384 is too many" in problems[1] and "at most 8192 tokens" in problems[1]
    lines = [
        "models.model.live.thinking_off: enable_thinking",
        "roles.optimizer.max_tokens: the most tokens that the model may write",
    ]
    assert changes == lines


def test_a_failure_that_passes_is_tried_again():
    class Once(Failing):
        async def respond(self, head, body):
            reply = await super().respond(head, body)
            return build_error(503, "busy") if self.requests == 1 else reply

    assert check_one(Once())[0] == "ready"


def test_models_that_are_waited_for_are_named(monkeypatch):
    monkeypatch.setattr("collide.llm.checks.check.SILENT_SECONDS", 0.0)

    class Slow(Failing):
        async def respond(self, head, body):
            return [0.01, *await super().respond(head, body)]

    _, lines = check({"slow": Slow()}, ("loss",))
    assert lines[0] == "waiting for slow"
    assert lines[-1] == "slow: ready"


def test_the_table_holds_the_counts_of_the_endpoint_beside_ours():
    results, _ = check({"router": SERVERS["router"]()}, ("task",), router={"price_in": 0.05, "price_out": 0.4})
    row = make_row(results["router"])
    assert (row["replies"], row["usable"], row["provider"]) == (5, 5, "Alibaba, DeepInfra")
    assert (row["tokens_in"], row["counted_in"]) == (1905, 1900)
    assert row["reported_cost"] == pytest.approx(0.0001)
    assert row["cost"] == pytest.approx(1905 * 0.05e-6 + row["tokens_out"] * 0.4e-6, abs=1e-6)
    assert row["seconds"] > 0


def test_the_judge_and_the_optimizer_are_asked_about_each_data_set():
    calls = build_sample_calls([DATASET, DATASETS["dialogues"]], "paper")
    assert {role: len(samples) for role, samples in calls.items()} == {
        "task": 10,
        "loss": 1,
        "gradient": 1,
        "optimizer": 10,
        "evaluator": 5,
    }
    assert [call.call for call in calls["task"][:5]] == [call.call for call in CALLS["task"]]
    assert calls["task"][5].parse('{"Self-Coherence": 3.5, "Überzeugung": "yes", "C++ (style)": 2}')
