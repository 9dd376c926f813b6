"""Behaviours that people reported of real endpoints, each tried against a server that behaves so. docs/faults.md has the table."""

import json
import re
from pathlib import Path

import pytest

from collide.llm.transport.errors import (
    CreditUsedUp,
    FatalError,
    FieldRefused,
    KeyRefused,
    ModelUnknown,
    ProviderError,
    RejectedError,
    SwitchRefused,
    TransientError,
    UnclearRefusal,
    WrongAddress,
)

from .asking import ask
from .fault_server import GOOD, content, error, good, http

DOCUMENT = Path(__file__).parents[3] / "docs/faults.md"
READ, EMPTY = "reads the reply", "samples again"
# The words of the table, and the class of the error that leads to them.
ERRORS = {
    "tries again": TransientError,
    "records it as missing": RejectedError,
    "missing if others are answered, otherwise stops": UnclearRefusal,
    "stops: credit": CreditUsedUp,
    "stops: key": KeyRefused,
    "stops: model": ModelUnknown,
    "stops: address": WrongAddress,
    "stops: `fields`": FieldRefused,
    "stops: `thinking_off`": SwitchRefused,
    "stops: `stream`": FatalError,
}
TEXT = json.dumps(GOOD)
PARTS = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "4"}]


def message(status, text, kind=""):
    """An error in the form {"error": {"message": ..., "type": ...}}."""
    return http(status, {"error": {"message": text, "type": kind}})


