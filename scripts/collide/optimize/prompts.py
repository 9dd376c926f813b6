"""Prompts: templates that can be read as text (`prompts/*.jinja`), rendered to chat messages.

A template holds a `[system]` and a `[user]` part, each opened by that line. The parts are split before rendering, so no
text that is filled in can open one.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from collide.experiment.criteria import Criterion
from collide.llm.request import Message

FOLDER = Path(__file__).parent / "prompts"
Instructions = Mapping[str, str]
"""The mutable part of a judge prompt: criterion -> instruction."""


def prompt_id(instructions: Instructions) -> str:
    """Name of a judge prompt in all files: 16 hexadecimal digits of its instructions; equal prompts share it."""
    text = json.dumps(dict(instructions), ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@functools.cache
def template(role: str) -> dict[str, jinja2.Template]:
    """The parts of `prompts/<role>.jinja`, by who speaks."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    text = (FOLDER / f"{role}.jinja").read_text(encoding="utf-8")
    parts = re.split(r"^\[(system|user)\]\n", text, flags=re.MULTILINE)[1:]
    return {speaker: environment.from_string(part.strip()) for speaker, part in zip(parts[::2], parts[1::2], strict=True)}


def render(role: str, **values: object) -> tuple[Message, ...]:
    """The messages that the model playing `role` is sent. Raises jinja2.UndefinedError where a value is lacking."""
    return tuple({"role": speaker, "content": part.render(**values)} for speaker, part in template(role).items())


class JudgePrompt:
    """A judge prompt over some criteria: the frozen skeleton with one instruction each (paper, Appendix E)."""

    def __init__(self, criteria: Sequence[Criterion], instructions: Instructions) -> None:
        self.criteria = {criterion.name: criterion for criterion in criteria}
        self.instructions = {name: instructions[name] for name in self.criteria}
        self.id = prompt_id(self.instructions)
        self.scales = {name: criterion.scale for name, criterion in self.criteria.items()}
        parts = template("judge")
        self._system = {
            "role": "system",
            "content": parts["system"].render(criteria=list(criteria), instructions=self.instructions),
        }
        self._user = parts["user"]

    def messages(self, pair: object) -> tuple[Message, ...]:
        """What the judge is sent for a pair (anything with `article` and `summary`)."""
        return (self._system, {"role": "user", "content": self._user.render(pair=pair)})
