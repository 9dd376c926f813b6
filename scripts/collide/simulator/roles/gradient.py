"""The simulated gradient model: suggestions for the instructions, derived from the critiques that the request shows.

The number of suggestions about criteria is limited by the model and by what the critiques leave to say; several criteria share
it. The model then fills the rest of its text with remarks that would fit any criterion.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from collide.simulator.aspects import (
    ASPECTS,
    GENERIC_SUGGESTIONS,
    LENIENT_SUGGESTIONS,
    STRICT_SUGGESTIONS,
    count_mentions,
    list_aspects,
)
from collide.simulator.models import SimulatedModel
from collide.simulator.parsed_request import MISSING, ParsedRequest
from collide.simulator.random_draws import seed_generator
from collide.simulator.text_features import split_sentences

# More suggestions on one criterion would repeat themselves: it has at most three aspects, and one sentence is on severity.
MOST_PER_CRITERION = 4

# Smallest and largest share of the permitted words that a text uses. Models rarely write as much as they may, and rarely stop
# after a sentence or two; both numbers are assumptions, the same for one criterion and for several.
FILLED_SHARE = (0.3, 0.7)


def write_reply(request: ParsedRequest, model: SimulatedModel, seed: int, broken_rate: float) -> str:
    """Return a textual gradient, fenced in a few replies. It is never broken: every text is a usable gradient."""
    generator = seed_generator("reply", request.role, request.summary, str(request.feedback), str(request.instructions), seed)
    text = write_gradient(request, model, seed)
    return f"```\n{text}\n```" if generator.random() < 0.03 else text


def write_gradient(request: ParsedRequest, model: SimulatedModel, seed: int) -> str:
    """Return three paragraphs: what to keep, what caused the errors, and what to change."""
    names = list(request.scales)
    critique = " ".join(text for _, text in request.feedback)
    generator = seed_generator("gradient", critique, str(request.instructions), request.summary, seed)
    wanted = {name: _write_suggestions(name, request, len(names) > 1, generator) for name in names}
    change = _share_suggestions(wanted, model.breadth, generator)
    keep, cause = [], []
    for name in names:
        keep.append(_write_keep(name, count_mentions(request.instructions.get(name, "")), generator))
        cause.append(_write_cause(name, _select_critique(name, request.feedback, names), generator))
    change += _write_remarks(request.word_limit, [*keep, *cause, *change], generator)
    generator.shuffle(change)
    return "\n\n".join(" ".join(part) for part in (keep, cause, change))


def _share_suggestions(wanted: dict[str, list[str]], breadth: int, generator: random.Random) -> list[str]:
    """Return at most `breadth` suggestions, taken from the criteria in turn, the most important ones of each first."""
    order = generator.sample(list(wanted), len(wanted))
    turns = itertools.zip_longest(*(wanted[name][:MOST_PER_CRITERION] for name in order))
    return [text for turn in turns for text in turn if text is not None][:breadth]


def _write_remarks(limit: int, sentences: Sequence[str], generator: random.Random) -> list[str]:
    """Return remarks that fit any criterion, until the text has the length that the model aims at; none without room."""
    low, high = FILLED_SHARE
    room = limit * (low + (high - low) * generator.random()) - sum(len(sentence.split()) for sentence in sentences)
    remarks = []
    for remark in generator.sample(GENERIC_SUGGESTIONS, len(GENERIC_SUGGESTIONS)):
        room -= len(remark.split())
        if room < 0:
            break
        remarks.append(remark)
    return remarks


def _select_critique(name: str, feedback: Sequence[tuple[tuple[str, ...], str]], names: Sequence[str]) -> str:
    """Return the sentences of the critiques about a criterion: from one that names it to one that names another."""
    selected, current = [], ""
    for criteria, text in feedback:
        current = criteria[0] if len(criteria) == 1 else ""
        for sentence in split_sentences(text):
            current = next((other for other in names if other in sentence), current)
            if current == name:
                selected.append(sentence)
    return " ".join(selected)


def _write_keep(name: str, covered: dict[str, int], generator: random.Random) -> str:
    """Return what to keep in the instruction; `covered` counts the words in it that name each aspect."""
    if not covered:
        return generator.choice(
            [
                f"The instruction for {name} is short and names the scale, and both should stay.",
                f"What works for {name} is the plain scale; it should be kept.",
            ]
        )
    best = max(covered, key=lambda aspect: (covered[aspect], aspect))
    return f"The instruction for {name} rightly asks whether {ASPECTS[best].praise}; that must stay."


def _write_cause(name: str, critique: str, generator: random.Random) -> str:
    """Return the cause of an error in the wording: the first aspect of the critique is missing from it."""
    direction = "too high" if "too high" in critique else "too low" if "too low" in critique else ""
    named = [aspect for aspect in count_mentions(critique) if aspect in list_aspects(name)]
    if not direction:
        return f"The critique finds no error on {name} that its wording would explain."
    missing = f"whether {ASPECTS[named[0]].praise}" if named else "what to look at"
    verb = generator.choice(["does not say", "leaves open", "is silent on"])
    return f"The rating for {name} came out {direction} because the wording {verb} {missing}."


def _write_suggestions(name: str, request: ParsedRequest, several: bool, generator: random.Random) -> list[str]:
    """Return what there is to say on a criterion: the form of an unreadable reply, severity, and aspects.

    Aspects that the critique names come first. Of the others, those that the instruction already names need no suggestion.
    """
    critique = _select_critique(name, request.feedback, list(request.scales))
    covered = count_mentions(request.instructions.get(name, ""))
    suggestions: list[str] = []
    if request.ratings.get(name, ("", ""))[0] == MISSING:
        suggestions.append(f"State that the rating for {name} is one whole number and nothing else.")
    if "too low" in critique:
        suggestions.append(generator.choice(LENIENT_SUGGESTIONS).format(name=name))
    elif "too high" in critique:
        suggestions.append(generator.choice(STRICT_SUGGESTIONS).format(name=name))
    criticised = [aspect for aspect in count_mentions(critique) if aspect in list_aspects(name)]
    others = [aspect for aspect in list_aspects(name) if aspect not in criticised and aspect not in covered]
    ranked = sorted(criticised + others, key=lambda aspect: (aspect in covered, aspect not in criticised, generator.random()))
    suggestions += [generator.choice(ASPECTS[aspect].suggestions) for aspect in ranked]
    if several:
        suggestions = [f"For {name}, {text[0].lower()}{text[1:]}" if name not in text else text for text in suggestions]
    return suggestions