# One line each, as in the table.
# fmt: off
BEHAVIOURS = [
    ("OpenRouter", "comment lines before the JSON, while the model is slow", http(200, f": OPENROUTER PROCESSING\n\n{TEXT}".encode()), READ),
    ("OpenRouter", "status 200 with error 502 in the body", http(200, {"error": {"code": 502, "message": "Upstream error"}}), "tries again"),
    ("OpenRouter", "an error in the first choice, beside an empty message", good(choices=[{"error": {"code": 429, "message": "slow"}, "message": {"content": ""}}]), "tries again"),
    ("OpenRouter", "400 with nothing but \"Provider returned error\"", error(400, "Provider returned error"), "tries again"),
    ("OpenRouter", "402 for credits", message(402, "This request requires more credits"), "stops: credit"),
    ("OpenRouter", "403 for the monthly limit of a key", message(403, "Key limit exceeded (monthly limit)"), "stops: credit"),
    ("OpenRouter", "403 for input that moderation flagged", message(403, "Your chosen model requires moderation and your input was flagged"), "records it as missing"),
    ("OpenRouter", "404 for a model without endpoints", message(404, "No endpoints found for vendor/a"), "stops: model"),
    ("OpenRouter", "503 without a provider that fits the routing", message(503, "There is no available model provider"), "tries again"),
    ("OpenRouter", "400 for a name of no model", message(400, "model/a is not a valid model ID"), "stops: model"),
    ("OpenAI", "400 for `max_tokens`", message(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."), "stops: `fields`"),
    ("OpenAI", "400 for `temperature`", message(400, "Unsupported value: 'temperature' does not support 0.1 with this model."), "stops: `fields`"),
    ("OpenAI", "429 for a used-up quota", error(429, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota"), "stops: credit"),
    ("OpenAI", "429 for a limit per minute that names the wait", message(429, "Rate limit reached for model/a on tokens per min (TPM). Please try again in 1.2s."), "tries again"),
    ("OpenAI", "400 for a prompt that breaks the usage policy", message(400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy"), "records it as missing"),
    ("OpenAI", "a refusal beside an empty content", content(None, refusal="I cannot help."), EMPTY),
    ("Anthropic", "400 for the credit balance", message(400, "Your credit balance is too low to access the API."), "stops: credit"),
    ("Anthropic", "529 when it is overloaded", message(529, "Overloaded", "overloaded_error"), "tries again"),
    ("Anthropic", "400 for `temperature`", message(400, "`temperature` is deprecated for this model."), "stops: `fields`"),
    ("Anthropic", "400 for a prompt that is too long", message(400, "prompt is too long: 210000 tokens > 200000 maximum"), "records it as missing"),
    ("Anthropic", "401 for a wrong key", message(401, "invalid x-api-key", "authentication_error"), "stops: key"),
    ("DeepSeek", "400 for risky content", message(400, "Content Exists Risk"), "records it as missing"),
    ("DeepSeek", "402 for the balance", message(402, "Insufficient Balance"), "stops: credit"),
    ("DeepSeek", "blank lines before the JSON, while the request waits", http(200, f"\n\n\n{TEXT}".encode()), READ),
    ("DeepSeek", "reasoning without an answer", content("", "length", reasoning_content="hm"), EMPTY),
    ("DeepSeek", "an empty body", http(200, b""), "tries again"),
    ("DashScope", "400 for content that inspection refused", message(400, "Input data may contain inappropriate content.", "data_inspection_failed"), "records it as missing"),
    ("DashScope", "400 for thinking without a stream", message(400, "parameter.enable_thinking must be set to false for non-streaming calls"), "stops: `thinking_off`"),
    ("DashScope", "400 of a model that only streams", message(400, "This model only support stream mode, please enable the stream parameter to access the model."), "stops: `stream`"),
    ("DashScope", "429 for requests in a burst", message(429, "Requests rate limit exceeded, please try again later.", "limit_requests"), "tries again"),
    ("Gemini", "429 about quota and billing that asks for 34 s", message(429, "You exceeded your current quota, please check your plan and billing details. Please retry in 34.2s."), "tries again"),
    ("Gemini", "400 for prohibited content", message(400, "PROHIBITED_CONTENT"), "records it as missing"),
    ("Gemini", "a wrong key as 400", message(400, "API key not valid. Please pass a valid API key."), "stops: key"),
    ("Azure", "400 of the content filter", error(400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "content_filter"), "records it as missing"),
    ("Azure", "404 for an unknown deployment", message(404, "The API deployment for this resource does not exist"), "stops: model"),
    ("Mistral", "content in parts, reasoning among them", good(choices=[{"message": {"content": PARTS}, "finish_reason": "stop"}]), READ),
    ("Mistral", "422 for a field that it does not know", http(422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}), "stops: `fields`"),
    ("Groq", "498 when its capacity is exceeded", message(498, "capacity exceeded"), "tries again"),
    ("Cloudflare", "502 with a page of HTML", http(502, b"<html>Bad gateway</html>", kind="text/html"), "tries again"),
    ("Cloudflare", "200 with a page of HTML", http(200, b"<html>Just a moment</html>", kind="text/html"), "tries again"),
    ("vLLM", "400 for a prompt above the context", message(400, "This model's maximum context length is 4096 tokens. However, your request has 9000 input tokens."), "records it as missing"),
    ("vLLM", "404 for an unknown model", message(404, "The model `model/a` does not exist."), "stops: model"),
    ("SGLang", "400 for a prompt above the context", message(400, "The input (9000 tokens) is longer than the model's context length (4096 tokens)."), "records it as missing"),
    ("llama.cpp", "400 for a prompt above the context", message(400, "the request exceeds the available context size, try increasing it"), "records it as missing"),
    ("llama.cpp", "503 while the model loads", message(503, "Loading model"), "tries again"),
    ("Ollama", "404 for a model that is not pulled", message(404, "model 'model/a' not found"), "stops: model"),
    ("Ollama", "reasoning in a field of its own, without an answer", content("", reasoning="hm"), EMPTY),
    ("LiteLLM", "400 for a wrong key", message(400, "Authentication Error, Invalid proxy server token passed."), "stops: key"),
    ("LiteLLM", "400 for an unknown model", message(400, "Invalid model name passed in model=model/a. Call `/v1/models` to view available models for your key."), "stops: model"),
    ("LiteLLM", "400 for a budget", message(400, "Budget has been exceeded! Current cost: 0.2, Max budget: 0.1", "budget_exceeded"), "stops: credit"),
    ("LiteLLM", "429 for a budget", message(429, "ExceededBudget: User over budget"), "stops: credit"),
    ("LiteLLM", "429 without a deployment, with the wait", message(429, "No deployments available for selected model, Try again in 5 seconds."), "tries again"),
    ("LiteLLM", "400 for a field that the model lacks", message(400, "litellm.UnsupportedParamsError: openai does not support parameters: ['seed'], for model=a"), "stops: `fields`"),
    ("gateways", "a byte order mark before the JSON", http(200, f"\ufeff{TEXT}".encode()), READ),
    ("gateways", "zero bytes after the JSON", http(200, f"{TEXT}\0\0".encode()), READ),
    ("gateways", "a stream of events, though none was requested", http(200, f"data: {TEXT}\n\ndata: [DONE]\n\n".encode(), kind="text/event-stream"), READ),
    ("gateways", "a redirect to another host", http(307, {}, "Location: https://example.org/v1/chat/completions"), "stops: address"),
    ("gateways", "499 when they closed the connection", message(499, "client closed request"), "tries again"),
    ("gateways", "400 for no stated reason", message(400, "Bad request"), "missing if others are answered, otherwise stops"),
]
# fmt: on


@pytest.mark.parametrize(
    ("endpoint", "behaviour", "reply", "reaction"), BEHAVIOURS, ids=[f"{b[0]}, {b[1]}" for b in BEHAVIOURS]
)
def test_a_reported_behaviour_has_the_reaction_of_the_table(endpoint, behaviour, reply, reaction):
    if reaction in {READ, EMPTY}:
        assert ask(reply)[0].text == ("4" if reaction == READ else "")
        return
    with pytest.raises(ProviderError) as caught:
        ask(reply)
    assert type(caught.value) is ERRORS[reaction] or (reaction == "tries again" and isinstance(caught.value, TransientError))


def test_the_table_has_forty_behaviours_or_more_and_holds_each_of_them():
    table = DOCUMENT.read_text(encoding="utf-8").partition("<!-- reported -->")[2]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    assert [row for row in rows if row[0] not in {"endpoint", "---"}] == [(a, b, d) for a, b, _, d in BEHAVIOURS]
    assert len(BEHAVIOURS) >= 40
