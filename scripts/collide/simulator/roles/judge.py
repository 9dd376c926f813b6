"""The simulated judge: ratings from lexical features, weighted by the instructions (docs/simulator.md has the formulas)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from collide.experiment.scales import Scale, build_scale
from collide.llm.request import Message
from collide.simulator.aspects import LENIENT, STRICT
from collide.simulator.knowledge import Knowledge, name_texts, select_knowledge
from collide.simulator.models import FIVE_POINT_LENGTH, SimulatedModel
from collide.simulator.parsed_request import find_scale, find_tags, parse_request, split_pair
from collide.simulator.random_draws import draw_normal, draw_uniform, hash_parts

# Words of attention that each criterion gets in addition to those of its instruction, so that an empty one gets some.
ATTENTION_FLOOR = 12

# Guidance is named / (named + this): with two naming words the instruction and the model's own habits weigh the same.
HALF_GUIDANCE = 2.0

# Position on the scale (0 to 1) of a usual text's rating, 3.8 on 1 to 5: experts rate above the middle in all criteria.
USUAL_POSITION = 0.70

# Share of the scale by which one unit of standardized evidence moves a rating. Kept as a product: the literal 0.352 differs
# from it in the last bit, which could change replies.
EVIDENCE_SLOPE = 0.22 * 1.6

# Lenient or strict words move a rating by at most this share of the scale.
LARGEST_SHIFT = 0.25

# A criterion without any attention is misread by 1 + 1.2 times the usual error.
INATTENTION_ERROR = 1.2

# The scale, if the instructions name none, and the share of broken replies, in multiples of the setting, of a prompt that does
# not state the form of the reply. Both are assumptions: such a judge invents keys, fractions or prose.
USUAL_SCALE = build_scale([1, 5])
UNSTATED_FORM_FACTOR = 20


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """The effect of a judge prompt's instructions: per criterion the weight of each aspect, a shift, and the size of errors.

    `states_form` is True if the prompt names the keys and values of the reply.
    """

    scales: dict[str, Scale]
    weights: dict[str, tuple[tuple[str, float], ...]]
    shifts: dict[str, float]
    noise: dict[str, float]
    states_form: bool


def write_reply(messages: tuple[Message, ...], model: SimulatedModel, temperature: float, seed: int, broken_rate: float) -> str:
    """Return the ratings as JSON, in the forms in which models write it, and broken at the given rate."""
    system, user = messages[0]["content"], messages[-1]["content"]
    tags = find_tags(user)
    plan = plan_judge(system, model, select_knowledge(tags))
    ratings = rate_output(messages, model, temperature, seed)
    key = hash_parts("format", model.name, seed, user, len(system))
    if not plan.states_form:
        broken_rate *= UNSTATED_FORM_FACTOR
    noun = name_texts(tags)["output"]
    if draw_uniform(key) < broken_rate:
        return _break_reply(ratings, plan.scales, noun, int(draw_uniform(key, "kind") * 4))
    text = json.dumps(ratings)
    style = draw_uniform(key, "style")
    if style < 0.86:
        return text
    if style < 0.92:
        return f"```json\n{text}\n```"
    if style < 0.96:
        return f"Here is my rating of the {noun}:\n{text}"
    return json.dumps({name: str(value) for name, value in ratings.items()})


def rate_output(
    messages: tuple[Message, ...], model: SimulatedModel, temperature: float, seed: int
) -> dict[str, int | float | str]:
    """Return a number, or the name of a class, for each criterion that the prompt asks for."""
    system, user = messages[0]["content"], messages[-1]["content"]
    plan = plan_judge(system, model, select_knowledge(find_tags(user)))
    aspects, pair_key = _measure_pair(user, model.name)
    # Part of the error is fixed for each pair, so that repeated calls do not average it out; the rest varies with the seed.
    sample_key = hash_parts(pair_key.hex(), system, seed) if temperature else pair_key
    ratings = {}
    for name, scale in plan.scales.items():
        evidence = math.fsum(weight * aspects[aspect] for aspect, weight in plan.weights[name])
        drawn = draw_normal(pair_key, name) + math.sqrt(temperature) * draw_normal(sample_key, name)
        error = plan.noise[name] * drawn / FIVE_POINT_LENGTH
        position = USUAL_POSITION + EVIDENCE_SLOPE * evidence + plan.shifts[name] + error
        # floor(x + 0.5) rather than round(): Python rounds halves to even numbers.
        last = len(scale.values) - 1
        place = max(0, min(last, math.floor(position * last + 0.5)))
        ratings[name] = scale.classes[place] if scale.classes else scale.values[place]
    return ratings


@lru_cache(maxsize=4096)
def plan_judge(system: str, model: SimulatedModel, knowledge: Knowledge) -> JudgePlan:
    """Return the effect of the instructions in a judge's system message; `knowledge` is about the texts that it rates.

    Attention is limited and shared by length. A criterion with less than an even share is rated partly by the aspects of the
    longer instructions, and with larger errors. Beyond the model's reach this happens to all criteria.
    """
    request = parse_request(({"role": "system", "content": system}, {"role": "user", "content": ""}))
    scales = request.scales or {name: find_scale(text) or USUAL_SCALE for name, text in request.instructions.items()}
    names = list(scales)
    texts = {name: request.instructions.get(name, "") for name in names}
    lengths = {name: ATTENTION_FLOOR + len(text.split()) for name, text in texts.items()}
    total = sum(lengths.values())
    own = {name: weigh_aspects(name, text, model.insight, knowledge) for name, text in texts.items()}
    reach = min(1.0, (model.attention + ATTENTION_FLOOR * len(names)) / max(total, 1))
    weights, shifts, noise = {}, {}, {}
    for name in names:
        share = min(1.0, lengths[name] * len(names) / total)
        attention = math.sqrt(share) * reach
        others = {n: lengths[n] / (total - lengths[name]) for n in names if n != name}
        leaked = (
            {a: math.fsum(part * own[n][a] for n, part in others.items()) for a in knowledge.aspects} if others else own[name]
        )
        weights[name] = tuple((a, attention * own[name][a] + (1 - attention) * leaked[a]) for a in knowledge.aspects)
        shifts[name] = attention * _measure_leniency(texts[name])
        noise[name] = model.misreading * (1 + INATTENTION_ERROR * (1 - attention))
    return JudgePlan(scales, weights, shifts, noise, bool(request.scales))


def weigh_aspects(criterion: str, instruction: str, insight: float, knowledge: Knowledge) -> dict[str, float]:
    """Return the weight of each aspect for a criterion, which sum to 1, if its instruction had all the attention.

    Without guidance a judge weighs all aspects alike (a halo effect) and, by its insight, those that belong to the criterion.
    The more aspects the instruction names, the more these decide instead, whether they suit the criterion or not.
    """
    aspects, own, named = knowledge.aspects, knowledge.list_aspects(criterion), knowledge.count_mentions(instruction)
    halo = {name: (1 - insight) / len(aspects) for name in aspects}
    known = {name: insight / len(own) if own else insight / len(aspects) for name in (own or aspects)}
    # The square root lets a repeated word count less than a new aspect.
    total = math.fsum(math.sqrt(count) for count in named.values())
    guidance = total / (total + HALF_GUIDANCE)
    return {
        name: (1 - guidance) * (halo[name] + known.get(name, 0.0))
        + (guidance * math.sqrt(named[name]) / total if name in named else 0.0)
        for name in aspects
    }


@lru_cache(maxsize=8192)
def _measure_pair(user: str, model_name: str) -> tuple[Mapping[str, float], bytes]:
    """Return the aspects of the pair in a user message, and the key of the model's errors on this pair."""
    tags = find_tags(user)
    source, output, _ = split_pair(user, tags)
    return select_knowledge(tags).measure(source, output).aspects, hash_parts(model_name, source, output)


def _measure_leniency(instruction: str) -> float:
    """Return the share of the scale by which lenient (positive) and strict (negative) words move a criterion's ratings."""
    lenient, strict = len(LENIENT.findall(instruction)), len(STRICT.findall(instruction))
    return LARGEST_SHIFT * math.tanh(0.6 * (lenient - strict))


def _break_reply(ratings: Mapping[str, object], scales: Mapping[str, Scale], noun: str, kind: int) -> str:
    """Return a reply that cannot be used: cut off, without a criterion, off the scale, or in prose."""
    name = next(iter(ratings), "rating")
    text = json.dumps(ratings)
    scale = scales.get(name, USUAL_SCALE)
    # 3.5 may be on a scale with steps.
    off_scale = 3.5 if scale.is_whole or scale.classes else scale.low - scale.step
    return (
        text[: max(len(text) - 3, 1)],
        json.dumps({other: value for other, value in ratings.items() if other != name}),
        json.dumps({**ratings, name: off_scale}),
        f"The {noun} is decent overall; I would call its {name} acceptable.",
    )[kind]
