"""Six servers that answer as well as the simulator does, each with the ways of one kind of endpoint."""

import itertools
import json

from tools.http_server import build_error, build_reply, read_header
from tools.serve_simulator import describe_completion, read_request

from collide.simulator import Simulator

KEY = "sk-check-1234567890"


async def complete(body):
    """The decoded completion of the simulator under the requested name, without its mark: it stands for a real model."""
    reply = await Simulator().complete(read_request({**body, "model": "simulated/large"}))
    completion = describe_completion(reply) | {"model": body["model"], "id": ""}
    return change_message(completion, content=reply.text)


def change_message(completion, finish=None, **message):
    """The completion with other fields of its message."""
    (choice,) = completion["choices"]
    choice["message"] = {"role": "assistant", **message}
    choice["finish_reason"] = finish or choice["finish_reason"]
    return completion


class Router:
    """Sends calls to two providers, names the cost, and keeps the connection open with a comment before the reply."""

    def __init__(self):
        self.providers = itertools.cycle(["Alibaba", "DeepInfra"])

    async def respond(self, head, body):
        completion = await complete(json.loads(body)) | {"provider": next(self.providers)}
        completion["usage"] |= {"cost": 0.00002}
        return build_reply(200, b": OPENROUTER PROCESSING\n\n" + json.dumps(completion).encode())


class Hosted:
    """Wants a key, refuses `max_tokens` and `temperature` by name, and serves a dated version of the model."""

    async def respond(self, head, body):
        if read_header(head, "authorization") != f"Bearer {KEY}":
            return build_error(401, "Incorrect API key provided", "invalid_api_key")
        body = json.loads(body)
        if "max_tokens" in body:
            use = "Use 'max_completion_tokens' instead."
            return build_error(400, f"Unsupported parameter: 'max_tokens' is not supported with this model. {use}")
        if body.get("temperature", 1) != 1:
            return build_error(
                400,
                f"Unsupported value: 'temperature' does not support {body['temperature']} with this model. Only the default"
                " (1) value is supported.",
            )
        return build_reply(200, await complete(body) | {"model": f"{body['model']}-2026-01-31"})


class Laptop:
    """Serves a small model that continues the article, under the name of its file, unless it is given a JSON schema."""

    async def respond(self, head, body):
        body = json.loads(body)
        completion = await complete(body) | {"model": "tiny-135m.gguf"}
        if "rate the summary" in body["messages"][0]["content"] and "response_format" not in body:
            change_message(completion, content="The bridge is open to cyclists, the council said.")
        return build_reply(200, completion)


class Puller:
    """Has no model of the requested name."""

    async def respond(self, head, body):
        return build_error(404, f"model '{json.loads(body)['model']}' not found")


class Strict:
    """Refuses long replies and a field without naming the field, and reports no tokens."""

    async def respond(self, head, body):
        body = json.loads(body)
        if body.get("max_tokens", 0) > 8192:
            return build_error(400, "Invalid value, the valid range is [1, 8192]", "invalid_request_error")
        if "seed" in body:
            return build_error(400, "The request failed validation", "invalid_request_error")
        return build_reply(200, await complete(body) | {"usage": None})


class Reasoner:
    """Serves a model that reasons, and has used up its tokens before a judge's answer."""

    async def respond(self, head, body):
        body = json.loads(body)
        completion = await complete(body)
        if body["max_tokens"] < 1000:
            change_message(completion, "length", content=None, reasoning_content="The user wants a rating. " * 40)
            completion["usage"]["completion_tokens"] = body["max_tokens"]
        else:
            text = completion["choices"][0]["message"]["content"]
            change_message(completion, content=f"<think>\nLet me see.\n</think>\n\n{text}")
            completion["usage"]["completion_tokens"] += 900
        return build_reply(200, completion)


SERVERS = {"router": Router, "hosted": Hosted, "laptop": Laptop, "puller": Puller, "strict": Strict, "reasoner": Reasoner}


class Failing:
    """Answers every request with the same reply, or with the completion if `reply` is None."""

    def __init__(self, reply=None, **message):
        self.reply, self.message, self.requests = reply, message, 0

    async def respond(self, head, body):
        self.requests += 1
        if self.reply is not None:
            return self.reply
        completion = await complete(json.loads(body))
        return build_reply(200, change_message(completion, **self.message) if self.message else completion)
