"""Send the sample calls of one model, work around what its endpoint refuses, and keep what came back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from collide.cost.usage import CUT_OFF
from collide.llm.client import LimitedProvider
from collide.llm.replies.thinking_switches import THINKING_SWITCHES
from collide.llm.request import Call, CutOffText, Model, Reply, Request, UnusableReply, build_request
from collide.llm.transport.errors import (
    FieldRefused,
    LimitRefused,
    ProviderError,
    RejectedError,
    SwitchRefused,
    TransientError,
    UnclearRefusal,
)
from collide.llm.transport.rate_limiter import CallLimiter
from collide.llm.transport.retries import choose_pause

# Seconds for which a call is tried again. A limit per minute resets within this time.
PATIENCE_SECONDS = 75.0
# Tries of a call after other failures than a limit: an endpoint that is down is not down for seconds only.
MOST_TRIES = 3
# Every model can write this many tokens. The replies to the sample calls are shorter.
ACCEPTED_MAX_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class SampleCall:
    """A call whose reply shows whether a model can play a role. `parse` raises UnusableReply as in a job."""

    call: Call
    parse: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Sample:
    """The reply to a sample call; `reason` says why it is unusable, or is empty."""

    role: str
    request: Request
    reply: Reply
    reason: str


@dataclass(slots=True)
class Probe:
    """All that the sample calls of one model showed.

    samples: the replies
    refused: fields of the body that the endpoint refused, with their other name, or None for a field that was left out
    too_long: the refusal of a `max_tokens` that was then lowered, by role
    switch: the value of `thinking_off` that the endpoint demanded, or empty
    errors: the error that ended the sample calls of a role
    """

    samples: list[Sample] = field(default_factory=list)
    refused: dict[str, str | None] = field(default_factory=dict)
    too_long: dict[str, str] = field(default_factory=dict)
    switch: str = ""
    errors: dict[str, Exception] = field(default_factory=dict)


async def probe_model(
    models: Mapping[str, Model],
    calls: Mapping[str, Sequence[SampleCall]],
    limited: LimitedProvider,
    limiter: CallLimiter | None,
) -> Probe:
    """Send the sample calls of each role in `models`, one at a time. Errors are part of the result.

    An error that concerns all roles, such as a refused key, ends the probe.
    """
    probe = Probe()
    for role, model in models.items():
        try:
            for sample in calls[role]:
                request, reply = await _send_adapted(probe, model, sample.call, limited, limiter)
                probe.samples.append(Sample(role, request, reply, _find_reason(sample, reply)))
        except (RejectedError, UnclearRefusal) as error:
            probe.errors[role] = error
        except ProviderError as error:
            probe.errors[role] = error
            break
    return probe


def _find_reason(sample: SampleCall, reply: Reply) -> str:
    try:
        sample.parse(CutOffText(reply.text) if reply.finish_reason == CUT_OFF else reply.text)
    except UnusableReply as error:
        return str(error)
    return ""


async def _send_adapted(
    probe: Probe, model: Model, call: Call, limited: LimitedProvider, limiter: CallLimiter | None
) -> tuple[Request, Reply]:
    """Return the request and the reply of a call without the fields that the endpoint refuses. Raises ProviderError."""
    while True:
        adapted = _adapt_model(model, probe, call.role)
        request = build_request(call, adapted, limited.provider, 1)
        try:
            return request, await _send_patiently(request, limited, limiter)
        except FieldRefused as error:
            if error.field in probe.refused:
                raise
            probe.refused[error.field] = error.new_name
        except LimitRefused as error:
            if call.role in probe.too_long:
                raise
            probe.too_long[call.role] = str(error)
        except SwitchRefused as error:
            if probe.switch:
                raise
            probe.switch = error.switch
        except UnclearRefusal as error:
            if any(sample.role == call.role for sample in probe.samples):
                raise
            return await _find_refused_setting(probe, adapted, call, limited, limiter, error)


def _adapt_model(model: Model, probe: Probe, role: str) -> Model:
    """Return a model without what its endpoint refused so far."""
    max_tokens = ACCEPTED_MAX_TOKENS if role in probe.too_long else model.max_tokens
    body = model.extra_body
    if probe.switch:
        switched = {field for switch in THINKING_SWITCHES.values() for field in switch.fields}
        body = {field: value for field, value in body.items() if field not in switched}
        body.update(THINKING_SWITCHES[probe.switch].fields)
    return replace(model, fields=model.fields | probe.refused, max_tokens=max_tokens, extra_body=body)


async def _find_refused_setting(
    probe: Probe,
    model: Model,
    call: Call,
    limited: LimitedProvider,
    limiter: CallLimiter | None,
    refusal: UnclearRefusal,
) -> tuple[Request, Reply]:
    """Find what an endpoint refuses without naming it, by changing one thing at a time; return the reply after the change that
    helps. Raises the refusal if none does."""
    for changed, name, new_name in _list_changes(model, call, limited):
        request = build_request(call, changed, limited.provider, 1)
        try:
            reply = await _send_patiently(request, limited, limiter)
        except (FieldRefused, UnclearRefusal, RejectedError):
            continue
        if changed.max_tokens != model.max_tokens:
            probe.too_long[call.role] = str(refusal)
        else:
            probe.refused[name] = new_name
        return request, reply
    raise refusal


def _list_changes(model: Model, call: Call, limited: LimitedProvider) -> Iterator[tuple[Model, str, str | None]]:
    """Yield the model with one thing changed, the name of the field, and its other name.

    The lower limit comes first: some endpoints ignore unknown fields, so that a limit under another name has no effect there.
    """
    if model.max_tokens > ACCEPTED_MAX_TOKENS:
        yield replace(model, max_tokens=ACCEPTED_MAX_TOKENS), "max_tokens", "max_tokens"
    request = build_request(call, model, limited.provider, 1)
    changes: list[tuple[str, str | None]] = [(name, None) for name in (*request.extra_body, "seed", "temperature")]
    for name, new_name in (*changes, ("max_tokens", "max_completion_tokens")):
        if name not in model.fields:
            yield replace(model, fields=model.fields | {name: new_name}), name, new_name


async def _send_patiently(request: Request, limited: LimitedProvider, limiter: CallLimiter | None) -> Reply:
    """Return a reply. Sends the request again after errors that may pass, for PATIENCE_SECONDS at most."""
    begin, tries = time.monotonic(), 0
    while True:
        if limiter:
            await limiter.acquire("check", request.count_limited_tokens())
        try:
            return await limited.provider.complete(request)
        except TransientError as error:
            tries += 1
            pause = choose_pause(tries - 1, error.retry_after)
            late = time.monotonic() - begin + pause > PATIENCE_SECONDS
            if late or (tries >= MOST_TRIES and not error.overloaded):
                raise
        finally:
            if limiter:
                limiter.release()
        await asyncio.sleep(pause)
