"""The texts of a data set's pairs, each text once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from collide.corpus.pairs import Pair
from collide.experiment.texts import read_text_names


def collect_texts(pairs: Iterable[Pair], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts of pairs, and the words for them.

    texts: all different texts. pairs: by name of the pair, the numbers of its inputs in `texts` and that of its output.
    inputs, output: the words for the texts, in the order of the prompts.
    """
    texts: dict[str, int] = {}
    found = {}
    for pair in pairs:
        *inputs, output = (texts.setdefault(text, len(texts)) for text in (*pair.inputs, pair.output))
        found[pair.id] = [inputs, output]
    names = read_text_names(facts)
    return {"texts": list(texts), "pairs": found, "inputs": [name.noun for name in names.inputs], "output": names.output.noun}
