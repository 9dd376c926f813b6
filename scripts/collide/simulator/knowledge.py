"""Knowledge of the simulated models about the texts of a request: the aspects that they can measure and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from collide.experiment.texts import pluralize
from collide.simulator import general_aspects
from collide.simulator.aspects import ASPECTS, Aspect
from collide.simulator.text_features import Features, measure_summary

# The tags of the texts that the aspects of summaries are made for.
SUMMARY_TAGS = ("article", "summary")


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Aspects by name, the aspects of a criterion, and the measure of all aspects of an output beside its joined inputs."""

    aspects: Mapping[str, Aspect]
    list_aspects: Callable[[str], list[str]]
    measure: Callable[[str, str], Features]

    def count_mentions(self, text: str) -> dict[str, int]:
        """Return the number of words in a text that name each aspect, without aspects that it does not name."""
        counts = {name: len(aspect.pattern.findall(text)) for name, aspect in self.aspects.items()}
        return {name: count for name, count in counts.items() if count}


def _list_summary_aspects(criterion: str) -> list[str]:
    return [name for name, aspect in ASPECTS.items() if aspect.criterion == criterion]


_measure_texts = lru_cache(maxsize=8192)(general_aspects.measure_texts)

# Aspects of summaries of news; a criterion unknown to the simulated models has none.
SUMMARIES = Knowledge(ASPECTS, _list_summary_aspects, measure_summary)
# Aspects of any other output, with inputs and without.
TEXTS = Knowledge(general_aspects.ASPECTS, partial(general_aspects.choose_aspects, alone=False), _measure_texts)
OUTPUTS = Knowledge(general_aspects.ASPECTS_ALONE, partial(general_aspects.choose_aspects, alone=True), _measure_texts)


@lru_cache(maxsize=256)
def select_knowledge(tags: tuple[str, ...]) -> Knowledge:
    """Return the knowledge about texts with these tags. A request without texts may be about summaries."""
    if tags in ((), SUMMARY_TAGS):
        return SUMMARIES
    return OUTPUTS if len(tags) == 1 else TEXTS


@lru_cache(maxsize=256)
def name_texts(tags: tuple[str, ...]) -> Mapping[str, str]:
    """Return the words for texts with these tags, as fields of sentences.

    >>> name_texts(("dialogue", "known_fact", "response"))["source"]
    'the dialogue or the known fact'
    """
    *inputs, output = [tag.replace("_", " ") for tag in tags or SUMMARY_TAGS]
    return {
        "output": output,
        "outputs": pluralize(output),
        "texts": ("the text", "both texts")[len(inputs)] if len(inputs) < 2 else "all texts",
        "source": " or ".join(f"the {noun}" for noun in inputs) or "the task",
    }


def find_names(sentence: str, names: Sequence[str]) -> list[str]:
    """Return the criteria that a sentence names, in the order of `names`.

    >>> find_names("Self-Coherence matters.", ["Coherence", "Self-Coherence"])
    ['Self-Coherence']
    """
    found, rest = [], sentence
    for name in sorted(names, key=len, reverse=True):
        if name in rest:
            found.append(name)
            rest = rest.replace(name, " ")
    return [name for name in names if name in found]
