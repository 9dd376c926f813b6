"""The simulated gradient model: suggestions for the instructions, derived from the critiques that the request shows.

The number of relevant sentences is limited by the model. With one criterion all of them are about it. With several they are
shared out, and remarks that would fit any criterion are added.
"""

from __future__ import annotations

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
    counts = _share_sentences(model.breadth, names, generator)
    keep, cause, change = [], [], []
    for name in names:
        own = _select_critique(name, request.feedback, names)
        covered = count_mentions(request.instructions.get(name, ""))
        if counts[name]:
            keep.append(_write_keep(name, covered, generator))
            cause.append(_write_cause(name, own, generator))
            change += _write_suggestions(name, own, covered, counts[name], len(names) > 1, generator)
        if request.ratings.get(name, ("", ""))[0] == MISSING:
            change.append(f"State that the rating for {name} is one whole number and nothing else.")
    change += generator.sample(GENERIC_SUGGESTIONS, min(len(GENERIC_SUGGESTIONS), 2 * (len(names) - 1)))
    if len(names) > 1:
        keep.append(f"Together the {len(names)} instructions are clear enough, and their common form should not be changed.")
        cause.append("The instructions as a whole leave the judge without guidance on how to weigh one thing against another.")
        generator.shuffle(change)
    return "\n\n".join(" ".join(part) for part in (keep, cause, change))


def _share_sentences(breadth: int, names: Sequence[str], generator: random.Random) -> dict[str, int]:
    """Return the number of relevant sentences for each criterion; each further criterion also costs one in total."""
    order = generator.sample(list(names), len(names))
    counts = dict.fromkeys(names, 0)
    for turn in range(max(1, breadth - (len(names) - 1))):
        counts[order[turn % len(order)]] += 1
    return {name: min(count, MOST_PER_CRITERION) for name, count in counts.items()}


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


def _write_suggestions(
    name: str, critique: str, covered: dict[str, int], limit: int, several: bool, generator: random.Random
) -> list[str]:
    """Return up to `limit` suggestions: one on severity, then aspects, first those in the critique and not in the wording."""
    suggestions: list[str] = []
    if "too low" in critique:
        suggestions.append(generator.choice(LENIENT_SUGGESTIONS).format(name=name))
    elif "too high" in critique:
        suggestions.append(generator.choice(STRICT_SUGGESTIONS).format(name=name))
    criticised = [aspect for aspect in count_mentions(critique) if aspect in list_aspects(name)]
    others = [aspect for aspect in list_aspects(name) if aspect not in criticised]
    ranked = sorted(criticised + others, key=lambda aspect: (aspect in covered, aspect not in criticised, generator.random()))
    suggestions += [generator.choice(ASPECTS[aspect].suggestions) for aspect in ranked]
    if several:
        suggestions = [f"For {name}, {text[0].lower()}{text[1:]}" if name not in text else text for text in suggestions]
    return suggestions[:limit]
