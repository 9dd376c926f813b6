"""The simulated optimizer model: instructions rewritten with part of the suggestions."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence

from collide.simulator.knowledge import SUMMARIES, find_names
from collide.simulator.models import SimulatedModel
from collide.simulator.parsed_request import ParsedRequest
from collide.simulator.random_draws import seed_generator
from collide.simulator.text_features import split_sentences

# Openings of suggestions; the text after one is an instruction. Longer openings come first.
SUGGESTION_OPENINGS = (
    re.compile(r"^(?:for [\w ,]+?,\s*)?(?:please )?(?:ask|tell|have|remind) the judge (?:not )?to ", re.I),
    re.compile(r"^(?:for [\w ,]+?,\s*)?(?:state|say|add|make clear|note|write) that ", re.I),
    re.compile(r"^(?:for [\w ,]+?,\s*)?(?:state|say|add) ", re.I),
)

# Instructions stop growing here, as a model that is asked for an instruction does not write an essay.
MOST_SENTENCES = 12

# Two sentences that share this part of the shorter one's words are the same advice.
SAME_ADVICE = 0.8


def write_reply(request: ParsedRequest, model: SimulatedModel, seed: int, broken_rate: float) -> str:
    """Return the instructions as JSON, fenced or with a preamble in some replies, and cut off at the given rate."""
    generator = seed_generator("reply", request.role, request.output, str(request.feedback), str(request.instructions), seed)
    style = generator.random()
    text = json.dumps(rewrite_instructions(request, model, seed), ensure_ascii=False)
    if generator.random() < broken_rate:
        return text[: len(text) // 2]
    if style < 0.15:
        return f"```json\n{text}\n```"
    return f"Here are the revised instructions.\n\n{text}" if style < 0.25 else text


def rewrite_instructions(request: ParsedRequest, model: SimulatedModel, seed: int) -> dict[str, str]:
    """Return the new instruction of each criterion: the present sentences and part of the suggestions, none twice."""
    names = list(request.instructions)
    generator = seed_generator("optimizer", str(request.feedback), str(request.instructions), seed)
    additions: dict[str, list[str]] = {name: [] for name in names}
    for criteria, text in request.feedback:
        # The last paragraph of a gradient has the changes to make.
        for sentence in split_sentences(text.split("\n\n")[-1]):
            if generator.random() < model.care:
                name = _choose_criterion(sentence, criteria, names, model, generator)
                additions[name].append(_extract_instruction(sentence))
    return {name: _merge_sentences(request.instructions[name], additions[name], generator) for name in names}


def _choose_criterion(
    sentence: str, criteria: tuple[str, ...], names: Sequence[str], model: SimulatedModel, generator: random.Random
) -> str:
    """Return the criterion whose instruction gets a suggestion: one that it names, else one whose aspect it names, else any.

    With several to choose from, a model of little care sometimes takes a wrong one.
    """
    candidates = [name for name in names if name in criteria] or list(names)
    if len(candidates) == 1:
        return candidates[0]
    if generator.random() > model.care:
        return generator.choice(candidates)
    lowered = find_names(sentence.lower(), [name.lower() for name in candidates])
    named = [name for name in candidates if name.lower() in lowered]
    meant = [SUMMARIES.aspects[aspect].criterion for aspect in SUMMARIES.count_mentions(sentence)]
    return next((name for name in [*named, *meant] if name in candidates), generator.choice(candidates))


def _extract_instruction(suggestion: str) -> str:
    """Return the instruction that a suggestion asks for, which is the text after its opening."""
    for opening in SUGGESTION_OPENINGS:
        instruction = opening.sub("", suggestion, count=1)
        if instruction != suggestion:
            return instruction[:1].upper() + instruction[1:]
    return suggestion


def _merge_sentences(old: str, new: Sequence[str], generator: random.Random) -> str:
    """Return old and new sentences without repetition; surplus ones are dropped at random from the older part.

    The first sentence is always kept: it is the initial instruction, which names the scale.
    """
    merged: list[str] = []
    for sentence in [*split_sentences(old), *new]:
        if not any(_is_same_advice(sentence, other) for other in merged):
            merged.append(sentence)
    while len(merged) > MOST_SENTENCES:
        merged.pop(1 + int(generator.random() * (len(merged) - MOST_SENTENCES)))
    return " ".join(merged)


def _is_same_advice(one: str, other: str) -> bool:
    first, second = set(one.lower().split()), set(other.lower().split())
    return len(first & second) >= SAME_ADVICE * min(len(first), len(second)) if first and second else False
