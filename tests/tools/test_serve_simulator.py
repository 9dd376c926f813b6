"""The simulator behind HTTP: replies equal those in the process, and stay marked behind a gateway."""

import asyncio
import dataclasses
import json

import pytest
from tools.http_server import HttpServer, build_reply
from tools.serve_simulator import ServedSimulator

from collide.llm.request import Request
from collide.llm.transport.endpoint import Endpoint
from collide.simulator import Simulator

JUDGE = Request(
    "served",
    "simulated/small",
    ({"role": "user", "content": "<article>\nA.\n</article>\n\n<summary>\nB.\n</summary>"},),
    0.1,
    9,
    7,
    1,
)
# A request that is none of the pipeline's, and one that a limit of tokens cuts off.
REQUESTS = [
    JUDGE,
    dataclasses.replace(JUDGE, messages=({"role": "user", "content": "Hello"},)),
    dataclasses.replace(JUDGE, max_tokens=1),
]


def rename_model(pieces):
    """The reply as a gateway passes it on that has names, ids and fields of its own."""
    reply = json.loads(pieces[0].partition(b"\r\n\r\n")[2])
    choice = {"index": 0, "message": reply["choices"][0]["message"], "finish_reason": reply["choices"][0]["finish_reason"]}
    return build_reply(200, {"id": "gateway", "model": "my-judge", "choices": [choice], "usage": reply["usage"]})


def ask(request, gateway):
    served = ServedSimulator(latency=0.0, max_in_flight=0, key="", error_rate=0.0)

    async def respond(head, body):
        return gateway(await served.respond(head, body))

    async def session():
        async with HttpServer(respond) as server:
            endpoint = Endpoint("served", server.url, {})
            try:
                return await endpoint.complete(request)
            finally:
                await endpoint.close()

    return asyncio.run(session())


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize(
    ("gateway", "model"), [(lambda pieces: pieces, "simulated/small"), (rename_model, "simulated/my-judge")]
)
def test_a_served_reply_is_that_of_the_process_and_says_that_it_is_simulated(request_, gateway, model):
    expected, found = asyncio.run(Simulator().complete(request_)), ask(request_, gateway)
    assert (found.text, found.finish_reason, found.tokens_out) == (expected.text, expected.finish_reason, expected.tokens_out)
    assert found.model == model
