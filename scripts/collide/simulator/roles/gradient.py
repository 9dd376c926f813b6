"""The simulated gradient model: suggestions for the instructions, derived from the critiques that the request shows.

The number of suggestions about criteria is limited by the model and by what the critiques leave to say; several criteria share
it. The model then fills the rest of its text with remarks that would fit any criterion.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence

from collide.experiment.scales import Scale
from collide.simulator.aspects import GENERIC_SUGGESTIONS, LENIENT_SUGGESTIONS, STRICT_SUGGESTIONS
from collide.simulator.knowledge import Knowledge, find_names, name_texts, select_knowledge
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
    generator = seed_generator("reply", request.role, request.output, str(request.feedback), str(request.instructions), seed)
    text = write_gradient(request, model, seed)
    return f"```\n{text}\n```" if generator.random() < 0.03 else text


def write_gradient(request: ParsedRequest, model: SimulatedModel, seed: int) -> str:
    """Return three paragraphs: what to keep, what caused the errors, and what to change."""
    names = list(request.scales)
    critique = " ".join(text for _, text in request.feedback)
    generator = seed_generator("gradient", critique, str(request.instructions), request.output, seed)
    wanted = {name: _write_suggestions(name, request, len(names) > 1, generator) for name in names}
    change = _share_suggestions(wanted, model.breadth, generator)
    knowledge, nouns = select_knowledge(request.tags), name_texts(request.tags)
    keep, cause = [], []
    for name in names:
        praises = {aspect: wording.praise.format(**nouns) for aspect, wording in knowledge.aspects.items()}
        keep.append(_write_keep(name, knowledge.count_mentions(request.instructions.get(name, "")), praises, generator))
        critique = _select_critique(name, request.feedback, names)
        cause.append(
            _write_cause(name, _find_direction(request.scales[name], critique), critique, knowledge, praises, generator)
        )
    change += _write_remarks(request.word_limit, [*keep, *cause, *change], nouns, generator)
    generator.shuffle(change)
    return "\n\n".join(" ".join(part) for part in (keep, cause, change))


def _share_suggestions(wanted: dict[str, list[str]], breadth: int, generator: random.Random) -> list[str]:
    """Return at most `breadth` suggestions, taken from the criteria in turn, the most important ones of each first."""
    order = generator.sample(list(wanted), len(wanted))
    turns = itertools.zip_longest(*(wanted[name][:MOST_PER_CRITERION] for name in order))
    return [text for turn in turns for text in turn if text is not None][:breadth]


def _write_remarks(limit: int, sentences: Sequence[str], nouns: Mapping[str, str], generator: random.Random) -> list[str]:
    """Return remarks that fit any criterion, until the text has the length that the model aims at; none without room."""
    low, high = FILLED_SHARE
    room = limit * (low + (high - low) * generator.random()) - sum(len(sentence.split()) for sentence in sentences)
    remarks = []
    for remark in generator.sample([text.format(**nouns) for text in GENERIC_SUGGESTIONS], len(GENERIC_SUGGESTIONS)):
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
            current = next(iter(find_names(sentence, names)), current)
            if current == name:
                selected.append(sentence)
    return " ".join(selected)


def _write_keep(name: str, covered: dict[str, int], praises: Mapping[str, str], generator: random.Random) -> str:
    """Return what to keep in the instruction; `covered` counts the words in it that name each aspect."""
    if not covered:
        return generator.choice(
            [
                f"The instruction for {name} is short and names the scale, and both should stay.",
                f"What works for {name} is the plain scale; it should be kept.",
            ]
        )
    best = max(covered, key=lambda aspect: (covered[aspect], aspect))
    return f"The instruction for {name} rightly asks whether {praises[best]}; that must stay."


def _find_direction(scale: Scale, critique: str) -> str:
    """Return the direction of the error that a critique tells, empty without an error."""
    # A critique that shows no scale cannot tell the order of classes.
    words = ("is wrong:",) if scale.is_nominal else ("too high", "too low", *(["is wrong:"] if scale.classes else []))
    return next((direction.removeprefix("is ").rstrip(":") for direction in words if direction in critique), "")


def _write_cause(
    name: str, direction: str, critique: str, knowledge: Knowledge, praises: Mapping[str, str], generator: random.Random
) -> str:
    """Return the cause of an error in the wording: the first aspect of the critique is missing from it."""
    own = knowledge.list_aspects(name)
    named = [aspect for aspect in knowledge.count_mentions(critique) if aspect in own]
    if not direction:
        return f"The critique finds no error on {name} that its wording would explain."
    missing = f"whether {praises[named[0]]}" if named else "what to look at"
    verb = generator.choice(["does not say", "leaves open", "is silent on"])
    return f"The rating for {name} came out {direction} because the wording {verb} {missing}."


def _write_suggestions(name: str, request: ParsedRequest, several: bool, generator: random.Random) -> list[str]:
    """Return what there is to say on a criterion: the form of an unreadable reply, severity, and aspects.

    Aspects that the critique names come first. Of the others, those that the instruction already names need no suggestion.
    """
    knowledge, scale = select_knowledge(request.tags), request.scales[name]
    fields = {"name": name, **name_texts(request.tags)}
    critique = _select_critique(name, request.feedback, list(request.scales))
    covered = knowledge.count_mentions(request.instructions.get(name, ""))
    suggestions: list[str] = []
    if request.ratings.get(name, ("", ""))[0] == MISSING:
        rating = "one whole number" if scale.is_whole else scale.describe() if scale.classes else f"one {scale.describe()}"
        suggestions.append(f"State that the rating for {name} is {rating} and nothing else.")
    direction = _find_direction(scale, critique)
    if direction == "wrong":
        suggestions.append(f"Say for {name} what a text must have for each of the answers {scale.describe()}.")
    elif "too low" in critique:
        suggestions.append(generator.choice(LENIENT_SUGGESTIONS).format(**fields))
    elif "too high" in critique:
        suggestions.append(generator.choice(STRICT_SUGGESTIONS).format(**fields))
    own, mentioned = knowledge.list_aspects(name), knowledge.count_mentions(critique)
    criticised = [aspect for aspect in mentioned if aspect in own]
    others = [aspect for aspect in own if aspect not in criticised and aspect not in covered]
    ranked = sorted(criticised + others, key=lambda aspect: (aspect in covered, aspect not in criticised, generator.random()))
    suggestions += [generator.choice(knowledge.aspects[aspect].suggestions).format(**fields) for aspect in ranked]
    if several:
        suggestions = [f"For {name}, {text[0].lower()}{text[1:]}" if name not in text else text for text in suggestions]
    return suggestions
