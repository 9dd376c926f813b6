"""Checks that every corpus passes, whatever its layout, and the facts about it that the manifest records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from collide.corpus.pairs import Pair
from collide.corpus.readers import SUMMEVAL_SYSTEMS, Located, Scales
from collide.errors import InputError

SUMMEVAL_DOCUMENTS = 100
SUMMEVAL_MEANS = {"relevance": 3.777, "coherence": 3.412, "fluency": 4.673, "consistency": 4.660}
"""Mean expert score over the 1,600 pairs of SummEval, to three decimals."""
SUMMEVAL_ADDRESS = "https://huggingface.co/datasets/mteb/summeval/"
"""What is fetched from here must be SummEval. Its content is known, its checksum is not."""


def check_pairs(located: Sequence[Located]) -> list[Pair]:
    """The pairs, if they fit together. Raises InputError for a pair that stands twice, or a document with two articles."""
    seen: dict[str, str] = {}
    articles: dict[str, Located] = {}
    for item in located:
        pair = item.pair
        if pair.id in seen:
            raise InputError(f"{item.where}: the pair {pair.id} stands at {seen[pair.id]} already; expected each pair once")
        seen[pair.id] = item.where
        first = articles.setdefault(pair.document, item)
        if first.pair.article != pair.article:
            raise InputError(
                f"{item.where}: the document {pair.document} has another article than at {first.where}; expected one article"
                " a document, give each its own name"
            )
    return [item.pair for item in located]


def describe(pairs: Sequence[Pair], scales: Scales) -> dict[str, Any]:
    """Counts, systems and human scores of a corpus: what manifest.json says about its content."""
    humans = {criterion: [pair.human[criterion] for pair in pairs] for criterion in scales}
    return {
        "documents": len({pair.document for pair in pairs}),
        "systems": list(dict.fromkeys(pair.system for pair in pairs)),
        "pairs": len(pairs),
        "criteria": {
            criterion: {
                "scale": list(scales[criterion]),
                "mean": round(fmean(scores), 6),
                "share_of_highest": round(sum(s == scales[criterion][1] for s in scores) / len(scores), 6),
            }
            for criterion, scores in humans.items()
        },
    }


def is_summeval(description: Mapping[str, Any]) -> bool:
    """Whether a description (mean human scores) is that of the public SummEval set: counts and means agree."""
    criteria = description["criteria"]
    return (
        description["documents"] == SUMMEVAL_DOCUMENTS
        and description["pairs"] == SUMMEVAL_DOCUMENTS * len(SUMMEVAL_SYSTEMS)
        and set(criteria) <= set(SUMMEVAL_MEANS)
        and all(abs(criteria[name]["mean"] - SUMMEVAL_MEANS[name]) < 6e-4 for name in criteria)
    )


def check_origin(origin: str, description: Mapping[str, Any], human_score: str) -> None:
    """Raise InputError where a corpus was fetched from SummEval's address and is not SummEval."""
    if origin.startswith(SUMMEVAL_ADDRESS) and human_score == "mean" and not is_summeval(description):
        criteria = description["criteria"]
        found = ", ".join(f"{name} {figures['mean']:.3f}" for name, figures in criteria.items())
        known = ", ".join(f"{name} {SUMMEVAL_MEANS[name]:.3f}" for name in criteria if name in SUMMEVAL_MEANS)
        raise InputError(
            f"corpus: {origin} gave {description['documents']} documents and {description['pairs']} pairs with the mean scores"
            f" {found}; expected SummEval: {SUMMEVAL_DOCUMENTS} documents x {len(SUMMEVAL_SYSTEMS)} systems with {known}; the"
            " file is another one than it was, give the path of a SummEval file (--config corpus=FILE)"
        )
