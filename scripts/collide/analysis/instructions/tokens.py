"""Length of a text in tokens. Imports nothing heavy: rules put the name of the tokenizer into captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# The definition of a token, as printed beside every length. It needs no model's vocabulary, so lengths under different models
# can be compared.
TOKENIZER = "words and punctuation marks"


def count_tokens(text: str) -> int:
    """Return the length of a text in tokens (see TOKENIZER).

    >>> count_tokens("Rate from 1 to 5.")
    6
    """
    return len(re.findall(r"\w+|[^\w\s]", text))


def compare_lengths(lengths: Sequence[int]) -> dict[str, Any]:
    """Return shortest and longest length, length ratio, and the tokenizer; the ratio takes an empty text as one token."""
    shortest, longest = min(lengths), max(lengths)
    return {"shortest": shortest, "longest": longest, "ratio": longest / max(shortest, 1), "tokenizer": TOKENIZER}
