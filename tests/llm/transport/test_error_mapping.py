"""Error classes by error reply, against a server that sends it. docs/faults.md has the table."""

import datetime
import email.utils
import time

import pytest

from collide.llm.transport.errors import (
    CreditUsedUp,
    FatalError,
    FieldRefused,
    KeyRefused,
    LimitRefused,
    ModelUnknown,
    RejectedError,
    SwitchRefused,
    TransientError,
    UnclearRefusal,
    WrongAddress,
)

from ...patience import PATIENCE
from .asking import ask
from .fault_server import GOOD, RESET, SILENCE, FaultServer, error, good, http, unfinished

PAST = "Mon, 01 Jan 2024 00:00:00 GMT"
WELL = good()


def inside(**shown):
    """A reply with status 200 and an error in its body."""
    return http(200, {"error": shown})


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ([RESET], "cannot be reached, or closed the connection"),
        ([unfinished(WELL), RESET], "closed the connection"),
        ([unfinished(WELL, 0.2), RESET], "closed the connection"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], "closed the connection"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: ", b"x" * 20_000, b"\r\n\r\n{}"], "closed the connection"),
        (error(408, "too slow"), "answered 408"),
        (error(409, "conflict"), "answered 409"),
        (error(425, "too early"), "answered 425"),
        (error(429, "slow down", ""), "answered 429"),
        (error(429, "Quota exceeded: 60 requests per minute"), "answered 429"),
        (error(429, "You exceeded your quota, check your plan and billing. Please retry in 34.2s."), "answered 429"),
        (error(400, "Provider returned error"), "answered 400"),
        (error(498, "capacity"), "answered 498"),
        (error(499, "client closed"), "answered 499"),
        (error(500, "oops"), "answered 500"),
        (http(502, b"<html>Bad  gateway</html>", kind="text/html"), "answered 502: <html>Bad gateway</html>"),
        (error(503, "overloaded"), "answered 503"),
        (error(529, "overloaded"), "answered 529"),
        (inside(message="upstream died", code=502), "answered 502: upstream died"),
        (inside(message="slow down", code="rate_limit_exceeded"), "answered 429: slow down"),
        (inside(message="busy", type="overloaded_error"), "answered 529: busy"),
        (inside(message="upstream died", code=0), "answered 200 with an error inside: upstream died"),
        (inside(message="upstream died", code="²"), "answered 200 with an error inside: upstream died"),
        (inside(message="upstream died", code=200), "answered 200 with an error inside: upstream died"),
        (http(200, {"error": "upstream died"}), "answered 200 with an error inside: upstream died"),
        (good(choices=[{"error": {"message": "cut", "code": 502}, "message": {"content": ""}}]), "answered 502: cut"),
        (http(200, b"<html><body>maintenance</body></html>", kind="text/html"), "starting '<html><body>maintenance"),
        (http(200, b""), "a body that is empty"),
        (http(200, {"choices": []}), "no chat completion"),
        (http(200, []), "no chat completion"),
    ],
)
def test_errors_that_may_pass_are_transient(reply, says):
    with pytest.raises(TransientError) as caught:
        ask(reply)
    assert says in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize("reply", [[SILENCE], [unfinished(WELL, 0.6), SILENCE], [0.4, *WELL]])
def test_a_reply_slower_than_the_timeout_is_a_transient_error(reply):
    with pytest.raises(TransientError, match=r"no reply within 0\.2 s"):
        ask(reply, timeout=0.2)


