"""The simulated loss, gradient and optimizer models: they write what such a model would, from what the request shows.

What they can say is limited in length. With one criterion all of it is about that criterion; with several it is shared out,
and what does not fit turns into remarks that would fit any criterion.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence

from collide.simulator.aspects import ASPECTS, GENERIC_EDITS, LENIENT_EDITS, STRICT_EDITS, aspects_of, mentioned
from collide.simulator.chance import generator
from collide.simulator.evidence import Evidence, examine, sentences
from collide.simulator.models import Strength
from collide.simulator.reading import Reading

TOLERANCE = 0.5
"""Points by which a rating may differ from the experts' without being called wrong."""

LIFTS = (
    re.compile(r"^(?:for [\w ,]+?,\s*)?(?:please )?(?:ask|tell|have|remind) the judge (?:not )?to ", re.I),
    re.compile(r"^(?:for [\w ,]+?,\s*)?(?:state|say|add|make clear|note|write) that ", re.I),
    re.compile(r"^(?:for [\w ,]+?,\s*)?(?:state|say|add) ", re.I),
)
"""How suggestions open; what follows is the instruction itself."""


def criticise(reading: Reading, strength: Strength, seed: int) -> str:
    """A critique of the ratings: too high, too low or right, by how much, and what in the summary shows it."""
    chance = generator("loss", reading.article, reading.summary, str(reading.ratings), seed)
    found = examine(reading.article, reading.summary)
    names = list(reading.scales)
    room = max(1, strength.breadth // (2 * len(names)) + (1 if len(names) == 1 else 0))
    parts = []
    for name in names:
        judge, experts = reading.ratings.get(name, ("", ""))
        parts.append(_verdict(name, judge, experts, chance))
        difference = _difference(judge, experts)
        parts += _observations(name, difference if abs(difference) >= TOLERANCE else 0.0, found, room, chance)
    words = " ".join(parts).split()
    return " ".join(words[: reading.words])


def _difference(judge: str, experts: str) -> float:
    try:
        return float(judge) - float(experts)
    except ValueError:
        return 0.0


def _verdict(name: str, judge: str, experts: str, chance: random.Random) -> str:
    difference = _difference(judge, experts)
    if abs(difference) < TOLERANCE:
        return chance.choice(
            [
                f"The rating of {judge} for {name} is about right; the experts gave {experts}.",
                f"On {name}, the judge's {judge} agrees with the experts' {experts}.",
            ]
        )
    word = "too high" if difference > 0 else "too low"
    return chance.choice(
        [
            f"The rating of {judge} for {name} is {word}: the experts gave {experts}, so it is off by {abs(difference):.1f}.",
            f"On {name}, {judge} is {word} by {abs(difference):.1f}, for the experts settled on {experts}.",
            f"For {name} the judge answered {judge} where the experts have {experts}; that is {word}.",
        ]
    )


def _observations(name: str, difference: float, found: Evidence, room: int, chance: random.Random) -> list[str]:
    """What the text shows about a criterion: its weak sides where the rating is too high, its strong ones where too low."""
    own = aspects_of(name) or list(ASPECTS)
    ranked = sorted(own, key=lambda aspect: found.aspects[aspect], reverse=difference < 0)
    said = []
    for aspect in ranked[: room if difference else 1]:
        facts = ASPECTS[aspect]
        quote = _quote(aspect, found)
        if difference > 0:
            said.append(f"The judge overlooked that {facts.blame}{quote}.")
        elif difference < 0:
            verb = chance.choice(["gave too little credit for the fact that", "does not seem to have noticed that"])
            said.append(f"The judge {verb} {facts.praise}.")
        else:
            said.append(f"It rightly weighed that {facts.praise if found.aspects[aspect] > 0 else facts.blame}.")
    return said


def _quote(aspect: str, found: Evidence) -> str:
    if aspect in ("support", "facts") and found.unsupported:
        return ", such as " + " and ".join(f"'{word}'" for word in found.unsupported[:2]) + ", which the article does not have"
    if aspect in ("coverage", "lead") and found.left_out:
        return ", such as " + " and ".join(f"'{word}'" for word in found.left_out[:2])
    if aspect == "repetition" and found.repeated:
        return f", as in '{found.repeated[:60]}'"
    if aspect in ("fragments", "form") and found.broken:
        return f", as in '{found.broken[:60]}'"
    return ""


def differentiate(reading: Reading, strength: Strength, seed: int) -> str:
    """A textual gradient of three paragraphs: what to keep, what caused the errors, what to change."""
    names = list(reading.scales)
    critique = " ".join(text for _, text in reading.notes)
    chance = generator("gradient", critique, str(reading.instructions), reading.summary, seed)
    room = _share_out(strength.breadth, names, chance)
    keep, cause, change = [], [], []
    for name in names:
        own = _about(name, reading.notes, names)
        told = mentioned(reading.instructions.get(name, ""))
        if room[name]:
            keep.append(_keep(name, told, chance))
            cause.append(_cause(name, own, chance))
            change += _edits(name, own, told, room[name], len(names) > 1, chance)
    change += chance.sample(GENERIC_EDITS, min(len(GENERIC_EDITS), 2 * (len(names) - 1)))
    if len(names) > 1:
        keep.append(f"Together the {len(names)} instructions are clear enough, and their common form should not be changed.")
        cause.append("The instructions as a whole leave the judge without guidance on how to weigh one thing against another.")
        chance.shuffle(change)
    return "\n\n".join(" ".join(part) for part in (keep, cause, change))


def _share_out(breadth: int, names: Sequence[str], chance: random.Random) -> dict[str, int]:
    """Sentences to the point for each criterion: all of them for one, and less for each the more there are."""
    order = chance.sample(list(names), len(names))
    room = dict.fromkeys(names, 0)
    for turn in range(max(1, breadth - (len(names) - 1))):
        room[order[turn % len(order)]] += 1
    return {name: min(count, 4) for name, count in room.items()}


def _about(name: str, notes: Sequence[tuple[tuple[str, ...], str]], names: Sequence[str]) -> str:
    """The part of the critiques that is about a criterion: from where it is named to where another one is."""
    said, speaking = [], ""
    for criteria, text in notes:
        speaking = criteria[0] if len(criteria) == 1 else ""
        for sentence in sentences(text):
            speaking = next((other for other in names if other in sentence), speaking)
            if speaking == name:
                said.append(sentence)
    return " ".join(said)


def _keep(name: str, told: dict[str, int], chance: random.Random) -> str:
    if not told:
        return chance.choice(
            [
                f"The instruction for {name} is short and names the scale, and both should stay.",
                f"What works for {name} is the plain scale; it should be kept.",
            ]
        )
    best = max(told, key=lambda aspect: (told[aspect], aspect))
    return f"The instruction for {name} rightly asks whether {ASPECTS[best].praise}; that must stay."


def _cause(name: str, critique: str, chance: random.Random) -> str:
    direction = "too high" if "too high" in critique else "too low" if "too low" in critique else ""
    named = [aspect for aspect in mentioned(critique) if aspect in aspects_of(name)]
    if not direction:
        return f"The critique finds no error on {name} that its wording would explain."
    what = f"whether {ASPECTS[named[0]].praise}" if named else "what to look at"
    lack = chance.choice(["does not say", "leaves open", "is silent on"])
    return f"The rating for {name} came out {direction} because the wording {lack} {what}."


def _edits(name: str, critique: str, told: dict[str, int], room: int, several: bool, chance: random.Random) -> list[str]:
    """Up to `room` suggestions on a criterion: how severe to be, then what to look at, unless it is said already."""
    edits: list[str] = []
    if "too low" in critique:
        edits.append(chance.choice(LENIENT_EDITS).format(name=name))
    elif "too high" in critique:
        edits.append(chance.choice(STRICT_EDITS).format(name=name))
    seen = [aspect for aspect in mentioned(critique) if aspect in aspects_of(name)]
    rest = [aspect for aspect in aspects_of(name) if aspect not in seen]
    ranked = sorted(seen + rest, key=lambda aspect: (aspect in told, aspect not in seen, chance.random()))
    edits += [chance.choice(ASPECTS[aspect].edits) for aspect in ranked]
    if several:
        edits = [f"For {name}, {edit[0].lower()}{edit[1:]}" if name not in edit else edit for edit in edits]
    return edits[:room]


def rewrite(reading: Reading, strength: Strength, seed: int) -> dict[str, str]:
    """New wording per criterion: the present one, less what is redundant, with part of the suggestions worked in."""
    names = list(reading.instructions)
    chance = generator("optimizer", str(reading.notes), str(reading.instructions), seed)
    suggested: dict[str, list[str]] = {name: [] for name in names}
    for criteria, text in reading.notes:
        for sentence in sentences(text.split("\n\n")[-1]):
            if chance.random() < strength.care:
                suggested[_place(sentence, criteria, names, strength, chance)].append(_lift(sentence))
    return {name: _merge(reading.instructions[name], suggested[name], chance) for name in names}


def _place(sentence: str, criteria: tuple[str, ...], names: Sequence[str], strength: Strength, chance: random.Random) -> str:
    """Whose instruction a suggestion goes into: the criterion that it names or whose aspect it names, else any; and now
    and then, with several at hand, the wrong one."""
    candidates = [name for name in names if name in criteria] or list(names)
    if len(candidates) == 1:
        return candidates[0]
    if chance.random() > strength.care:
        return chance.choice(candidates)
    named = [name for name in candidates if name in sentence.lower()]
    meant = [ASPECTS[aspect].criterion for aspect in mentioned(sentence)]
    return next((name for name in [*named, *meant] if name in candidates), chance.choice(candidates))


def _lift(suggestion: str) -> str:
    """The instruction that a suggestion asks for."""
    for opening in LIFTS:
        lifted = opening.sub("", suggestion, count=1)
        if lifted != suggestion:
            return lifted[:1].upper() + lifted[1:]
    return suggestion


def _merge(old: str, new: Sequence[str], chance: random.Random, most: int = 12) -> str:
    """Old sentences and new ones, none twice; when there are too many, the oldest that is not the first goes."""
    merged: list[str] = []
    for sentence in [*sentences(old), *new]:
        if not any(_alike(sentence, other) for other in merged):
            merged.append(sentence)
    while len(merged) > most:
        merged.pop(1 + int(chance.random() * (len(merged) - most)))
    return " ".join(merged)


def _alike(one: str, other: str) -> bool:
    a, b = set(one.lower().split()), set(other.lower().split())
    return len(a & b) >= 0.8 * min(len(a), len(b)) if a and b else False


WRITERS = {"loss", "gradient", "optimizer"}


def reply(reading: Reading, strength: Strength, seed: int, broken: float) -> str:
    """The text of a loss, gradient or optimizer model, in the ways such models reply."""
    chance = generator("reply", reading.role, reading.summary, str(reading.notes), str(reading.instructions), seed)
    style = chance.random()
    if reading.role == "loss":
        return criticise(reading, strength, seed)
    if reading.role == "gradient":
        text = differentiate(reading, strength, seed)
        return f"```\n{text}\n```" if style < 0.03 else text
    text = json.dumps(rewrite(reading, strength, seed), ensure_ascii=False)
    if chance.random() < broken:
        return text[: len(text) // 2]
    if style < 0.15:
        return f"```json\n{text}\n```"
    return f"Here are the revised instructions.\n\n{text}" if style < 0.25 else text
