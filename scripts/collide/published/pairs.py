"""Names of the pairs in the authors' logs, which name no document and no system: they follow from texts and human scores."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.corpus.pairs import Pair, pair_id

Facts = tuple[str, str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class NamedPair:
    """A row of the authors' files: article, summary and human scores, with the names that follow from them."""

    id: str
    document: str
    text: str
    summary: str
    human: dict[str, float]

    @property
    def texts(self) -> tuple[str, str]:
        """Return what tells the same pair with other human scores."""
        return squeeze(self.text), squeeze(self.summary)

    def as_pair(self, split: str) -> Pair:
        """Return the pair of a split; its system is not known."""
        return Pair(self.id, self.document, "", (self.text,), self.summary, self.human, split=split)


def squeeze(text: str) -> str:
    """Return a text with single blanks in place of other white space.

    >>> squeeze(" a\\n b")
    'a b'
    """
    return " ".join(text.split())


def name_pairs(rows: Sequence[Facts]) -> list[NamedPair | None]:
    """Return the rows (article, summary, human scores by criterion) with their names; None for a row that lacks a human score.

    Rows are told apart by their human scores, too: single experts may have rated the same pair. Rows that are equal in all of
    it get numbers; they cannot be told apart, but their values are equal.
    """
    seen: Counter[str] = Counter()
    return [_name_pair(text, summary, gold, seen) for text, summary, gold in rows]


def name_samples(log: Mapping[str, Any]) -> list[NamedPair | None]:
    """Return the pairs of a step's batch, in the order of the samples."""
    samples = log["batch"]["samples"]
    return name_pairs([(s["inputs"]["text"], s["inputs"]["machine_summary"], s["ground_truths"]) for s in samples])


def _name_pair(text: str, summary: str, gold: Mapping[str, float], seen: Counter[str]) -> NamedPair | None:
    if any(score is None or math.isnan(score) for score in gold.values()):
        return None
    human = {name: float(score) for name, score in gold.items()}
    scores = " ".join(f"{name} {score!r}" for name, score in sorted(human.items()))
    document = digest_text(squeeze(text))
    name = pair_id(document, digest_text(f"{squeeze(summary)}\n{scores}"))
    seen[name] += 1
    return NamedPair(name if seen[name] == 1 else f"{name}/{seen[name]}", document, text, summary, human)


def digest_text(text: str) -> str:
    """Return 12 hexadecimal digits of a hash of a text."""
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
