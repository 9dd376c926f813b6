"""Switches that ask a server for replies without reasoning: fields of the request's body, or a mark in the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ThinkingSwitch:
    """One way to turn reasoning off: `fields` of the body, and `mark`, a text that follows the last user message."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    mark: str = ""


# By the name that `thinking_off` has in config.yaml. The comments name servers and models that read the switch.
THINKING_SWITCHES: Mapping[str, ThinkingSwitch] = {
    # Nothing to turn off, or a model that an endpoint's switch does not fit
    "none": ThinkingSwitch(),
    # OpenRouter
    "reasoning_enabled": ThinkingSwitch({"reasoning": {"enabled": False}}),
    # OpenAI since GPT-5.1, Ollama, LiteLLM
    "reasoning_effort": ThinkingSwitch({"reasoning_effort": "none"}),
    # DeepSeek, Anthropic, Z.ai, Moonshot
    "thinking_disabled": ThinkingSwitch({"thinking": {"type": "disabled"}}),
    # DashScope, SiliconFlow
    "enable_thinking": ThinkingSwitch({"enable_thinking": False}),
    # vLLM, SGLang and llama.cpp, for templates of Qwen3, GLM and Gemma
    "template_enable_thinking": ThinkingSwitch({"chat_template_kwargs": {"enable_thinking": False}}),
    # The same servers, for templates of DeepSeek and Granite
    "template_thinking": ThinkingSwitch({"chat_template_kwargs": {"thinking": False}}),
    # Qwen3 on a server that passes no field on to the template
    "no_think": ThinkingSwitch(mark="/no_think"),
}
