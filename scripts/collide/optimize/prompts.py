"""Prompts: readable templates (`prompts/*.jinja`), rendered to chat messages.

A template holds a `[system]` and a `[user]` part, each opened by that line. The parts are split before rendering, so that
no text that is filled in can open a part.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from collide.common.csv_json import read_json_lines
from collide.errors import InputError
from collide.experiment.criteria import Criterion
from collide.llm.request import Message

FOLDER = Path(__file__).parent / "prompts"
# The part of a judge prompt that the optimization changes: criterion -> instruction.
Instructions = Mapping[str, str]


def prompt_id(instructions: Instructions) -> str:
    """Return the name of a judge prompt in all files: a hash of its instructions, 16 hexadecimal digits."""
    text = json.dumps(dict(instructions), ensure_ascii=False, sort_keys=True)
    # A rewritten instruction may hold lone surrogates, which strict UTF-8 refuses to encode.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@functools.cache
def load_template(role: str) -> dict[str, jinja2.Template]:
    """Return the parts of `prompts/<role>.jinja` by speaker, "system" and "user"."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    text = (FOLDER / f"{role}.jinja").read_text(encoding="utf-8")
    parts = re.split(r"^\[(system|user)\]\n", text, flags=re.MULTILINE)[1:]
    return {speaker: environment.from_string(part.strip()) for speaker, part in zip(parts[::2], parts[1::2], strict=True)}


def render_messages(role: str, **values: object) -> tuple[Message, ...]:
    """Return the messages sent to the model of `role`. Raises jinja2.UndefinedError if the template needs a further value."""
    return tuple({"role": speaker, "content": part.render(**values)} for speaker, part in load_template(role).items())


class JudgePrompt:
    """A judge prompt: a fixed template with one instruction for each of its criteria (paper, Appendix E)."""

    def __init__(self, criteria: Sequence[Criterion], instructions: Instructions) -> None:
        self.criteria = {criterion.name: criterion for criterion in criteria}
        self.instructions = {name: instructions[name] for name in self.criteria}
        self.id = prompt_id(self.instructions)
        self.is_initial = all(self.instructions[c.name] == c.initial_instruction for c in criteria)
        self.scales = {name: criterion.scale for name, criterion in self.criteria.items()}
        # The system part is the same for all pairs, so it is rendered once.
        parts = load_template("judge")
        self._system = {
            "role": "system",
            "content": parts["system"].render(criteria=list(criteria), instructions=self.instructions),
        }
        self._user = parts["user"]

    def render_pair(self, pair: object) -> tuple[Message, ...]:
        """Return the messages that ask for the scores of a pair, which is any object with `article` and `summary`."""
        return (self._system, {"role": "user", "content": self._user.render(pair=pair)})


def read_prompts(path: Path, criteria: Mapping[str, Criterion]) -> list[JudgePrompt]:
    """Return the distinct prompts of a JSON Lines file whose lines hold `instructions`, in order of first appearance.

    Raises InputError for an instruction of an unknown criterion.
    """
    prompts: dict[str, JudgePrompt] = {}
    for number, record in enumerate(read_json_lines(path), start=1):
        instructions = record["instructions"]
        if unknown := sorted(set(instructions) - set(criteria)):
            raise InputError(f"{path}, line {number}: unknown criterion {unknown[0]!r}, expected one of {', '.join(criteria)}")
        prompt = JudgePrompt([criteria[name] for name in instructions], instructions)
        prompts.setdefault(prompt.id, prompt)
    return list(prompts.values())
