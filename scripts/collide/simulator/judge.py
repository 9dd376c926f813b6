"""The simulated judge: ratings from lexical evidence, steered by the instructions (docs/simulator.md states the mechanism)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from collide.simulator.aspects import LENIENT, STRICT, aspects_of, mentioned
from collide.simulator.chance import digest, normal, uniform
from collide.simulator.evidence import TYPICAL, examine
from collide.simulator.models import Strength
from collide.simulator.reading import read, split_pair

FLOOR = 12
"""Tokens of attention that a criterion gets however short its instruction."""

USUAL = 0.70
"""Where on a scale the rating of a usual summary lies."""

STEEPNESS = 0.22
"""Share of the scale that one unit of evidence moves a rating."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a judge makes of its instructions: per criterion the weight of each aspect, a shift, and the odds of erring."""

    scales: dict[str, tuple[int, int]]
    weights: dict[str, tuple[tuple[str, float], ...]]
    shifts: dict[str, float]
    noise: dict[str, float]


def focus(criterion: str, instruction: str, insight: float) -> dict[str, float]:
    """Weight of each aspect for a criterion, adding up to 1, if its instruction had all the attention.

    Without guidance a judge looks at everything alike (a halo), and at what it knows of the criterion by its name. The
    more aspects the instruction names, the more its words decide instead, apt or not.
    """
    own, named = aspects_of(criterion), mentioned(instruction)
    halo = {name: (1 - insight) / len(TYPICAL) for name in TYPICAL}
    known = {name: insight / len(own) if own else insight / len(TYPICAL) for name in (own or TYPICAL)}
    told = sum(math.sqrt(count) for count in named.values())
    guidance = told / (told + 2.0)
    return {
        name: (1 - guidance) * (halo[name] + known.get(name, 0.0))
        + (guidance * math.sqrt(named[name]) / told if name in named else 0.0)
        for name in TYPICAL
    }


@lru_cache(maxsize=4096)
def plan(system: str, strength: Strength) -> Plan:
    """Read the instructions of a judge prompt.

    Attention is limited and follows length: a criterion whose instruction is a smaller part of the whole than its even
    share is judged partly by what the longer ones speak of, and less surely; beyond the model's reach all are.
    """
    reading = read(({"role": "system", "content": system}, {"role": "user", "content": ""}))
    names = list(reading.scales)
    texts = {name: reading.instructions.get(name, "") for name in names}
    lengths = {name: FLOOR + len(text.split()) for name, text in texts.items()}
    total = sum(lengths.values())
    own = {name: focus(name, text, strength.insight) for name, text in texts.items()}
    reach = min(1.0, (strength.attention + FLOOR * len(names)) / max(total, 1))
    weights, shifts, noise = {}, {}, {}
    for name in names:
        share = min(1.0, lengths[name] * len(names) / total)
        attention = math.sqrt(share) * reach
        others = {n: lengths[n] / (total - lengths[name]) for n in names if n != name}
        leaked = {a: sum(part * own[n][a] for n, part in others.items()) for a in TYPICAL} if others else own[name]
        weights[name] = tuple((a, attention * own[name][a] + (1 - attention) * leaked[a]) for a in TYPICAL)
        shifts[name] = attention * _leaning(texts[name])
        noise[name] = strength.misreading * (1 + 1.2 * (1 - attention))
    return Plan(reading.scales, weights, shifts, noise)


def rate(messages: tuple[dict[str, str], ...], strength: Strength, temperature: float, seed: int, model: str) -> dict[str, int]:
    """A whole number per criterion that the prompt asks for."""
    system, user = messages[0]["content"], messages[-1]["content"]
    made = plan(system, strength)
    aspects, pair_state = _pair(user, model)
    sampled = digest(pair_state.hex(), system, seed) if temperature else pair_state
    ratings = {}
    for name, (low, high) in made.scales.items():
        evidence = sum(weight * aspects[aspect] for aspect, weight in made.weights[name])
        error = made.noise[name] * (normal(pair_state, name) + math.sqrt(temperature) * normal(sampled, name)) / 4
        place = USUAL + STEEPNESS * 1.6 * evidence + made.shifts[name] + error
        ratings[name] = max(low, min(high, low + math.floor(place * (high - low) + 0.5)))
    return ratings


@lru_cache(maxsize=8192)
def _pair(user: str, model: str) -> tuple[Mapping[str, float], bytes]:
    article, summary, _ = split_pair(user)
    return examine(article, summary).aspects, digest(model, article, summary)


def _leaning(instruction: str) -> float:
    """Share of the scale by which words of leniency and strictness move all ratings of a criterion."""
    lenient, strict = len(LENIENT.findall(instruction)), len(STRICT.findall(instruction))
    return 0.25 * math.tanh(0.6 * (lenient - strict))


def reply(
    messages: tuple[dict[str, str], ...], strength: Strength, temperature: float, seed: int, model: str, broken: float
) -> str:
    """The ratings as text, in the ways that models write JSON, and broken in some replies."""
    ratings: dict[str, object] = dict(rate(messages, strength, temperature, seed, model))
    chance = digest("format", model, seed, messages[-1]["content"], len(messages[0]["content"]))
    drawn = uniform(chance)
    if drawn < broken:
        return _broken(ratings, int(uniform(chance, "kind") * 4))
    text = json.dumps(ratings)
    style = uniform(chance, "style")
    if style < 0.86:
        return text
    if style < 0.92:
        return f"```json\n{text}\n```"
    if style < 0.96:
        return f"Here is my rating of the summary:\n{text}"
    return json.dumps({name: str(value) for name, value in ratings.items()})


def _broken(ratings: dict[str, object], kind: int) -> str:
    name = next(iter(ratings), "rating")
    text = json.dumps(ratings)
    return (
        text[: max(len(text) - 3, 1)],
        json.dumps({other: value for other, value in ratings.items() if other != name}),
        json.dumps(ratings | {name: 3.5}),
        f"The summary is decent overall; I would call its {name} acceptable.",
    )[kind]
