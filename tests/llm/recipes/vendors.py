"""Local servers that refuse and answer as the documentation of a vendor or server says, for the recipes of docs/endpoints.md.

Each answers `ANSWER` in its own form, to the requests that it accepts. A model that was not asked to be quiet reasons instead.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.http_server import build_reply, read_header

ANSWER = '{"fluency": 4}'
KEY = "sk-recipe-0123456789"
THOUGHT = "The summary might deserve a 5."
# Refusals as (status, message, type or code).
Refusal = tuple[int, str, str]


def complete(text, finish="stop", **message):
    """Return a completion in the form of the OpenAI API."""
    return {
        "id": "chatcmpl-0123456789abcdef0123",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "served-model",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, **message},
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        "usage": {"prompt_tokens": 300, "completion_tokens": 8, "total_tokens": 308},
    }


@dataclass(frozen=True)
class Vendor:
    """A server: the target of a completion, the header of its key ("" for none), and its refusals and answers.

    `refuse(body)` returns a refusal or None, `answer(body)` the completion or the whole body as bytes. `models` maps a name to
    the error for any other name.
    """

    target: str
    models: tuple[str, ...]
    refuse: Callable[[dict], Refusal | None] = lambda body: None
    answer: Callable[[dict], object] = lambda body: complete(ANSWER)
    key_header: str = "authorization"
    unknown_model: Refusal = (404, "The model does not exist", "model_not_found")
    requests: list = field(default_factory=list)

    async def respond(self, head, body):
        """Return the reply to any request."""
        refusal = self.find_refusal(head, json.loads(body))
        self.requests.append((head, json.loads(body)))
        if refusal:
            status, message, code = refusal
            return build_reply(status, {"error": {"message": message, "type": code, "param": None, "code": code}})
        return build_reply(200, self.answer(json.loads(body)))

    def find_refusal(self, head, body):
        """Return the refusal of a request, or None."""
        if head.split(" ")[:2] != ["POST", self.target]:
            return 404, "Resource not found", "404"
        if self.key_header:
            expected = f"Bearer {KEY}" if self.key_header == "authorization" else KEY
            if read_header(head, self.key_header) != expected:
                return 401, "Incorrect API key provided", "invalid_api_key"
        elif read_header(head, "authorization"):
            return 500, "a key was sent to a server that needs none", "test"
        if body["model"] not in self.models:
            return self.unknown_model
        if body.get("stream"):
            return 500, "a stream was requested", "test"
        return self.refuse(body)


def refuse_at_openrouter(body):
    """Only one provider serves the model, in one format; the router finds no other where fallbacks are refused."""
    wanted = body.get("provider", {})
    if wanted.get("order", ["fireworks"]) != ["fireworks"] or wanted.get("quantizations", ["fp8"]) != ["fp8"]:
        return 404, "No allowed providers are available for the selected model.", "404"
    return None


def answer_at_openrouter(body):
    """A slow provider: comment lines keep the connection open. Without a pinned provider any of them may answer."""
    quiet = body.get("reasoning", {}).get("enabled") is False
    pinned = body.get("provider", {}).get("allow_fallbacks") is False
    reply = complete(ANSWER, native_finish_reason="stop") if quiet else complete("", "length", reasoning=THOUGHT)
    reply |= {"provider": "Fireworks" if pinned else "Another"}
    reply["usage"] |= {"cost": 0.00002, "prompt_tokens_details": {"cached_tokens": 0}}
    return b"\n: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" + json.dumps(reply).encode()


def refuse_at_openai(body):
    """Models that reason know no max_tokens, and a temperature only where reasoning is off."""
    known = {"model", "messages", "temperature", "max_tokens", "max_completion_tokens", "seed", "response_format"}
    for name in body.keys() - known - {"reasoning_effort"}:
        return 400, f"Unrecognized request argument supplied: {name}", "invalid_request_error"
    if body["model"] == "gpt-4.1-mini":
        return None
    if "max_tokens" in body:
        message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        return 400, message, "unsupported_parameter"
    effort = body.get("reasoning_effort")
    if effort == "none" and body["model"] == "gpt-5-mini":
        message = "Unsupported value: 'reasoning_effort' does not support 'none' with this model."
        return 400, f"{message} Supported values are: 'minimal', 'low', 'medium', and 'high'.", "unsupported_value"
    if body.get("temperature", 1) != 1 and effort != "none":
        message = f"Unsupported value: 'temperature' does not support {body['temperature']} with this model."
        return 400, f"{message} Only the default (1) value is supported.", "unsupported_value"
    return None


def answer_at_openai(body):
    """Reasoning uses up a short limit; its tokens are within completion_tokens."""
    quiet = body["model"] == "gpt-4.1-mini" or body.get("reasoning_effort") in {"none", "minimal"}
    reply = complete(ANSWER, refusal=None, annotations=[]) if quiet else complete("", "length", refusal=None)
    reply["usage"]["completion_tokens_details"] = {"reasoning_tokens": 0 if quiet else 8, "audio_tokens": 0}
    return reply | {"service_tier": "default", "system_fingerprint": "fp_0"}


def refuse_at_anthropic(body):
    """Opus refuses a temperature; the endpoint ignores seed and response_format."""
    if body["model"] == "claude-opus-4-7" and "temperature" in body:
        return 400, "`temperature` is deprecated for this model.", "invalid_request_error"
    if body.get("temperature", 0) > 1:
        return 400, "temperature: range: 0..1", "invalid_request_error"
    return None


def answer_at_deepseek(body):
    """Reasoning is on unless disabled. Empty lines keep the connection open."""
    quiet = body.get("thinking") == {"type": "disabled"}
    reply = complete(ANSWER) if quiet else complete("", "length", reasoning_content=THOUGHT)
    reply["usage"] |= {"prompt_cache_hit_tokens": 256, "prompt_cache_miss_tokens": 44}
    return b"\n\n\n" + json.dumps(reply).encode()


def refuse_at_dashscope(body):
    """Open Qwen3 models reason in streams only, and have a limit of their replies."""
    if body.get("enable_thinking") is not False:
        message = "parameter.enable_thinking must be set to false for non-streaming calls"
        return 400, message, "invalid_parameter_error"
    if body["max_tokens"] > 8192:
        message = "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]"
        return 400, message, "invalid_parameter_error"
    return None


def answer_with_split_reasoning(name):
    """Return the answers of a server that splits off reasoning, and a reply without reasoning as a whole, as `name`."""

    def answer(body):
        quiet = body.get("chat_template_kwargs", {}).get("enable_thinking") is False
        finish = "stop" if quiet else "length"
        return complete(None, finish, tool_calls=[], **{name: ANSWER if quiet else THOUGHT})

    return answer


def answer_at_llama_cpp(body):
    """Reasoning is split off; timings stand beside the usage."""
    quiet = body.get("chat_template_kwargs", {}).get("enable_thinking") is False
    reply = complete(ANSWER) if quiet else complete("", "length", reasoning_content=THOUGHT)
    return reply | {"timings": {"prompt_n": 300, "predicted_ms": 12.5, "cache_n": 0}}


def answer_at_ollama(body):
    """Reasoning is on unless the effort is none."""
    return complete(ANSWER) if body.get("reasoning_effort") == "none" else complete("", "length", reasoning=THOUGHT)


def refuse_at_litellm(body):
    """The proxy knows which fields the vendor behind it has."""
    if "seed" in body:
        message = (
            "litellm.UnsupportedParamsError: anthropic does not support parameters: ['seed'], for model=claude-sonnet-4-6."
        )
        return 400, f"{message} To drop these, set `litellm.drop_params=True`", "None"
    return None


def answer_at_azure(body):
    """Results of the content filter stand in the reply."""
    reply = complete(ANSWER, refusal=None)
    reply["choices"][0]["content_filter_results"] = {"hate": {"filtered": False, "severity": "safe"}}
    return reply | {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}


LOCAL_MODEL = (404, 'model "other" not found, try pulling it first', "not_found_error")
# By the heading of the recipe; Azure has an endpoint for each of its two models.
VENDORS = {
    "OpenRouter": Vendor(
        "/api/v1/chat/completions", ("qwen/qwen3-8b",), refuse_at_openrouter, answer_at_openrouter,
        unknown_model=(400, "other is not a valid model ID", "400"),
    ),
    "OpenAI": Vendor(
        "/v1/chat/completions", ("gpt-4.1-mini", "gpt-5.1", "gpt-5-mini"), refuse_at_openai, answer_at_openai,
        unknown_model=(404, "The model `other` does not exist or you do not have access to it.", "model_not_found"),
    ),
    "Anthropic": Vendor(
        "/v1/chat/completions", ("claude-sonnet-4-6", "claude-opus-4-7"), refuse_at_anthropic,
        unknown_model=(404, "model: other", "not_found_error"),
    ),
    "DeepSeek": Vendor(
        "/chat/completions", ("deepseek-v4-flash", "deepseek-v4-pro"), answer=answer_at_deepseek,
        unknown_model=(400, "Model Not Exist", "invalid_request_error"),
    ),
    "DashScope": Vendor(
        "/compatible-mode/v1/chat/completions", ("qwen3-8b", "qwen3-235b-a22b"), refuse_at_dashscope,
        unknown_model=(404, "The model `other` does not exist or you do not have access to it.", "model_not_found"),
    ),
    "vLLM": Vendor("/v1/chat/completions", ("Qwen/Qwen3-8B",), answer=answer_with_split_reasoning("reasoning"), key_header=""),
    "SGLang": Vendor(
        "/v1/chat/completions", ("Qwen/Qwen3-8B",), answer=answer_with_split_reasoning("reasoning_content"), key_header=""
    ),
    "llama.cpp": Vendor("/v1/chat/completions", ("qwen3-8b",), answer=answer_at_llama_cpp, key_header=""),
    "Ollama": Vendor("/v1/chat/completions", ("qwen3:8b",), answer=answer_at_ollama, key_header="", unknown_model=LOCAL_MODEL),
    "LiteLLM proxy": Vendor(
        "/v1/chat/completions", ("claude-sonnet",), refuse_at_litellm,
        unknown_model=(400, "/chat/completions: Invalid model name passed in model=other. Call `/v1/models`", "None"),
    ),
    "Azure OpenAI": Vendor("/openai/v1/chat/completions", ("my-gpt",), answer=answer_at_azure, key_header="api-key"),
}  # fmt: skip
AZURE_DATED = Vendor(
    "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21",
    ("my-gpt",),
    answer=answer_at_azure,
    key_header="api-key",
)


def read_recipes(text):
    """Return the YAML blocks of docs/endpoints.md by heading."""
    sections = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return {heading: "".join(re.findall(r"^```yaml\n(.*?)^```", body, re.MULTILINE | re.DOTALL)) for heading, body in sections}
