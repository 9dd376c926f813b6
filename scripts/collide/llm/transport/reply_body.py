"""Decode the body of a successful answer: JSON, also with what gateways put around it, or a stream of events. Read its text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from collide.cost.usage import CUT_OFF

# Fields of a server-sent event (WHATWG HTML, section 9.2). A line that starts with a colon is a comment.
_EVENT_FIELDS = ("data:", "event:", "id:", "retry:")
# Fields of a message where servers put reasoning: DeepSeek, vLLM and llama.cpp; OpenRouter and Ollama; Anthropic.
REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
# The last event of a stream of the OpenAI API.
_STREAM_END = "[DONE]"


def decode_body(text: str) -> Any:
    """Return the JSON value of a body. Raises ValueError or RecursionError for a body that holds none.

    Accepted around the JSON: a byte order mark, blank lines, comment lines such as ": OPENROUTER PROCESSING", which keep a slow
    connection open, and zero bytes. The events of a stream, sent although none was requested, are joined to one completion.
    """
    # Split at line feeds alone: JSON strings may hold other line ends, such as U+2028, as they are.
    lines = text.strip("\ufeff\0 \t\r\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith(":")), len(lines))
    if start < len(lines) and lines[start].startswith(_EVENT_FIELDS):
        return _join_events([line.removeprefix("data:").strip() for line in lines[start:] if line.startswith("data:")])
    return json.loads("\n".join(lines[start:]))


def read_message_text(choice: Mapping[str, Any], answer_in: str) -> str:
    """Return the text of the message in a choice of a completion; empty if the model wrote none.

    `answer_in` names the field that holds the answer where the content is empty: a server that splits off reasoning may put the
    answer of a model that does not reason there. A reply that was cut off is not read from it, since the model may have been
    reasoning.
    """
    message = choice["message"]
    text = _read_content(message.get("content"))
    if not text.strip() and answer_in and choice.get("finish_reason") != CUT_OFF:
        return _read_content(message.get(answer_in))
    return text


def has_reasoning(message: Mapping[str, Any]) -> bool:
    """Return whether a message holds reasoning beside its content."""
    return any(message.get(field) for field in REASONING_FIELDS)


def _join_events(events: Sequence[str]) -> Any:
    """Return the completion whose pieces the events hold; an error or a whole completion in an event is returned as it is."""
    pieces = [json.loads(event) for event in events if event and event != _STREAM_END]
    whole = [piece for piece in pieces if isinstance(piece, Mapping) and (piece.get("error") or _find_part(piece, "message"))]
    if whole:
        return whole[-1]
    content = [part.get("content") for piece in pieces if (part := _find_part(piece, "delta"))]
    finished = [reason for piece in pieces if (reason := _find_finish_reason(piece))]
    if not content or not finished:
        raise ValueError("the stream ended before the reply did")
    fields: dict[str, Any] = {}
    for piece in pieces:
        fields |= {name: piece[name] for name in ("id", "model", "provider", "usage", "timings") if piece.get(name)}
    text = "".join(part for part in content if isinstance(part, str))
    return fields | {"choices": [{"message": {"content": text}, "finish_reason": finished[-1]}]}


def _find_part(piece: Any, name: str) -> Mapping[str, Any] | None:
    """Return the `message` or `delta` of the first choice in an event, or None."""
    try:
        part = piece["choices"][0][name]
    except (KeyError, IndexError, TypeError):
        return None
    return part if isinstance(part, Mapping) else None


def _find_finish_reason(piece: Any) -> str | None:
    try:
        return piece["choices"][0].get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def _read_content(content: object) -> str:
    """Return a content as text. Of a list of parts (Mistral, Anthropic) only those of type `text` are the answer."""
    if isinstance(content, list):
        return "".join(_read_part(part) for part in content)
    return content if isinstance(content, str) else ""


def _read_part(part: object) -> str:
    text = part.get("text") if isinstance(part, Mapping) and part.get("type") == "text" else None
    return text if isinstance(text, str) else ""
