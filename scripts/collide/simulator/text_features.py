"""Lexical features of an article and a summary: the properties that can be seen without understanding the text."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=\S)")
NAME_OR_NUMBER = re.compile(r"(?<![.!?]\s)(?<!^)\b(?:[A-Z][a-z]+|\d[\d,.]*\d|\d)\b")
STOPWORDS = frozenset(
    "a about after all also an and any are as at be because been before but by can could did do does for from had has have he"
    " her him his how i if in into is it its just more most my no not of on one or our out over said say says she so some such"
    " than that the their them then there these they this those to up us was we were what when where which while"
    " who will with would you your".split()
)
PRONOUNS = frozenset("he she it they his her their its this these that those".split())
# Words that rarely end a sentence: a text that ends with one has been cut off.
DANGLING = frozenset("a an the of and or to in on at by for with from that which who his her their its as but".split())

# Usual value and spread of each aspect over summaries of news. They standardize the aspects, so that these can be weighed
# together. The order of aspects is that in which weighted sums are added up; another order changes replies.
USUAL_VALUES = {
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
# Bounds of standardized aspects. A summary can be much worse than usual, but little better.
LOWEST, HIGHEST = -3.0, 1.5

# Values of aspects of a summary with a single sentence, which has no order and no links.
SINGLE_SENTENCE_ORDER = 0.85
SINGLE_SENTENCE_LINKING = 0.7


@dataclass(frozen=True, slots=True)
class ArticleFeatures:
    """Features of an article, computed once for all its summaries. `positions` maps each word to its first position."""

    words: frozenset[str]
    bigrams: frozenset[tuple[str, ...]]
    trigrams: frozenset[tuple[str, ...]]
    positions: dict[str, int]
    frequent: frozenset[str]
    lead: frozenset[str]
    length: int


@dataclass(frozen=True, slots=True)
class Features:
    """Standardized aspects of an output (0: usual, positive: better), and texts that a critique can quote."""

    aspects: dict[str, float]
    unsupported: tuple[str, ...]
    repeated: str
    left_out: tuple[str, ...]
    incomplete: str


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, split by punctuation."""
    return [part.strip() for part in SENTENCE_END.split(text.strip()) if part.strip()]


# A corpus of SummEval's size (100 articles, 1,600 pairs) fits into both caches; the bounds limit memory for larger ones.
@lru_cache(maxsize=2048)
def measure_article(text: str) -> ArticleFeatures:
    """Return the features of an article."""
    words = WORD.findall(text.lower())
    content = _select_content(words)
    positions: dict[str, int] = {}
    for index, word in enumerate(words):
        positions.setdefault(word, index)
    lead = WORD.findall(" ".join(split_sentences(text)[:2]).lower())
    return ArticleFeatures(
        words=frozenset(words),
        bigrams=frozenset(itertools.pairwise(words)),
        trigrams=frozenset(zip(words, words[1:], words[2:], strict=False)),
        positions=positions,
        frequent=frozenset(word for word, _ in Counter(content).most_common(16)),
        lead=frozenset(_select_content(lead)),
        length=max(len(words), 1),
    )


@lru_cache(maxsize=8192)
def measure_summary(article_text: str, summary: str) -> Features:
    """Return the features of a summary of this article."""
    article = measure_article(article_text)
    sentences = split_sentences(summary)
    tokens = [WORD.findall(sentence.lower()) for sentence in sentences]
    content = _select_content([word for part in tokens for word in part])
    unsupported = tuple(dict.fromkeys(word for word in content if word not in article.words))
    complete = [_is_complete(sentence, part) for sentence, part in zip(sentences, tokens, strict=True)]
    raw = _measure_aspects(summary, sentences, tokens, complete, article)
    return Features(
        aspects={name: max(LOWEST, min(HIGHEST, (raw[name] - mean) / spread)) for name, (mean, spread) in USUAL_VALUES.items()},
        unsupported=unsupported[:4],
        repeated=find_repeated(sentences, tokens),
        left_out=tuple(sorted(article.frequent - set(content), key=article.positions.__getitem__)[:3]),
        incomplete=next((sentence for sentence, whole in zip(sentences, complete, strict=True) if not whole), ""),
    )


