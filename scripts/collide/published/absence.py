"""Reasons why the authors' logs give no estimate."""

from __future__ import annotations

from collide.analysis.estimates import CHERRYPICK, CONSTANT, EstimateName
from collide.optimize.rated_texts import DIAGNOSTICS


def explain_unlogged(name: EstimateName) -> str:
    """Return why there is no estimate of this name, in source `published`."""
    if "validation" in name.quantity and name.mode != CONSTANT:
        return "the logs hold no ratings of validation pairs"
    if name.quantity.partition("_")[0] in DIAGNOSTICS:
        return "not rated in the logs"
    if name.study.startswith(CHERRYPICK):
        return "no such prompt was judged in the logs"
    if name.quantity.endswith(("changed_ratings", "_difference")) or "spearman_" in name.quantity:
        return "the logs hold no further ratings by the initial prompt, but see checks.csv"
    return "no such run or step in the logs"
