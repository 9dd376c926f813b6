"""Lexical evidence: what a reader with a good eye and no understanding sees in an article and a summary of it."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=\S)")
STOPWORDS = frozenset(
    "a about after all also an and any are as at be because been before but by can could did do does for from had has have he"
    " her him his how i if in into is it its just more most my no not of on one or our out over said say says she so some such"
    " than that the their them then there these they this those to up us was we were what when where which while"
    " who will with would you your".split()
)
PRONOUNS = frozenset("he she it they his her their its this these that those".split())
DANGLING = frozenset("a an the of and or to in on at by for with from that which who his her their its as but".split())
TYPICAL = {
    "form": (0.88, 0.12),
    "fragments": (0.95, 0.14),
    "coverage": (0.48, 0.12),
    "lead": (0.50, 0.22),
    "brevity": (0.80, 0.15),
    "order": (0.84, 0.24),
    "linking": (0.65, 0.33),
    "repetition": (0.97, 0.06),
    "support": (0.75, 0.22),
    "facts": (0.96, 0.12),
}
"""What is usual for each aspect (mean and spread over summaries of news), so that aspects can be weighed together."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article, read once for all its summaries."""

    words: frozenset[str]
    bigrams: frozenset[tuple[str, ...]]
    trigrams: frozenset[tuple[str, ...]]
    first_place: dict[str, int]
    salient: frozenset[str]
    lead: frozenset[str]
    length: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Standardized aspects of a summary (0: usual, positive: better) and what can be quoted about it."""

    aspects: dict[str, float]
    unsupported: tuple[str, ...]
    repeated: str
    left_out: tuple[str, ...]
    broken: str
    first_words: str


def sentences(text: str) -> list[str]:
    """The sentences of a text, by their punctuation."""
    return [part.strip() for part in SENTENCE_END.split(text.strip()) if part.strip()]


@lru_cache(maxsize=2048)
def read_article(text: str) -> Article:
    """Read an article."""
    words = WORD.findall(text.lower())
    content = [word for word in words if word not in STOPWORDS and len(word) > 2]
    place: dict[str, int] = {}
    for index, word in enumerate(words):
        place.setdefault(word, index)
    lead = WORD.findall(" ".join(sentences(text)[:2]).lower())
    return Article(
        words=frozenset(words),
        bigrams=frozenset(itertools.pairwise(words)),
        trigrams=frozenset(zip(words, words[1:], words[2:], strict=False)),
        first_place=place,
        salient=frozenset(word for word, _ in Counter(content).most_common(16)),
        lead=frozenset(word for word in lead if word not in STOPWORDS and len(word) > 2),
        length=max(len(words), 1),
    )


@lru_cache(maxsize=8192)
def examine(article_text: str, summary: str) -> Evidence:
    """Compare a summary with its article."""
    article = read_article(article_text)
    parts = sentences(summary)
    split = [WORD.findall(part.lower()) for part in parts]
    words = [word for part in split for word in part]
    content = [word for word in words if word not in STOPWORDS and len(word) > 2]
    trigrams = list(zip(words, words[1:], words[2:], strict=False))
    said = set(content)
    unsupported = tuple(dict.fromkeys(word for word in content if word not in article.words))
    names = [w.lower() for w in re.findall(r"(?<![.!?]\s)(?<!^)\b(?:[A-Z][a-z]+|\d[\d,.]*\d|\d)\b", summary)]
    repeated = _repeated(parts, split)
    raw = {
        "form": _form(summary, parts, words, article),
        "fragments": _share([_complete(part, tokens) for part, tokens in zip(parts, split, strict=True)]),
        "coverage": len(said & article.salient) / max(len(article.salient), 1),
        "lead": len(said & article.lead) / max(len(article.lead), 1),
        "brevity": 1 - min(1.0, abs(len(words) - 55) / 80),
        "order": _order([_place(tokens, article) for tokens in split]),
        "linking": _linking(split),
        "repetition": len(set(trigrams)) / max(len(trigrams), 1),
        "support": len([t for t in trigrams if t in article.trigrams]) / max(len(trigrams), 1),
        "facts": _share([any(bit in article.words for bit in WORD.findall(name)) for name in names]),
    }
    return Evidence(
        aspects={name: max(-3.0, min(1.5, (raw[name] - mean) / spread)) for name, (mean, spread) in TYPICAL.items()},
        unsupported=unsupported[:4],
        repeated=repeated,
        left_out=tuple(sorted(article.salient - said, key=article.first_place.__getitem__)[:3]),
        broken=next((part for part, tokens in zip(parts, split, strict=True) if not _complete(part, tokens)), ""),
        first_words=" ".join(summary.split()[:6]),
    )


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


def _form(summary: str, parts: list[str], words: list[str], article: Article) -> float:
    """How well sentences keep to the summary's own conventions, and how usual its word sequences are.

    Lower case or spaced punctuation throughout is a house style, not an error; a mixture is.
    """
    cased = any(part[:1].isupper() for part in parts)
    spaced = len(re.findall(r"\s[.,;:?!]", summary)) > len(re.findall(r"\w[.,;:?!]", summary))
    kept = _share([_keeps(part, cased, spaced) for part in parts])
    bigrams = list(itertools.pairwise(words))
    usual = sum(a in STOPWORDS or b in STOPWORDS or (a, b) in article.bigrams for a, b in bigrams) / max(len(bigrams), 1)
    return (kept + usual) / 2


def _keeps(sentence: str, cased: bool, spaced: bool) -> bool:
    return not (
        (cased and not sentence[:1].isupper())
        or (not spaced and re.search(r"\s[.,;:?!]", sentence))
        or re.search(r"\b(\w+) \1\b", sentence)
    )


def _complete(sentence: str, tokens: list[str]) -> bool:
    return len(tokens) >= 4 and tokens[-1] not in DANGLING and sentence[-1:] in ".!?\"'"


def _place(tokens: list[str], article: Article) -> float:
    places = sorted(article.first_place[w] for w in tokens if w in article.first_place and w not in STOPWORDS)
    return places[len(places) // 2] / article.length if places else 0.5


def _order(places: list[float]) -> float:
    steps = [later >= earlier - 0.03 for earlier, later in itertools.pairwise(places)]
    return _share(steps) if steps else 0.85


def _linking(split: list[list[str]]) -> float:
    linked = [
        bool(PRONOUNS & set(later[:4])) or bool((set(earlier) & set(later)) - STOPWORDS)
        for earlier, later in itertools.pairwise(split)
    ]
    return _share(linked) if linked else 0.7


def _repeated(parts: list[str], split: list[list[str]]) -> str:
    seen: list[set[str]] = []
    for part, tokens in zip(parts, split, strict=True):
        own = set(tokens) - STOPWORDS
        if any(own and len(own & other) >= 0.7 * len(own) for other in seen):
            return part
        seen.append(own)
    return ""
