"""The simulated evaluator of both diagnostics. It rates the texts that it is shown and does not know their mode."""

from __future__ import annotations

import math

from collide.simulator.aspects import ASPECTS
from collide.simulator.knowledge import SUMMARIES
from collide.simulator.models import FIVE_POINT_LENGTH, SimulatedModel
from collide.simulator.parsed_request import ParsedRequest
from collide.simulator.random_draws import draw_normal, draw_uniform, hash_parts
from collide.simulator.text_features import STOPWORDS, WORD, split_sentences

KNOWN_CRITERIA = tuple(dict.fromkeys(aspect.criterion for aspect in ASPECTS.values()))

# A sentence that would fit any criterion lowers the specificity a little less than one about another criterion (1.0).
GENERIC_WEIGHT = 0.8

# Ratings go from 1 to 10.
LOWEST_RATING, RATING_LENGTH = 1, 9

# Openings of the suggestions that a simulated gradient model writes.
SUGGESTION_OPENINGS = ("ask the judge", "tell the judge", "state that", "say that", "add that")

# The rating of adherence when no suggestion is about the target: there was nothing to follow.
NEUTRAL_ADHERENCE = 0.5

# Weights in adherence of the suggestions that were carried out, and of the old wording that was kept.
CARRIED_SHARE, KEPT_SHARE = 0.85, 0.15


def write_reply(request: ParsedRequest, model: SimulatedModel, seed: int, broken_rate: float) -> str:
    """Return a rating from 1 to 10 as text. It is never broken: one number leaves nothing to break."""
    target, description = next(iter(request.descriptions.items()), ("", ""))
    suggestions = "\n\n".join(text for _, text in request.feedback)
    if request.role == "specificity":
        share = measure_specificity(target, description, suggestions)
    else:
        share = measure_adherence(target, description, suggestions, request.old, request.new)
    key = hash_parts("evaluator", request.role, target, suggestions, request.new, seed)
    # The error has the same share of the scale as that of a judge of the same model.
    position = share + model.misreading * draw_normal(key) / FIVE_POINT_LENGTH
    # floor(x + 0.5) rather than round(): Python rounds halves to even numbers.
    rating = LOWEST_RATING + math.floor(RATING_LENGTH * max(0.0, min(1.0, position)) + 0.5)
    # Some models add the scale; the parser must cope.
    return f"{rating}/10" if draw_uniform(key, "style") < 0.02 else str(rating)


def measure_specificity(target: str, description: str, suggestions: str) -> float:
    """Return the share (0 to 1) of the sentences that is about the target criterion."""
    own = others = generic = 0.0
    for sentence in split_sentences(suggestions.replace("\n", " ")):
        topics = find_topics(sentence, target, description)
        if not topics:
            generic += GENERIC_WEIGHT
        elif target in topics:
            own += 1 / len(topics)
            others += 1 - 1 / len(topics)
        else:
            others += 1
    total = own + others + generic
    return own / total if total else 0.0


def measure_adherence(target: str, description: str, suggestions: str, old: str, new: str) -> float:
    """Return how much of the suggestions about the target the new wording has and of the old wording it kept, from 0 to 1."""
    wanted = [
        _content_words(sentence)
        for text in suggestions.split("\n\n")
        for sentence in split_sentences(text.replace("\n", " "))
        if target in find_topics(sentence, target, description)
        and any(opening in sentence.lower() for opening in SUGGESTION_OPENINGS)
    ]
    if not wanted:
        return NEUTRAL_ADHERENCE
    present = _content_words(new)
    # Two words of a suggestion ("ask", "judge") are its opening and need not be in the instruction.
    carried = math.fsum(min(1.0, len(words & present) / max(1, len(words) - 2)) for words in wanted) / len(wanted)
    before = _content_words(old)
    kept = len(before & present) / len(before) if before else 1.0
    return CARRIED_SHARE * carried + KEPT_SHARE * kept


def find_topics(sentence: str, target: str, description: str) -> set[str]:
    """Return the criteria that a sentence is about: those it names, else those whose aspects it names.

    A criterion without aspects is recognised by two words of its description.
    """
    lowered = sentence.lower()
    # The target's name may hold that of a known criterion: "self-coherence".
    others = lowered.replace(target.lower(), " ") if target else lowered
    named = {name for name in {*KNOWN_CRITERIA, target} if name.lower() in (lowered if name == target else others)}
    if named:
        return named
    topics = {ASPECTS[aspect].criterion for aspect in SUMMARIES.count_mentions(sentence)}
    if target not in KNOWN_CRITERIA and len(_content_words(sentence) & _content_words(description)) >= 2:
        topics.add(target)
    return topics


def _content_words(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if word not in STOPWORDS}
