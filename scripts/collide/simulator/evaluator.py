"""The simulated evaluator of both diagnostics: it reads texts as an evaluator is shown them and knows of no mode."""

from __future__ import annotations

from collide.simulator.aspects import ASPECTS, mentioned
from collide.simulator.chance import digest, uniform
from collide.simulator.evidence import STOPWORDS, WORD, sentences
from collide.simulator.models import Strength
from collide.simulator.reading import Reading

EVALUATORS = {"specificity", "adherence"}
KNOWN = tuple(dict.fromkeys(aspect.criterion for aspect in ASPECTS.values()))
GENERIC_WEIGHT = 0.8
"""How much a sentence that would fit any criterion counts against the focus, beside one about another criterion."""


def topics(sentence: str, target: str, description: str) -> set[str]:
    """The criteria that a sentence is about: those it names, else those whose aspects it names."""
    lowered = sentence.lower()
    named = {name for name in {*KNOWN, target} if name.lower() in lowered}
    if named:
        return named
    about = {ASPECTS[aspect].criterion for aspect in mentioned(sentence)}
    if target not in KNOWN and len(_content(sentence) & _content(description)) >= 2:
        about.add(target)
    return about


def specificity(target: str, description: str, suggestions: str) -> float:
    """Share of the sentences that is about the target criterion, from 0 to 1."""
    own = others = generic = 0.0
    for sentence in sentences(suggestions.replace("\n", " ")):
        about = topics(sentence, target, description)
        if not about:
            generic += GENERIC_WEIGHT
        elif target in about:
            own += 1 / len(about)
            others += 1 - 1 / len(about)
        else:
            others += 1
    total = own + others + generic
    return own / total if total else 0.0


def adherence(target: str, description: str, suggestions: str, old: str, new: str) -> float:
    """Mean share of the words of each suggestion about the target that the new wording has, less what it dropped."""
    wanted = [
        _content(sentence)
        for text in suggestions.split("\n\n")
        for sentence in sentences(text.replace("\n", " "))
        if target in topics(sentence, target, description)
        and any(word in sentence.lower() for word in ("ask the judge", "tell the judge", "state that", "say that", "add that"))
    ]
    if not wanted:
        return 0.5
    have = _content(new)
    carried = sum(min(1.0, len(words & have) / max(1, len(words) - 2)) for words in wanted) / len(wanted)
    before = _content(old)
    kept = len(before & have) / len(before) if before else 1.0
    return 0.85 * carried + 0.15 * kept


def _content(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if word not in STOPWORDS}


def reply(reading: Reading, strength: Strength, seed: int) -> str:
    """A whole number from 1 to 10."""
    target, description = next(iter(reading.descriptions.items()), ("", ""))
    suggestions = "\n\n".join(text for _, text in reading.notes)
    if reading.role == "specificity":
        share = specificity(target, description, suggestions)
    else:
        share = adherence(target, description, suggestions, reading.old, reading.new)
    state = digest("evaluator", reading.role, target, suggestions, reading.new, seed)
    wavering = strength.misreading * (uniform(state) - 0.5)
    rating = max(1, min(10, round(1 + 9 * share + wavering)))
    return f"{rating}/10" if uniform(state, "style") < 0.02 else str(rating)
