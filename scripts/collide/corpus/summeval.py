"""Facts about the public SummEval data set, and the check that a download from its address is that data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.errors import InputError

# The 16 systems with expert ratings, in the order of the public files. The other M numbers were not rated.
SUMMEVAL_SYSTEMS = tuple("M0 M1 M2 M5 M8 M9 M10 M11 M12 M13 M14 M15 M17 M20 M22 M23".split())
SUMMEVAL_DOCUMENTS = 100
# Mean expert score over all 1,600 pairs, to three decimals. The published files differ in format but not in these means.
SUMMEVAL_MEANS = {"relevance": 3.777, "coherence": 3.412, "fluency": 4.673, "consistency": 4.660}
# Half a unit of the third decimal, and a little for the rounding of means in the manifest.
MEAN_TOLERANCE = 6e-4

# Files from this address must be SummEval. They are checked by content because no checksum of theirs was published.
SUMMEVAL_ADDRESS = "https://huggingface.co/datasets/mteb/summeval/"


def is_summeval(description: Mapping[str, Any]) -> bool:
    """Return whether a corpus description (see `describe_pairs`) has SummEval's counts and means."""
    criteria = description["criteria"]
    return (
        description["documents"] == SUMMEVAL_DOCUMENTS
        and description["pairs"] == SUMMEVAL_DOCUMENTS * len(SUMMEVAL_SYSTEMS)
        and set(criteria) <= set(SUMMEVAL_MEANS)
        and all(abs(criteria[name]["mean"] - SUMMEVAL_MEANS[name]) < MEAN_TOLERANCE for name in criteria)
    )


def check_origin(origin: str, description: Mapping[str, Any]) -> None:
    """Raise InputError if a corpus was downloaded from SummEval's address but is not SummEval."""
    if origin.startswith(SUMMEVAL_ADDRESS) and not is_summeval(description):
        criteria = description["criteria"]
        found = ", ".join(f"{name} {summary['mean']:.3f}" for name, summary in criteria.items())
        known = ", ".join(f"{name} {SUMMEVAL_MEANS[name]:.3f}" for name in criteria if name in SUMMEVAL_MEANS)
        raise InputError(
            f"corpus: the file from {origin} has {description['documents']} documents and {description['pairs']} pairs with"
            f" mean scores {found}; expected SummEval: {SUMMEVAL_DOCUMENTS} documents x {len(SUMMEVAL_SYSTEMS)} systems with"
            f" {known}; the file has changed, use a copy of SummEval (--config corpus=FILE)"
        )
