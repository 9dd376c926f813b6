"""The simulated loss model: a critique of the judge's ratings, from the texts that the request shows."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from collide.experiment.scales import Scale
from collide.simulator.knowledge import Knowledge, name_texts, select_knowledge
from collide.simulator.models import SimulatedModel
from collide.simulator.parsed_request import MISSING, ParsedRequest
from collide.simulator.random_draws import seed_generator
from collide.simulator.text_features import Features

# A rating that differs from the experts' mean by less than this share of a step is called right: no other rating is closer.
TOLERANCE = 0.5

# Longest quotation from an output, in characters.
QUOTE_LENGTH = 60

# The experts' mean on a scale of classes with an order.
BETWEEN = re.compile(r"between (.+) and (.+?)(?:, closer to (.+))?")


def write_reply(request: ParsedRequest, model: SimulatedModel, seed: int, broken_rate: float) -> str:
    """Return a critique: whether each rating is too high, too low or right, by how much, and the property that shows it.

    Without the output, the critique has no property to name. It is never broken: every text is a usable critique.
    """
    generator = seed_generator("loss", request.source, request.output, str(request.ratings), seed)
    knowledge, nouns = select_knowledge(request.tags), name_texts(request.tags)
    features = knowledge.measure(request.source, request.output)
    names = list(request.ratings)
    # With several criteria the model's sentences are shared out, so each gets fewer observations.
    limit = max(1, model.breadth // (2 * len(names)) + (1 if len(names) == 1 else 0))
    parts = []
    for name in names:
        judge, experts = request.ratings.get(name, ("", ""))
        if judge == MISSING:
            parts.append(f"The reply has no rating for {name} that can be read; the experts gave {experts}.")
            continue
        scale = request.scales.get(name)
        difference = _subtract_ratings(judge, experts, scale)
        is_right = abs(difference) < TOLERANCE * (scale.step if scale else 1)
        if scale.is_nominal if scale else not _is_number(judge):
            parts.append(_write_class_verdict(name, judge, experts, is_right, generator))
        else:
            parts.append(_write_verdict(name, judge, experts, 0.0 if is_right else difference, generator))
        if not request.output:
            continue
        parts += _write_observations(name, 0.0 if is_right else difference, features, knowledge, limit, nouns, generator)
    words = " ".join(parts).split()
    return " ".join(words[: request.word_limit])


def _subtract_ratings(judge: str, experts: str, scale: Scale | None) -> float:
    """Return the judge's rating less the experts', in the order of classes; 1 for different words without a known scale."""
    if scale and scale.classes:
        return _place_class(judge, scale) - _place_class(experts, scale)
    try:
        return float(judge) - float(experts)
    except ValueError:
        return float(judge != experts)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+", text) is not None


def _place_class(text: str, scale: Scale) -> float:
    """Return the place of a class, or of a mean between two classes; the lowest for any other text."""
    if text in scale.classes:
        return scale.classes.index(text)
    if not (between := BETWEEN.fullmatch(text)):
        return 0.0
    below, above = _place_class(between[1], scale), _place_class(between[2], scale)
    # A quarter of the way: the closer class is right, and the other one is not.
    shift = 0.0 if between[3] is None else -0.25 if between[3] == between[1] else 0.25
    return 0.5 * (below + above) + shift


def _write_class_verdict(name: str, judge: str, experts: str, is_right: bool, generator: random.Random) -> str:
    if is_right:
        return generator.choice(
            [f"The rating of {judge} for {name} is right.", f"On {name}, {judge} is what the experts chose."]
        )
    return generator.choice(
        [
            f"The rating of {judge} for {name} is wrong: the experts chose {experts}.",
            f"On {name}, the judge's {judge} is wrong: it should be {experts}.",
        ]
    )


def _write_verdict(name: str, judge: str, experts: str, difference: float, generator: random.Random) -> str:
    if not difference:
        return generator.choice(
            [
                f"The rating of {judge} for {name} is about right; the experts gave {experts}.",
                f"On {name}, the judge's {judge} agrees with the experts' {experts}.",
            ]
        )
    word = "too high" if difference > 0 else "too low"
    return generator.choice(
        [
            f"The rating of {judge} for {name} is {word}: the experts gave {experts}, so it is off by {abs(difference):.1f}.",
            f"On {name}, {judge} is {word} by {abs(difference):.1f}, for the experts settled on {experts}.",
            f"For {name} the judge answered {judge} where the experts have {experts}; that is {word}.",
        ]
    )


def _write_observations(
    name: str,
    difference: float,
    features: Features,
    knowledge: Knowledge,
    limit: int,
    nouns: Mapping[str, str],
    generator: random.Random,
) -> list[str]:
    """Return up to `limit` sentences on the weakest aspects if the rating is too high, on the strongest if it is too low."""
    own = knowledge.list_aspects(name) or list(knowledge.aspects)
    ranked = sorted(own, key=lambda aspect: features.aspects[aspect], reverse=difference < 0)
    sentences = []
    for aspect in ranked[: limit if difference else 1]:
        praise, blame = (text.format(**nouns) for text in (knowledge.aspects[aspect].praise, knowledge.aspects[aspect].blame))
        if difference > 0:
            sentences.append(f"The judge overlooked that {blame}{_quote_output(aspect, features, nouns)}.")
        elif difference < 0:
            verb = generator.choice(["gave too little credit for the fact that", "does not seem to have noticed that"])
            sentences.append(f"The judge {verb} {praise}.")
        else:
            sentences.append(f"It rightly weighed that {praise if features.aspects[aspect] > 0 else blame}.")
    return sentences


def _quote_output(aspect: str, features: Features, nouns: Mapping[str, str]) -> str:
    """Return words of the output or the inputs that show a weakness in this aspect, as the end of a sentence."""
    if aspect in ("support", "facts", "overlap") and features.unsupported:
        words = " and ".join(f"'{word}'" for word in features.unsupported[:2])
        return f", such as {words}, which {nouns['source']} does not have"
    if aspect in ("coverage", "lead") and features.left_out:
        return ", such as " + " and ".join(f"'{word}'" for word in features.left_out[:2])
    if aspect == "repetition" and features.repeated:
        return f", as in '{features.repeated[:QUOTE_LENGTH]}'"
    if aspect in ("fragments", "form") and features.incomplete:
        return f", as in '{features.incomplete[:QUOTE_LENGTH]}'"
    return ""