def test_a_refused_connection_is_a_transient_error():
    class Nobody(FaultServer):
        async def __aenter__(self):
            await super().__aenter__()
            self.stop_listening()
            return self

    with pytest.raises(TransientError, match="cannot be reached"):
        ask(good(), server=Nobody(good()))


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (error(401, "bad key"), "the key is not accepted"),
        (error(403, "not allowed"), "the key is not accepted"),
        (error(403, "Your account was flagged"), "the key is not accepted"),
        (error(404, "no model model/a"), "check the model's name 'model/a'"),
        (error(402, "pay first"), "quota or credit is used up"),
        (error(429, "You exceeded your quota", "insufficient_quota"), "quota or credit is used up"),
        (inside(message="Insufficient credits", code=402), "quota or credit is used up"),
        (inside(message="You exceeded your current quota", code="insufficient_quota"), "quota or credit is used up"),
        (inside(message="Incorrect key", code="invalid_api_key", type="invalid_request_error"), "the key is not accepted"),
        (inside(message="no such model", code="model_not_found"), "check the model's name 'model/a'"),
        (error(403, "Key limit exceeded (monthly)"), "quota or credit is used up"),
        (error(400, "Your credit balance is too low to access the API"), "quota or credit is used up"),
        (error(400, "Budget has been exceeded! Current cost: 0.2, Max budget: 0.1"), "quota or credit is used up"),
        (error(429, "ExceededBudget: over budget"), "quota or credit is used up"),
        (error(400, "Authentication Error, Invalid proxy server token passed"), "the key is not accepted"),
        (error(400, "No connected db.", "no_db_connection"), "the key is not accepted"),
        (error(400, "Invalid model name passed in model=model/a"), "check the model's name 'model/a'"),
    ],
)
def test_errors_that_no_retry_can_fix_are_fatal(reply, says):
    with pytest.raises(FatalError) as caught:
        ask(reply)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(401, "bad key"), KeyRefused),
        (error(402, "pay first"), CreditUsedUp),
        (error(404, "The model `a` does not exist"), ModelUnknown),
        (error(400, "Invalid model name passed in model=model/a"), ModelUnknown),
        (http(404, {"detail": "Not Found"}), WrongAddress),
        (error(404, "File Not Found"), WrongAddress),
        (error(400, "unknown field seed"), FieldRefused),
    ],
)
def test_a_fatal_error_tells_by_its_class_what_the_user_can_change(reply, kind):
    with pytest.raises(kind):
        ask(reply)


@pytest.mark.parametrize(
    ("message", "setting"),
    [
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "max_tokens: max_completion_tokens",
        ),
        ("Unsupported value: 'temperature' does not support 0.1 with this model. Only the default (1) is", "temperature: null"),
        ("temperature: Extra inputs are not permitted", "temperature: null"),
        ("`temperature` is deprecated for this model.", "temperature: null"),
        ("property 'seed' is unsupported", "seed: null"),
        ("UnsupportedParamsError: openai does not support parameters: ['seed'], for model=a", "seed: null"),
        ("unknown field seed", "seed: null"),
    ],
)
def test_a_refused_field_names_the_line_of_the_configuration(message, setting):
    for reply in (error(400, message), http(422, {"detail": message})):
        with pytest.raises(FatalError) as caught:
            ask(reply)
        assert f"write `fields: {{{setting}}}` beside `name: model/a` in config.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("message", "switch"),
    [
        ("Unrecognized request argument supplied: reasoning", "none"),
        ("parameter.enable_thinking must be set to false for non-streaming calls", "enable_thinking"),
    ],
)
def test_a_refused_switch_of_reasoning_names_the_line_of_the_configuration(message, switch):
    with pytest.raises(SwitchRefused, match=f"write `thinking_off: {switch}` beside `name: model/a` in config.yaml") as caught:
        ask(error(400, message))
    assert caught.value.switch == switch


@pytest.mark.parametrize(
    ("message", "most"),
    [
        ("<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 50]", 50),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192),
        ("max_tokens is too large: 20000. This model supports at most 16384 completion tokens, you provided 20000.", 16384),
        ("max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for claude", 8192),
        ("The parameter max_tokens is not valid: integer above maximum value, expected a value <= 32768, but got 64000", 32768),
        (
            "maximum context length is 8192 tokens, you requested 16884 tokens (500 in the messages, 16384 in the completion)",
            8192,
        ),
        ("'max_tokens' is too large: 16384. This model's maximum context length is 8192 tokens (16384 > 8192 - 500)", 8192),
    ],
)
def test_a_reply_that_is_longer_than_any_reply_of_the_model_stops_the_job_and_names_the_limit(message, most):
    with pytest.raises(LimitRefused, match=rf"at most {most} tokens: lower `max_tokens` in config.yaml \(roles\)") as caught:
        ask(error(400, message))
    assert caught.value.most == most


def test_a_reply_that_would_fit_beside_a_shorter_prompt_is_missing_for_this_prompt_alone():
    message = "maximum context length is 32768 tokens, you requested 33000 (32000 in the messages, 1000 in the completion)"
    with pytest.raises(RejectedError):
        ask(error(400, message))


