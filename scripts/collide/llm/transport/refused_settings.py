"""Find the setting that an endpoint's error message refuses, and the line of config.yaml that changes it."""

from __future__ import annotations

import re
from collections.abc import Collection

from collide.llm.replies.thinking_switches import THINKING_SWITCHES
from collide.llm.transport.errors import FatalError, FieldRefused, LimitRefused, SwitchRefused

# A field that a model does not know, or a value that it does not take ("only the default (1) value is supported").
FIELD_REFUSED = re.compile(
    r"unsupported|not support(ed)?\b|unknown|unrecogni[sz]ed|extra inputs|extra_forbidden|not permitted|not allowed|not a valid"
    r"|deprecated|unexpected",
    re.IGNORECASE,
)
# A model that reasons in streams only ("parameter.enable_thinking must be set to false for non-streaming calls").
SWITCH_DEMANDED = re.compile(r"\b(enable_thinking)\b.{0,20}must be.{0,10}false", re.IGNORECASE)
# A model that answers in streams only. A stream is read like any other reply.
STREAM_DEMANDED = re.compile(
    r"only supports? (?:the )?stream|stream(?:ing)? (?:mode )?is required|non-?streaming.{0,30}not (?:be )?support"
    r"|can ?not be support(?:ed)? when.{0,5}stream|must (?:be|use|enable|set) .{0,15}stream",
    re.IGNORECASE,
)
# The most tokens that a model writes: "Range of max_tokens should be [1, 8192]", "max_tokens is too large: 20000. This model
# supports at most 16384", "max_tokens: 64000 > 8192, which is the maximum allowed", "expected a value <= 32768".
LONGEST_REPLY = re.compile(
    r"max_(?:completion_|new_)?tokens\b.{0,120}?(?:\[\d+, ?(\d+)\]|at most (\d+)|<= ?(\d+)|> (\d+), which is the maximum)",
    re.IGNORECASE | re.DOTALL,
)
# The length of a context, and the tokens asked for in the reply: "maximum context length is 8192 tokens. However, you requested
# 16884 tokens (500 in the messages, 16384 in the completion)", "'max_tokens' is too large: 16384".
CONTEXT_LENGTH = re.compile(r"maximum context length is (\d+)", re.IGNORECASE)
ASKED_REPLY = re.compile(r"(\d+) in the completion|tokens\W{1,3}is too large: (\d+)|(\d+) output tokens", re.IGNORECASE)


def find_refused_limit(text: str, model: str, message: str) -> LimitRefused | None:
    """Return the error for a message that refuses the `max_tokens` of every request of a role, or None.

    `text` is the start of the error's sentence. A limit that leaves room in the model's context is refused for the length of a
    single prompt; such a message is about that prompt alone.
    """
    if found := LONGEST_REPLY.search(message):
        most = int(next(filter(None, found.groups())))
    else:
        context, asked = CONTEXT_LENGTH.search(message), ASKED_REPLY.search(message)
        if not context or not asked or int(next(filter(None, asked.groups()))) < int(context[1]):
            return None
        most = int(context[1])
    return LimitRefused(
        f"{text}; the model writes at most {most} tokens: lower `max_tokens` in config.yaml (roles), or for this model alone"
        f" write `extra_body: {{max_tokens: {most}}}` {_name_place(model)}",
        most,
    )


def find_refused_setting(text: str, model: str, message: str, fields: Collection[str]) -> FatalError | None:
    """Return the error for a message that refuses one of the fields of the body, or demands a switch; None for any other."""
    if found := SWITCH_DEMANDED.search(message):
        return _demand_switch(text, model, found[1].lower())
    if STREAM_DEMANDED.search(message):
        advice = f"write `extra_body: {{stream: true}}` {_name_place(model)}"
        return FatalError(f"{text}; the model answers in streams only: {advice}")
    named = [(found.start(), field) for field in fields if (found := re.search(rf"\b{re.escape(field)}\b", message))]
    if not named or not FIELD_REFUSED.search(message):
        return None
    _, field = min(named)
    if any(field in switch.fields for switch in THINKING_SWITCHES.values()):
        return _demand_switch(text, model, "none", f" and no `{field}` in extra_body")
    instead = re.search(r"use\W{1,3}(\w+)\W{1,3}instead", message, re.IGNORECASE)
    new_name = instead[1] if instead else None
    advice = f"write `fields: {{{field}: {new_name or 'null'}}}` {_name_place(model)}, as docs/live-runs.md explains"
    return FieldRefused(f"{text}; the model does not accept a field of the request: {advice}", field, new_name)


def _demand_switch(text: str, model: str, switch: str, more: str = "") -> SwitchRefused:
    advice = f"write `thinking_off: {switch}` {_name_place(model)}{more}, as docs/live-runs.md explains"
    return SwitchRefused(f"{text}; the model does not accept how reasoning is turned off: {advice}", switch)


def _name_place(model: str) -> str:
    return f"beside `name: {model}` in config.yaml (models)"
