"""Manifest of a corpus in words, for logs, `snakemake check` and the first page of the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def count_pairs(manifest: Mapping[str, Any]) -> str:
    """Return the number of pairs, documents and systems."""
    systems = f" by {len(manifest['systems'])} systems" if manifest["systems"] else ""
    documents = "" if manifest["documents_are_rows"] else f" of {manifest['documents']:,} documents"
    rows = "; each row is a document of its own" if manifest["documents_are_rows"] else ""
    return f"{manifest['pairs']:,} pairs{documents}{systems}{rows}"


def describe_scores(facts: Mapping[str, Any]) -> str:
    """Return the distribution of a criterion's human scores."""
    if facts["mean"] is None:
        return ", ".join(f"{share:.1%} {name}" for name, share in facts["shares"].items())
    return f"mean {describe_mean(facts)}, {facts['share_of_highest']:.1%} have the highest score"


def describe_mean(facts: Mapping[str, Any]) -> str:
    """Return the mean human score of a criterion. The mean of classes with an order is that of their numbers, which it names.

    >>> describe_mean({"mean": 0.75, "shares": {"low": 0.25, "high": 0.75}})
    '0.750 (low 0 to high 1)'
    """
    classes = list(facts["shares"])
    return f"{facts['mean']:.3f}" + (f" ({classes[0]} 0 to {classes[-1]} {len(classes) - 1})" if classes else "")


def describe_split(manifest: Mapping[str, Any], sizes: Mapping[str, int]) -> str:
    """Return the sizes of the splits, where a split that the corpus gives has at most its own pairs."""
    given = manifest["split"]
    return ", ".join(f"{min(sizes[part], given.get(part, sizes[part]))} {part}" for part in ("train", "validation", "test"))


def list_left_out(manifest: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each reason to leave rows or ratings out."""
    lines = [f"left out: {count:,} rows, because {reason}" for reason, count in manifest["dropped"].items()]
    if manifest["incomplete_ratings"]:
        lines.append(f"left out: {manifest['incomplete_ratings']:,} ratings of raters who did not rate all criteria")
    return lines


def list_lines(manifest: Mapping[str, Any]) -> list[str]:
    """Return the lines that describe a corpus: format and counts, human scores by criterion, and what was left out."""
    layout = f" in layout {manifest['layout']}" if manifest["layout"] else ""
    scores = [f"{name}: {describe_scores(facts)}" for name, facts in manifest["criteria"].items()]
    return [f"{manifest['format']}{layout}, {count_pairs(manifest)}", *scores, *list_left_out(manifest)]