@pytest.mark.parametrize("reply", [error(400, "the request is odd"), error(422, "max_tokens is too large: 100")])
def test_a_refusal_without_a_known_cause_is_unclear(reply):
    with pytest.raises(UnclearRefusal, match="answered 4"):
        ask(reply)


@pytest.mark.parametrize(
    "reply",
    [
        error(400, "data_inspection_failed"),
        error(400, "Content Exists Risk"),
        error(400, "PROHIBITED_CONTENT"),
        error(400, "the request exceeds the available context size, try increasing it"),
        error(400, "The prompt (total length 9000) is longer than the maximum model length of 4096"),
        error(400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"),
        error(413, "prompt too long"),
        error(400, "blocked by content filter", "content_filter"),
        error(400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy"),
        error(403, "Your chosen model requires moderation and your input was flagged"),
        error(403, "Your input on credit cards was flagged"),
        inside(message="too many tokens", code="context_length_exceeded"),
        http(200, {"error": "maximum context length is 8192 tokens"}),
        http(400, {"error": {"message": "Provider returned error", "metadata": {"raw": "prompt is too long: 9000 tokens"}}}),
    ],
)
def test_a_request_refused_for_its_content_is_rejected(reply):
    with pytest.raises(RejectedError):
        ask(reply)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Retry-After: 3"], 3.0),
        (["Retry-After: 0.5"], 0.5),
        ([f"Retry-After: {PAST}"], 0.0),
        (["Retry-After: Mon, 01 Jan 2024 00:00:00 -0000"], 0.0),
        (["Retry-After: soon"], None),
        (["Retry-After: Mon, 01 Jan 99999999999999999999 00:00:00 GMT"], None),
        ([], None),
        (["x-ratelimit-remaining-requests: 0", "x-ratelimit-reset-requests: 30s"], 30.0),
        (["x-ratelimit-reset-tokens: 1m2s"], 62.0),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 7"], 7.0),
        (["x-ratelimit-remaining-requests: 9", "x-ratelimit-reset-requests: 24h"], None),
        (["llm_provider-retry-after: 9"], 9.0),
        (["Retry-After: 3", "x-ratelimit-remaining: 0", "x-ratelimit-reset: 7"], 3.0),
    ],
)
def test_the_wait_that_an_endpoint_asks_for_is_read(headers, seconds):
    with pytest.raises(TransientError) as caught:
        ask(error(429, "slow down", "", *headers))
    assert caught.value.retry_after == seconds
    assert caught.value.overloaded


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("quota, billing: please retry in 34.2s", 34.2),
        ('"retryDelay": "34s"', 34.0),
        ("Please try again in 1m2s", 62.0),
        ("try again in 20 seconds.", 20.0),
        ("try again after 2 minutes", 120.0),
        ("try again in 350ms", 0.35),
        ("try again in 350 milliseconds", 0.35),
        ("try again later", None),
    ],
)
def test_the_wait_that_a_message_asks_for_is_read(message, seconds):
    with pytest.raises(TransientError) as caught:
        ask(error(429, message))
    assert caught.value.retry_after == (seconds and pytest.approx(seconds))


def test_a_wait_until_a_date_is_read():
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    with pytest.raises(TransientError) as caught:
        ask(error(503, "later", "", f"Retry-After: {email.utils.format_datetime(later, usegmt=True)}"))
    assert caught.value.retry_after == pytest.approx(86_400, abs=PATIENCE)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["x-ratelimit-remaining-requests: 0", "x-ratelimit-reset-requests: 1m2s"], 62.0),
        (["x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: 20ms"], 0.02),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 7"], 7.0),
        (["x-ratelimit-remaining-requests: 0"], 0.0),
        (["x-ratelimit-remaining-requests: 3", "x-ratelimit-reset-requests: 1m2s"], 0.0),
        (["x-ratelimit-reset-requests: 1m2s"], 0.0),
        ([], 0.0),
    ],
)
def test_a_used_up_limit_in_the_headers_asks_for_a_pause(headers, seconds):
    reply, _ = ask(http(200, GOOD, *headers))
    assert reply.pause_seconds == seconds


def test_a_used_up_limit_may_be_reset_at_a_time_in_milliseconds():
    reset = 1000 * (time.time() + 86_400)
    reply, _ = ask(http(200, GOOD, "X-RateLimit-Remaining: 0", f"X-RateLimit-Reset: {reset:.0f}"))
    assert reply.pause_seconds == pytest.approx(86_400, abs=PATIENCE)
