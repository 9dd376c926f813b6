"""Decode the body of a successful answer: JSON, also with what gateways put around it, or a stream of events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

# Fields of a server-sent event (WHATWG HTML, section 9.2). A line that starts with a colon is a comment.
_EVENT_FIELDS = ("data:", "event:", "id:", "retry:")
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