def _measure_aspects(
    summary: str, sentences: list[str], tokens: list[list[str]], complete: list[bool], article: ArticleFeatures
) -> dict[str, float]:
    """Return the value of each aspect from 0 to 1. `tokens` are the words of each sentence."""
    words = [word for part in tokens for word in part]
    content = set(_select_content(words))
    trigrams = list(zip(words, words[1:], words[2:], strict=False))
    names = [name.lower() for name in NAME_OR_NUMBER.findall(summary)]
    return {
        "form": _measure_form(summary, sentences, words, article),
        "fragments": _share_true(complete),
        "coverage": len(content & article.frequent) / max(len(article.frequent), 1),
        "lead": len(content & article.lead) / max(len(article.lead), 1),
        # Highest at 55 words, a little below the mean of both corpora (61 and 63 words), and 0 at a distance of 80.
        "brevity": 1 - min(1.0, abs(len(words) - 55) / 80),
        "order": _measure_order([_locate_sentence(part, article) for part in tokens]),
        "linking": _measure_linking(tokens),
        "repetition": len(set(trigrams)) / max(len(trigrams), 1),
        "support": len([t for t in trigrams if t in article.trigrams]) / max(len(trigrams), 1),
        "facts": _share_true([any(word in article.words for word in WORD.findall(name)) for name in names]),
    }


def _select_content(words: list[str]) -> list[str]:
    return [word for word in words if word not in STOPWORDS and len(word) > 2]


def _share_true(flags: list[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


def _measure_form(summary: str, sentences: list[str], words: list[str], article: ArticleFeatures) -> float:
    """Return the mean of two shares: sentences that keep the summary's own conventions, and usual word pairs.

    Lower case or spaced punctuation throughout is a convention (tokenized summaries of SummEval have it), not an error.
    """
    cased = any(sentence[:1].isupper() for sentence in sentences)
    spaced = len(re.findall(r"\s[.,;:?!]", summary)) > len(re.findall(r"\w[.,;:?!]", summary))
    kept = _share_true([_keeps_conventions(sentence, cased, spaced) for sentence in sentences])
    bigrams = list(itertools.pairwise(words))
    usual = sum(a in STOPWORDS or b in STOPWORDS or (a, b) in article.bigrams for a, b in bigrams) / max(len(bigrams), 1)
    return (kept + usual) / 2


def _keeps_conventions(sentence: str, cased: bool, spaced: bool) -> bool:
    return not (
        (cased and not sentence[:1].isupper())
        or (not spaced and re.search(r"\s[.,;:?!]", sentence))
        or re.search(r"\b(\w+) \1\b", sentence)
    )


def _is_complete(sentence: str, tokens: list[str]) -> bool:
    return len(tokens) >= 4 and tokens[-1] not in DANGLING and sentence[-1:] in ".!?\"'"


def _locate_sentence(tokens: list[str], article: ArticleFeatures) -> float:
    """Return the relative position in the article (0 to 1) of the sentence's words, by their median."""
    positions = sorted(article.positions[w] for w in tokens if w in article.positions and w not in STOPWORDS)
    return positions[len(positions) // 2] / article.length if positions else 0.5


def _measure_order(positions: list[float]) -> float:
    # A small step back is tolerated: the median word of a sentence is not exactly where its fact is.
    steps = [later >= earlier - 0.03 for earlier, later in itertools.pairwise(positions)]
    return _share_true(steps) if steps else SINGLE_SENTENCE_ORDER


def _measure_linking(tokens: list[list[str]]) -> float:
    """Return the share of sentences that start with a pronoun nearby or repeat a content word of the one before."""
    linked = [
        bool(PRONOUNS & set(later[:4])) or bool((set(earlier) & set(later)) - STOPWORDS)
        for earlier, later in itertools.pairwise(tokens)
    ]
    return _share_true(linked) if linked else SINGLE_SENTENCE_LINKING


def find_repeated(sentences: list[str], tokens: list[list[str]]) -> str:
    """Return the first sentence that has most of its content words in common with an earlier one, or nothing."""
    seen: list[set[str]] = []
    for sentence, part in zip(sentences, tokens, strict=True):
        content = set(part) - STOPWORDS
        if any(content and len(content & other) >= 0.7 * len(content) for other in seen):
            return sentence
        seen.append(content)
    return ""
