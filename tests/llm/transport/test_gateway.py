"""A real gateway (litellm[proxy]) in front of the served simulator: the same replies as without it, and its errors read right.

Skipped where the command `litellm` is not installed. `litellm[proxy]` takes 580 MB in an environment of its own, so
it is no requirement. `PATH=/that/environment/bin:$PATH python -m pytest -m slow tests/llm/transport/test_gateway.py` runs it.
"""

import asyncio
import dataclasses
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

from collide.llm.request import Request
from collide.llm.transport.endpoint import Endpoint
from collide.llm.transport.errors import CreditUsedUp, FatalError, KeyRefused, ModelUnknown, TransientError
from collide.simulator import Simulator

from ...patience import PATIENCE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("litellm"), reason="litellm is not installed"),
]
ROOT = Path(__file__).parents[3]
KEY = "sk-gateway-0123456789"
MESSAGES = ({"role": "user", "content": "<article>\nA long article.\n</article>\n\n<summary>\nB.\n</summary>"},)
REQUEST = Request("gateway", "judge", MESSAGES, 0.1, 64, 7, 1, {"simulator": {"seed": 3, "broken_reply_rate": 0.0}})


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """The address of a gateway in front of two served simulators: one that works, and one that admits no call."""
    folder, port = tmp_path_factory.mktemp("gateway"), free_port()
    serve = [sys.executable, str(ROOT / "tools" / "serve_simulator.py"), "--port", "0"]
    servers = [
        subprocess.Popen([*serve, *arguments], stdout=subprocess.PIPE, text=True)
        for arguments in ([], ["--latency", "30", "--max-in-flight", "1"], ["--key", "another"])
    ]
    urls = [re.search(r"http://\S+", server.stdout.readline())[0] for server in servers]
    backends = {"judge": urls[0], "busy": urls[1], "locked": urls[2], "down": "http://127.0.0.1:9/v1"}
    models = [
        {"model_name": name, "litellm_params": {"model": "openai/simulated/small", "api_base": url, "api_key": "none"}}
        for name, url in backends.items()
    ]
    poor = {"model": "openai/simulated/small", "api_base": urls[0], "api_key": "none", "input_cost_per_token": 1.0}
    models.append({"model_name": "poor", "litellm_params": {**poor, "max_budget": 1e-9, "budget_duration": "1d"}})
    config = {
        "model_list": models,
        "general_settings": {"master_key": KEY},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    command = [shutil.which("litellm"), "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    # The gateway would fetch a list of prices when it starts.
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with (folder / "log").open("w") as log:
        servers.append(subprocess.Popen(command, stdout=log, stderr=log, env=env, cwd=folder))
    try:
        await_answer(f"http://127.0.0.1:{port}/health/liveliness", folder / "log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        for server in reversed(servers):
            server.terminate()
            server.wait(timeout=PATIENCE)
            if server.stdout:
                server.stdout.close()


def await_answer(url, log):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.5)


def ask(url, *requests, key=KEY, **settings):
    """Return the reply or the error of each request, sent at the same time."""

    async def session():
        endpoint = Endpoint("gateway", url, {"api_key_env": "COLLIDE_GATEWAY_KEY", "timeout": 60, **settings})
        try:
            return await asyncio.gather(*map(endpoint.complete, requests), return_exceptions=True)
        finally:
            await endpoint.close()

    os.environ["COLLIDE_GATEWAY_KEY"] = key
    try:
        return asyncio.run(session())
    finally:
        del os.environ["COLLIDE_GATEWAY_KEY"]


def test_replies_are_those_of_the_simulator_and_say_that_they_are_simulated(gateway):
    requests = [dataclasses.replace(REQUEST, seed=seed) for seed in range(20)]
    found = ask(gateway, *requests)
    for request, reply in zip(requests, found, strict=True):
        expected = asyncio.run(Simulator().complete(dataclasses.replace(request, model="simulated/small")))
        assert (reply.text, reply.finish_reason) == (expected.text, expected.finish_reason)
        assert (reply.tokens_in, reply.tokens_out) == (expected.tokens_in, expected.tokens_out)
        assert reply.model.startswith("simulated/")


def test_a_wrong_key_is_read_as_one(gateway):
    (error,) = ask(gateway, REQUEST, key="sk-wrong-0123456789")
    assert isinstance(error, KeyRefused), repr(error)


def test_an_unknown_model_is_read_as_one(gateway):
    (error,) = ask(gateway, dataclasses.replace(REQUEST, model="unheard-of"))
    assert isinstance(error, ModelUnknown), repr(error)


def test_an_endpoint_behind_the_gateway_that_is_down_is_tried_again(gateway):
    (error,) = ask(gateway, dataclasses.replace(REQUEST, model="down"))
    assert isinstance(error, TransientError), repr(error)


def test_a_rate_limit_behind_the_gateway_is_an_overload(gateway):
    found = ask(gateway, *(dataclasses.replace(REQUEST, model="busy", seed=seed) for seed in range(3)), timeout=20)
    assert any(isinstance(error, TransientError) and error.overloaded for error in found), repr(found)


def test_a_key_that_the_endpoint_behind_the_gateway_refuses_stops_the_job(gateway):
    (error,) = ask(gateway, dataclasses.replace(REQUEST, model="locked"))
    assert isinstance(error, FatalError), repr(error)


def test_a_used_up_budget_of_the_gateway_is_about_money(gateway):
    poor = dataclasses.replace(REQUEST, model="poor")
    for _ in range(20):
        (found,) = ask(gateway, poor)
        if isinstance(found, Exception):
            break
        # The gateway counts the cost of a reply a moment later.
        time.sleep(0.5)
    assert isinstance(found, CreditUsedUp), repr(found)
