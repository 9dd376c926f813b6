"""Take off what models write around an answer: blocks of reasoning, channels, and the control tokens of chat templates."""

from __future__ import annotations

import re

# Opening and closing marks of reasoning at the start of a reply, by the models that write them.
_BLOCKS = (
    ("<think>", "</think>"),  # Qwen3, DeepSeek
    ("<thinking>", "</thinking>"),  # models prompted in the style of Claude
    ("<thought>", "</thought>"),  # Gemma
    ("<reasoning>", "</reasoning>"),  # Granite and others
    ("[THINK]", "[/THINK]"),  # Magistral
)
# The answer of a reply in OpenAI's harmony format: the message of the last channel called final.
_FINAL_CHANNEL = re.compile(r".*<\|channel\|>\s*final\b[^<]*<\|message\|>", re.DOTALL)
# Tokens that end a message or a turn in common chat templates.
_END_TOKENS = (
    *(f"<|{name}|>" for name in ("im_end", "end", "return", "eot_id", "eom_id", "endoftext", "end_of_text")),
    "</s>",
    "<end_of_turn>",
)


def remove_thinking(text: str) -> str:
    """Return the answer of a reply; empty if a block of reasoning never ends.

    A block opens the reply. A closing mark without an opening one counts if it stands alone on its line, as models write it
    whose template opens the block. A mark within a sentence is a quotation and stays.
    """
    if "<|channel|>" in text:
        found = _FINAL_CHANNEL.match(text)
        text = text[found.end() :] if found else ""
    text = text.rstrip()
    while tokens := [token for token in _END_TOKENS if text.endswith(token)]:
        text = text.removesuffix(tokens[0]).rstrip()
    for opening, closing in _BLOCKS:
        if text.lstrip().startswith(opening):
            text = text.partition(closing)[2]
        elif ends := list(re.finditer(rf"^[ \t]*{re.escape(closing)}[ \t]*$", text, re.MULTILINE)):
            text = text[ends[-1].end() :]
    return text
