"""Check texts that models write, a critique, a textual gradient or an instruction: whether they say anything of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from collide.llm.request import Message, UnusableReply

# A word has at least two letters. "3.82" or a date has none.
_WORD = re.compile(r"[^\W\d_]{2,}")
# Letters of a text in a script without blanks, whose sentences look like one word.
FEWEST_LETTERS = 8
# The prompt shows the form of the answer with a placeholder, which a weak model repeats. "No change" refers to a text that the
# next prompt does not hold.
_PLACEHOLDER = re.compile(
    r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|\W*(?:(?:full )?(?:new|revised|your) (?:wording|instructions?|text)(?: here)?"
    r"|unchanged|no changes?(?: needed)?|same as (?:before|above)|(?:keep|leave) (?:it )?(?:as (?:it )?is|unchanged))\W*",
    re.IGNORECASE,
)
# A line of a prompt that opens a part of it, such as <article> or <instruction criterion="fluency">.
_TAG_LINE = re.compile(r"^<([\w-]+)(?: [^<>\n]*)?/?>$", re.MULTILINE)
_OPENING_TAG = re.compile(r"\s*<([\w-]+)[\s>/]")
# A text repeats itself if this share of its runs of five words stood earlier in it: it says the same thing four times or more.
RUN_WORDS = 5
REPEATED_SHARE = 2 / 3
# Runs of a shorter text tell nothing.
FEWEST_RUNS = 15


def check_text(text: str, subject: str, messages: Sequence[Message] = (), fewest_words: int = 1) -> None:
    """Raise UnusableReply for a text that says nothing of its own; `subject` names it in the reason.

    It has fewer than `fewest_words` words, is a placeholder, repeats itself over and over, or opens with a tag of the prompt's
    `messages`: then the model continues the prompt and does not answer it.
    """
    words = _WORD.findall(text)
    if (len(words) < fewest_words and len("".join(words)) < FEWEST_LETTERS) or _PLACEHOLDER.fullmatch(text):
        raise UnusableReply(f"{subject} is {text[:40]!r}, which holds no words of its own")
    tag = _OPENING_TAG.match(text)
    if tag and any(tag[1] in _TAG_LINE.findall(message["content"]) for message in messages):
        raise UnusableReply(f"{subject} opens with <{tag[1]}>, a tag of the prompt")
    if measure_repetition(text) > REPEATED_SHARE:
        raise UnusableReply(f"{subject} repeats itself over and over: {text.strip()[-60:]!r}")


def measure_repetition(text: str) -> float:
    """Return the share of a text's runs of five words that stood earlier in it, from 0 to 1; 0 for a short text."""
    words = re.findall(r"\w+", text.lower())
    runs = list(zip(*(words[start:] for start in range(RUN_WORDS)), strict=False))
    return 1 - len(set(runs)) / len(runs) if len(runs) >= FEWEST_RUNS else 0.0
