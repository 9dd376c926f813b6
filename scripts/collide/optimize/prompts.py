"""Prompts: readable templates (`prompts/*.jinja`), rendered to chat messages.

A template holds a `[system]` and a `[user]` part, each opened by that line; that of the judge has a `[form]` part, too, which
the others show. The parts are split before rendering, so that no text that is filled in can open a part.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from collide.common.csv_json import read_json_lines
from collide.errors import InputError
from collide.experiment.criteria import Criterion
from collide.experiment.datasets import Dataset
from collide.experiment.texts import TextNames
from collide.llm.replies.forms import build_scores_schema
from collide.llm.request import Message
from collide.optimize.wording import FILTERS, write_scores

if TYPE_CHECKING:  # not at run time: the rules load this module, and pyarrow loads slowly
    from collide.corpus.pairs import Pair

FOLDER = Path(__file__).parent / "prompts"
# The part of a judge prompt that the optimization changes: criterion -> instruction.
Instructions = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The part of a judge prompt around its instructions.

    texts: the words for the texts of a pair.
    output_format: the prompt names the keys and values of the reply. Without it, the prompt asks for a JSON object only, as in
        the authors' code after the first accepted rewrite.
    examples: few-shot examples, shown with the ratings that are closest to their human scores.
    repeat_task: the prompt repeats the task and the form of the reply after the texts, for models that would otherwise
        continue a text.
    """

    texts: TextNames
    output_format: bool = True
    examples: tuple[Pair, ...] = ()
    repeat_task: bool = False


def prompt_id(instructions: Instructions, skeleton: Skeleton | None = None, occasion: str = "") -> str:
    """Return the name of a judge prompt in all files: a hash of its instructions, 16 hexadecimal digits.

    The skeleton is part of the hash where it differs from the one that the texts alone make, the occasion where there is one.
    """
    text = json.dumps(dict(instructions), ensure_ascii=False, sort_keys=True)
    if skeleton is not None and skeleton != Skeleton(skeleton.texts):
        examples = [[*pair.inputs, pair.output, pair.human] for pair in skeleton.examples]
        repeated = [True] if skeleton.repeat_task else []
        text += json.dumps([skeleton.output_format, examples, *repeated], sort_keys=True)
    text += occasion
    # A rewritten instruction may hold lone surrogates, which strict UTF-8 refuses to encode.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@functools.cache
def load_template(role: str) -> dict[str, jinja2.Template]:
    """Return the parts of `prompts/<role>.jinja` by name: "system", "user", and for the judge "form"."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters |= FILTERS
    text = (FOLDER / f"{role}.jinja").read_text(encoding="utf-8")
    parts = re.split(r"^\[(form|system|user)\]\n", text, flags=re.MULTILINE)[1:]
    return {speaker: environment.from_string(part.strip()) for speaker, part in zip(parts[::2], parts[1::2], strict=True)}


def list_rubrics() -> list[str]:
    """Return the names of the rubrics of specificity, one per file of `prompts/rubrics`."""
    return sorted(path.stem for path in (FOLDER / "rubrics").glob("*.txt"))


def load_rubric(name: str) -> str:
    """Return the sentences that tell the evaluator how to rate specificity. Raises FileNotFoundError for an unknown name."""
    return (FOLDER / "rubrics" / f"{name}.txt").read_text(encoding="utf-8").strip()


def render_messages(role: str, **values: object) -> tuple[Message, ...]:
    """Return the messages sent to the model of `role`. Raises jinja2.UndefinedError if the template needs a further value."""
    return tuple({"role": speaker, "content": part.render(**values)} for speaker, part in load_template(role).items())


class JudgePrompt:
    """A judge prompt: a skeleton with one instruction for each of its criteria (paper, Appendix E).

    Prompts of different occasions have different names and seeds, so their ratings are sampled anew, although they are sent
    alike. Without an occasion, a prompt rates a pair in the same way wherever it is used.
    """

    def __init__(
        self,
        criteria: Sequence[Criterion],
        instructions: Instructions,
        skeleton: Skeleton,
        occasion: str = "",
    ) -> None:
        self.skeleton = skeleton
        self.occasion = occasion
        self.criteria = {criterion.name: criterion for criterion in criteria}
        self.instructions = {name: instructions[name] for name in self.criteria}
        self.id = prompt_id(self.instructions, self.skeleton, occasion)
        self.is_initial = self.skeleton.output_format and all(
            self.instructions[criterion.name] == criterion.initial_instruction for criterion in criteria
        )
        self.scales = {name: criterion.scale for name, criterion in self.criteria.items()}
        # A schema would state the form that the prompt no longer states.
        self.schema = build_scores_schema(self.scales) if self.skeleton.output_format else None
        parts, rated = load_template("judge"), list(criteria)
        self._user = parts["user"]
        self._values = {
            "texts": skeleton.texts,
            "criteria": rated,
            "form": parts["form"].render(criteria=rated),
            "output_format": self.skeleton.output_format,
            "repeat_task": self.skeleton.repeat_task,
        }
        # The system part is the same for all pairs, so it is rendered once.
        examples = [self._show_example(pair) for pair in self.skeleton.examples]
        system = parts["system"].render(instructions=self.instructions, examples=examples, **self._values)
        self._system = {"role": "system", "content": system}

    def render_pair(self, pair: object) -> tuple[Message, ...]:
        """Return the messages that ask for the scores of a pair, which is any object with `inputs` and `output`."""
        return (self._system, {"role": "user", "content": self._user.render(pair=pair, **self._values)})

    def _show_example(self, pair: Pair) -> dict[str, object]:
        """Return what the template shows of an example; its scores are ratings, in the form of the judge's reply."""
        return {"inputs": pair.inputs, "output": pair.output, "scores": write_scores(pair.human, self.scales)}


def describe_prompt(prompt: JudgePrompt) -> dict[str, object]:
    """Return the keys of a step record, and of a line of a file of prompts, that `read_prompts` makes the prompt from."""
    occasion = {"occasion": prompt.occasion} if prompt.occasion else {}
    described = {"prompt": prompt.id, "instructions": prompt.instructions, "output_format": prompt.skeleton.output_format}
    return described | occasion


def make_prompt(
    record: Mapping[str, Any], dataset: Dataset, examples: Sequence[Pair], repeat_task: bool = False
) -> JudgePrompt:
    """Return the prompt that a step record, or a line of a file of prompts, describes.

    A record with `output_format` false is of a prompt without output format.
    """
    instructions = record["instructions"]
    skeleton = Skeleton(dataset.texts, record.get("output_format", True), tuple(examples), repeat_task)
    rated = [dataset.criteria[name] for name in instructions]
    return JudgePrompt(rated, instructions, skeleton, record.get("occasion", ""))


def read_prompts(path: Path, dataset: Dataset, examples: Sequence[Pair] = (), repeat_task: bool = False) -> list[JudgePrompt]:
    """Return the distinct prompts of a JSON Lines file whose lines hold `instructions`, in order of first appearance.

    All prompts show the same `examples`, and all or none repeat the task. Raises InputError for an instruction of an unknown
    criterion.
    """
    prompts: dict[str, JudgePrompt] = {}
    for number, record in enumerate(read_json_lines(path), start=1):
        if unknown := sorted(set(record["instructions"]) - set(dataset.criteria)):
            known = ", ".join(dataset.criteria)
            raise InputError(f"{path}, line {number}: unknown criterion {unknown[0]!r}, expected one of {known}")
        prompt = make_prompt(record, dataset, examples, repeat_task)
        prompts.setdefault(prompt.id, prompt)
    return list(prompts.values())
