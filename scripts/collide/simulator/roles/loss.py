"""The simulated loss model: a critique of the judge's ratings, from the texts that the request shows."""

from __future__ import annotations

import random

from collide.simulator.aspects import ASPECTS, list_aspects
from collide.simulator.models import SimulatedModel
from collide.simulator.parsed_request import MISSING, ParsedRequest
from collide.simulator.random_draws import seed_generator
from collide.simulator.text_features import SummaryFeatures, measure_summary

# A rating that differs less from the experts' mean is called right: the judge can only give integers.
TOLERANCE = 0.5

# Longest quotation from a summary, in characters.
QUOTE_LENGTH = 60


def write_reply(request: ParsedRequest, model: SimulatedModel, seed: int, broken_rate: float) -> str:
    """Return a critique: whether each rating is too high, too low or right, by how much, and the property that shows it.

    Without the summary, the critique has no property to name. It is never broken: every text is a usable critique.
    """
    generator = seed_generator("loss", request.article, request.summary, str(request.ratings), seed)
    features = measure_summary(request.article, request.summary)
    names = list(request.ratings)
    # With several criteria the model's sentences are shared out, so each gets fewer observations.
    limit = max(1, model.breadth // (2 * len(names)) + (1 if len(names) == 1 else 0))
    parts = []
    for name in names:
        judge, experts = request.ratings.get(name, ("", ""))
        if judge == MISSING:
            parts.append(f"The reply has no rating for {name} that can be read; the experts gave {experts}.")
            continue
        parts.append(_write_verdict(name, judge, experts, generator))
        difference = _subtract_ratings(judge, experts)
        if not request.summary:
            continue
        parts += _write_observations(name, difference if abs(difference) >= TOLERANCE else 0.0, features, limit, generator)
    words = " ".join(parts).split()
    return " ".join(words[: request.word_limit])


def _subtract_ratings(judge: str, experts: str) -> float:
    """Return the judge's rating less the experts', or 0 if one of them is not a number."""
    try:
        return float(judge) - float(experts)
    except ValueError:
        return 0.0


def _write_verdict(name: str, judge: str, experts: str, generator: random.Random) -> str:
    difference = _subtract_ratings(judge, experts)
    if abs(difference) < TOLERANCE:
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
    name: str, difference: float, features: SummaryFeatures, limit: int, generator: random.Random
) -> list[str]:
    """Return up to `limit` sentences on the weakest aspects if the rating is too high, on the strongest if it is too low."""
    own = list_aspects(name) or list(ASPECTS)
    ranked = sorted(own, key=lambda aspect: features.aspects[aspect], reverse=difference < 0)
    sentences = []
    for aspect in ranked[: limit if difference else 1]:
        wording = ASPECTS[aspect]
        if difference > 0:
            sentences.append(f"The judge overlooked that {wording.blame}{_quote_summary(aspect, features)}.")
        elif difference < 0:
            verb = generator.choice(["gave too little credit for the fact that", "does not seem to have noticed that"])
            sentences.append(f"The judge {verb} {wording.praise}.")
        else:
            sentences.append(f"It rightly weighed that {wording.praise if features.aspects[aspect] > 0 else wording.blame}.")
    return sentences


def _quote_summary(aspect: str, features: SummaryFeatures) -> str:
    """Return words of the summary or article that show a weakness in this aspect, as the end of a sentence."""
    if aspect in ("support", "facts") and features.unsupported:
        words = " and ".join(f"'{word}'" for word in features.unsupported[:2])
        return f", such as {words}, which the article does not have"
    if aspect in ("coverage", "lead") and features.left_out:
        return ", such as " + " and ".join(f"'{word}'" for word in features.left_out[:2])
    if aspect == "repetition" and features.repeated:
        return f", as in '{features.repeated[:QUOTE_LENGTH]}'"
    if aspect in ("fragments", "form") and features.incomplete:
        return f", as in '{features.incomplete[:QUOTE_LENGTH]}'"
    return ""
