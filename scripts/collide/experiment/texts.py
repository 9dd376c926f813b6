"""Texts of a pair: what prompts call the inputs that a system got, and the output that is judged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TextName:
    """The words for one text of a pair.

    noun, plural: the words for it in a sentence ("article", "articles").
    description: the words that introduce it ("a news article").
    tag: the name of the tag that encloses it in prompts.
    """

    noun: str
    plural: str
    description: str
    tag: str


@dataclass(frozen=True, slots=True)
class TextNames:
    """The words for the inputs of a pair, in the order of `Pair.inputs`, and for its output."""

    inputs: tuple[TextName, ...]
    output: TextName


def read_text_names(config: Mapping[str, Any]) -> TextNames:
    """Return the words that a data set's sections `inputs` and `output` give."""
    inputs: Sequence[Mapping[str, str]] = config.get("inputs", [])
    return TextNames(
        tuple(_read_name(facts, _add_article(facts["noun"])) for facts in inputs),
        _read_name(config["output"], f"{_add_article(config['output']['noun'])} that a system wrote"),
    )


def _read_name(facts: Mapping[str, str], description: str) -> TextName:
    noun = facts["noun"]
    return TextName(
        noun,
        facts.get("plural", pluralize(noun)),
        facts.get("description", description),
        facts.get("tag", re.sub(r"[^a-z0-9]+", "_", noun.lower()).strip("_") or "text"),
    )


def _add_article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def pluralize(noun: str) -> str:
    """Return the regular English plural.

    >>> pluralize("summary"), pluralize("response"), pluralize("speech")
    ('summaries', 'responses', 'speeches')
    """
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")
