"""Take off what models write around an answer: blocks of reasoning, channels, and the control tokens of chat templates."""

from __future__ import annotations

import re

# Opening and closing marks of reasoning at the start of a reply, by the models that write them.
_BLOCKS = (
    ("<think>", "</think>"),  # Qwen3, DeepSeek
    ("<thinking>", "</thinking>"),  # models prompted in the style of Claude
    ("<scratchpad>", "</scratchpad>"),
    ("<thought>", "</thought>"),  # Gemma 3, EXAONE
    ("<|channel>thought", "<channel|>"),  # Gemma 4
    ("<reasoning>", "</reasoning>"),  # Granite and others
    ("[THINK]", "[/THINK]"),  # Magistral
    ("<seed:think>", "</seed:think>"),  # Seed
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),  # Kimi
    ("<|START_THINKING|>", "<|END_THINKING|>"),  # Command
    ("<|begin_of_thought|>", "<|end_of_thought|>"),  # OpenThinker, Sky-T1
)
# Marks around the answer itself, after the reasoning of some of these models.
_ANSWERS = (
    ("<answer>", "</answer>"),
    ("<response>", "</response>"),
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
)
# The answer of a reply in OpenAI's harmony format: the message of the last channel called final. Some servers drop the marks
# and keep the names of the channels.
_FINAL_CHANNEL = re.compile(r".*<\|channel\|>\s*final\b[^<]*<\|message\|>|\Aanalysis(?=[A-Z]).*assistantfinal", re.DOTALL)
# Tokens that end a message or a turn in common chat templates.
_END_TOKENS = (
    *(f"<|{name}|>" for name in ("im_end", "end", "return", "eot_id", "eom_id", "endoftext", "end_of_text")),
    "</s>",
    "<end_of_turn>",
)


def remove_thinking(text: str) -> str:
    """Return the answer of a reply; empty if a block of reasoning never ends.

    A block opens the reply, and ends with the first closing mark at the end of a line, or else with the first one. A closing
    mark without an opening one counts if it stands alone on its line or ends a sentence and the line, as models write it whose
    template opens the block. A mark within a sentence or between code fences is a quotation and stays.
    """
    if found := _FINAL_CHANNEL.match(text):
        text = text[found.end() :]
    elif "<|channel|>" in text:
        return ""
    text = text.rstrip()
    while tokens := [token for token in _END_TOKENS if text.endswith(token)]:
        text = text.removesuffix(tokens[0]).rstrip()
    while opened := [block for block in _BLOCKS if text.lstrip().startswith(block)]:
        text = _skip_block(text, opened[0][1])
    for _, closing in _BLOCKS:
        if closing in text:
            ends = re.finditer(rf"(?:^[ \t]*|(?<=[.!?)\]}}])){re.escape(closing)}[ \t]*$", text, re.MULTILINE)
            places = [end.end() for end in ends if text.count("```", 0, end.start()) % 2 == 0]
            text = text[places[-1] :] if places else text
    return _remove_answer_marks(text)


def _skip_block(text: str, closing: str) -> str:
    """Return the text after a block of reasoning, which its first mark opens or closes; empty if the block never ends."""
    end = re.search(rf"{re.escape(closing)}[ \t]*$", text, re.MULTILINE)
    return text[end.end() :] if end else text.partition(closing)[2]


def _remove_answer_marks(text: str) -> str:
    """Return a text without marks around all of it."""
    for opening, closing in _ANSWERS:
        if text.lstrip().startswith(opening):
            return text.lstrip().removeprefix(opening).removesuffix(closing)
    return text
