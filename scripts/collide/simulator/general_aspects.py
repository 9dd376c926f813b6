"""Aspects of any text, for texts that are no summaries of news: plain properties of an output, alone or beside its inputs.

They are no knowledge of the criteria. A criterion belongs to the aspects that its name speaks of; the aspects of any other name
are chosen by a hash of it, so that different criteria are rated differently and the same one always in the same way.
"""

from __future__ import annotations

import functools
import itertools
import math
import re

from collide.simulator.aspects import Aspect
from collide.simulator.random_draws import draw_uniform, hash_parts
from collide.simulator.text_features import HIGHEST, LOWEST, STOPWORDS, Features, find_repeated, split_sentences

# Words in any script. In a script without blanks a word is a whole phrase.
WORD = re.compile(r"\w+(?:['\u2019]\w+)?")
DETAIL = re.compile(r"(?<![.!?]\s)(?<!^)\b(?:[^\W\d_a-z]\w+|\d[\d,.]*)")
ADDRESS = re.compile(r"[?!\u00bf\u00a1\uff1f\uff01]|\b(?:you|your|we|our|us)\b", re.IGNORECASE)
ENDS = ".!?\"')]\u2026\u3002\uff01\uff1f\u0964"

# Aspects of a criterion whose name speaks of none.
CHOSEN_BY_HASH = 2

# Usual value and spread of each aspect. Both are assumptions for texts from a line to a page.
USUAL_VALUES = {
    "length": (8.5, 2.0),
    "wording": (4.6, 0.6),
    "pace": (14.0, 6.0),
    "form": (0.8, 0.25),
    "repetition": (0.95, 0.08),
    "detail": (0.08, 0.07),
    "address": (0.3, 0.35),
    "overlap": (0.4, 0.25),
}


def _define_aspect(pattern: str, praise: str, blame: str, *suggestions: str) -> Aspect:
    return Aspect("", re.compile(pattern, re.IGNORECASE), praise, blame, suggestions)


ASPECTS: dict[str, Aspect] = {
    "length": _define_aspect(
        r"length|\bshort|\blong|brief|thorough|complete|full|depth|elaborat",
        "it says enough",
        "it is too short to say much",
        "Ask the judge to look at whether the {output} says enough when rating {name}.",
        "State that a few words cannot earn the highest rating for {name}.",
    ),
    "wording": _define_aspect(
        r"word|vocabular|style|term|register|language|formal",
        "its choice of words is rich",
        "its choice of words is poor",
        "Ask the judge to look at the choice of words in the {output} for {name}.",
        "State that simple words alone rule out the highest rating for {name}.",
    ),
    "pace": _define_aspect(
        r"sentence|flow|structur|organi[sz]|logic|coheren|pace|clarity",
        "its sentences develop a thought",
        "its sentences are clipped",
        "Ask the judge to look at how the sentences of the {output} develop a thought when rating {name}.",
        "State that clipped sentences cost a point of {name}.",
    ),
    "form": _define_aspect(
        r"gramma|spell|punctuat|fluen|natural|readab|understand|well[- ]formed|convention|mistake",
        "its sentences are well formed",
        "its capitals or punctuation are broken",
        "Ask the judge to check grammar, spelling and punctuation of the {output} for {name}.",
        "State that a sentence without an end or a capital letter lowers the rating for {name}.",
    ),
    "repetition": _define_aspect(
        r"repeat|repetit|redundan|twice|same thing|divers|variet|original|creativ",
        "it says nothing twice",
        "it says the same thing twice",
        "Ask the judge to look for repeated phrases in the {output} when rating {name}.",
        "State that repetition costs a point of {name}.",
    ),
    "detail": _define_aspect(
        r"detail|specific|\bnames?\b|number|example|inform|concrete|evidence",
        "it gives names and numbers",
        "it stays vague",
        "Ask the judge to count the names, numbers and examples in the {output} for {name}.",
        "State that a text without a concrete detail earns a low rating for {name}.",
    ),
    "address": _define_aspect(
        r"engag|interest|question|reader|listener|\buser|polite|empath|emotion|tone|persua|friendl|harm|toxic",
        "it speaks to its reader",
        "it does not speak to its reader",
        "Ask the judge to look at how the {output} speaks to its reader when rating {name}.",
        "State that a text which asks and answers nothing earns a low rating for {name}.",
    ),
    "overlap": _define_aspect(
        r"relevan|context|ground|knowledge|support|consisten|faithful|fact|topic|refer|input|source|prompt",
        "it takes up what {source} says",
        "it takes up little of what {source} says",
        "Ask the judge to compare the {output} with {source} for {name}.",
        "State that a text which ignores {source} earns a low rating for {name}.",
    ),
}
ASPECTS_ALONE = {name: aspect for name, aspect in ASPECTS.items() if name != "overlap"}


@functools.lru_cache(maxsize=512)
def choose_aspects(criterion: str, alone: bool) -> list[str]:
    """Return the aspects that the name of a criterion speaks of, else some that a hash of the name chooses.

    `alone` leaves out the aspects that compare an output with its inputs.
    """
    aspects = ASPECTS_ALONE if alone else ASPECTS
    named = [name for name, aspect in aspects.items() if aspect.pattern.search(criterion)]
    key = hash_parts("aspects", criterion)
    return named or sorted(aspects, key=lambda name: draw_uniform(key, name))[:CHOSEN_BY_HASH]


def measure_texts(source: str, output: str) -> Features:
    """Return the features of an output beside its inputs, which may be empty."""
    sentences = split_sentences(output)
    tokens = [WORD.findall(sentence.lower()) for sentence in sentences]
    words = [word for part in tokens for word in part]
    known = set(WORD.findall(source.lower()))
    content = [word for word in words if word not in STOPWORDS and len(word) > 2]
    trigrams = list(zip(words, words[1:], words[2:], strict=False))
    whole = [sentence[:1] == sentence[:1].upper() and sentence[-1:] in ENDS for sentence in sentences]
    raw = {
        "length": math.log2(1 + len(output)),
        "wording": _divide(sum(map(len, words)), len(words)),
        "pace": _divide(len(words), len(sentences)),
        "form": _divide(sum(whole), len(whole)),
        "repetition": _divide(len(set(trigrams)), len(trigrams)) if trigrams else 1.0,
        "detail": _divide(len(DETAIL.findall(output)), len(words)),
        "address": _divide(len(ADDRESS.findall(output)), len(sentences)),
        "overlap": _divide(sum(word in known for word in content), len(content)),
    }
    incomplete = next((sentence for sentence, end in zip(sentences, whole, strict=True) if not end), "")
    return Features(
        aspects={name: max(LOWEST, min(HIGHEST, (raw[name] - mean) / spread)) for name, (mean, spread) in USUAL_VALUES.items()},
        unsupported=tuple(itertools.islice(dict.fromkeys(word for word in content if word not in known), 4)),
        repeated=find_repeated(sentences, tokens),
        left_out=(),
        incomplete=incomplete,
    )


def _divide(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
