"""The simulated judge: ratings from lexical features, weighted by the instructions (docs/simulator.md has the formulas)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from collide.llm.request import Message
from collide.simulator.aspects import LENIENT, STRICT, count_mentions, list_aspects
from collide.simulator.models import FIVE_POINT_LENGTH, SimulatedModel
from collide.simulator.parsed_request import parse_request, split_pair
from collide.simulator.random_draws import draw_normal, draw_uniform, hash_parts
from collide.simulator.text_features import USUAL_VALUES, measure_summary

# Words of attention that each criterion gets in addition to those of its instruction, so that an empty one gets some.
ATTENTION_FLOOR = 12

# Guidance is named / (named + this): with two naming words the instruction and the model's own habits weigh the same.
HALF_GUIDANCE = 2.0

# Position on the scale (0 to 1) of a usual summary's rating, 3.8 on 1 to 5: experts rate above the middle in all criteria.
USUAL_POSITION = 0.70

# Share of the scale by which one unit of standardized evidence moves a rating. Kept as a product: the literal 0.352 differs
# from it in the last bit, which could change replies.
EVIDENCE_SLOPE = 0.22 * 1.6

# Lenient or strict words move a rating by at most this share of the scale.
LARGEST_SHIFT = 0.25

# A criterion without any attention is misread by 1 + 1.2 times the usual error.
INATTENTION_ERROR = 1.2

# The scale and the share of broken replies, in multiples of the setting, of a prompt that does not state the form of the reply.
# Both are assumptions: such a judge knows the scale from the instructions at best, and invents keys, fractions or prose.
USUAL_SCALE = (1, 5)
UNSTATED_FORM_FACTOR = 20


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """The effect of a judge prompt's instructions: per criterion the weight of each aspect, a shift, and the size of errors.

    `states_form` is True if the prompt names the keys and values of the reply.
    """

    scales: dict[str, tuple[int, int]]
    weights: dict[str, tuple[tuple[str, float], ...]]
    shifts: dict[str, float]
    noise: dict[str, float]
    states_form: bool


def write_reply(messages: tuple[Message, ...], model: SimulatedModel, temperature: float, seed: int, broken_rate: float) -> str:
    """Return the ratings as JSON, in the forms in which models write it, and broken at the given rate."""
    ratings: dict[str, object] = dict(rate_summary(messages, model, temperature, seed))
    key = hash_parts("format", model.name, seed, messages[-1]["content"], len(messages[0]["content"]))
    if not plan_judge(messages[0]["content"], model).states_form:
        broken_rate *= UNSTATED_FORM_FACTOR
    if draw_uniform(key) < broken_rate:
        return _break_reply(ratings, int(draw_uniform(key, "kind") * 4))
    text = json.dumps(ratings)
    style = draw_uniform(key, "style")
    if style < 0.86:
        return text
    if style < 0.92:
        return f"```json\n{text}\n```"
    if style < 0.96:
        return f"Here is my rating of the summary:\n{text}"
    return json.dumps({name: str(value) for name, value in ratings.items()})


def rate_summary(messages: tuple[Message, ...], model: SimulatedModel, temperature: float, seed: int) -> dict[str, int]:
    """Return an integer rating for each criterion that the prompt asks for."""
    system, user = messages[0]["content"], messages[-1]["content"]
    plan = plan_judge(system, model)
    aspects, pair_key = _measure_pair(user, model.name)
    # Part of the error is fixed for each pair, so that repeated calls do not average it out; the rest varies with the seed.
    sample_key = hash_parts(pair_key.hex(), system, seed) if temperature else pair_key
    ratings = {}
    for name, (low, high) in plan.scales.items():
        evidence = math.fsum(weight * aspects[aspect] for aspect, weight in plan.weights[name])
        drawn = draw_normal(pair_key, name) + math.sqrt(temperature) * draw_normal(sample_key, name)
        error = plan.noise[name] * drawn / FIVE_POINT_LENGTH
        position = USUAL_POSITION + EVIDENCE_SLOPE * evidence + plan.shifts[name] + error
        # floor(x + 0.5) rather than round(): Python rounds halves to even numbers.
        ratings[name] = max(low, min(high, low + math.floor(position * (high - low) + 0.5)))
    return ratings


@lru_cache(maxsize=4096)
def plan_judge(system: str, model: SimulatedModel) -> JudgePlan:
    """Return the effect of the instructions in a judge's system message.

    Attention is limited and shared by length. A criterion with less than an even share is rated partly by the aspects of the
    longer instructions, and with larger errors. Beyond the model's reach this happens to all criteria.
    """
    request = parse_request(({"role": "system", "content": system}, {"role": "user", "content": ""}))
    scales = request.scales or dict.fromkeys(request.instructions, USUAL_SCALE)
    names = list(scales)
    texts = {name: request.instructions.get(name, "") for name in names}
    lengths = {name: ATTENTION_FLOOR + len(text.split()) for name, text in texts.items()}
    total = sum(lengths.values())
    own = {name: weigh_aspects(name, text, model.insight) for name, text in texts.items()}
    reach = min(1.0, (model.attention + ATTENTION_FLOOR * len(names)) / max(total, 1))
    weights, shifts, noise = {}, {}, {}
    for name in names:
        share = min(1.0, lengths[name] * len(names) / total)
        attention = math.sqrt(share) * reach
        others = {n: lengths[n] / (total - lengths[name]) for n in names if n != name}
        leaked = {a: math.fsum(part * own[n][a] for n, part in others.items()) for a in USUAL_VALUES} if others else own[name]
        weights[name] = tuple((a, attention * own[name][a] + (1 - attention) * leaked[a]) for a in USUAL_VALUES)
        shifts[name] = attention * _measure_leniency(texts[name])
        noise[name] = model.misreading * (1 + INATTENTION_ERROR * (1 - attention))
    return JudgePlan(scales, weights, shifts, noise, bool(request.scales))


def weigh_aspects(criterion: str, instruction: str, insight: float) -> dict[str, float]:
    """Return the weight of each aspect for a criterion, which sum to 1, if its instruction had all the attention.

    Without guidance a judge weighs all aspects alike (a halo effect) and, by its insight, those that belong to the criterion.
    The more aspects the instruction names, the more these decide instead, whether they suit the criterion or not.
    """
    own, named = list_aspects(criterion), count_mentions(instruction)
    halo = {name: (1 - insight) / len(USUAL_VALUES) for name in USUAL_VALUES}
    known = {name: insight / len(own) if own else insight / len(USUAL_VALUES) for name in (own or USUAL_VALUES)}
    # The square root lets a repeated word count less than a new aspect.
    total = math.fsum(math.sqrt(count) for count in named.values())
    guidance = total / (total + HALF_GUIDANCE)
    return {
        name: (1 - guidance) * (halo[name] + known.get(name, 0.0))
        + (guidance * math.sqrt(named[name]) / total if name in named else 0.0)
        for name in USUAL_VALUES
    }


@lru_cache(maxsize=8192)
def _measure_pair(user: str, model_name: str) -> tuple[Mapping[str, float], bytes]:
    """Return the aspects of the pair in a user message, and the key of the model's errors on this pair."""
    article, summary, _ = split_pair(user)
    return measure_summary(article, summary).aspects, hash_parts(model_name, article, summary)


def _measure_leniency(instruction: str) -> float:
    """Return the share of the scale by which lenient (positive) and strict (negative) words move a criterion's ratings."""
    lenient, strict = len(LENIENT.findall(instruction)), len(STRICT.findall(instruction))
    return LARGEST_SHIFT * math.tanh(0.6 * (lenient - strict))


def _break_reply(ratings: dict[str, object], kind: int) -> str:
    """Return a reply that cannot be used: cut off, without a criterion, with a fraction, or in prose."""
    name = next(iter(ratings), "rating")
    text = json.dumps(ratings)
    return (
        text[: max(len(text) - 3, 1)],
        json.dumps({other: value for other, value in ratings.items() if other != name}),
        json.dumps(ratings | {name: 3.5}),
        f"The summary is decent overall; I would call its {name} acceptable.",
    )[kind]
