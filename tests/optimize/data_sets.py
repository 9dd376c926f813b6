"""Data sets of other kinds than SummEval, made up for tests: their words, criteria and pairs."""

from __future__ import annotations

import itertools

from collide.corpus.pairs import Pair
from collide.experiment.datasets import Dataset, read_dataset


def describe_criterion(scale, instruction="Rate it.") -> dict:
    return {"description": "What it is about.", "scale": scale, "initial_instruction": instruction}


YES_NO = {"classes": ["no", "yes"]}
HALVES = {"low": 0, "high": 5, "step": 0.5}
GRADES = {"classes": ["poor", "fair", "good"], "ordered": True}

DATASETS: dict[str, Dataset] = {
    name: read_dataset(facts)
    for name, facts in {
        # Two inputs; names with capitals, umlauts and characters of patterns; three kinds of scales.
        "dialogues": {
            "inputs": [
                {"noun": "dialogue", "description": "the dialogue so far", "tag": "dialogue"},
                {"noun": "fact", "tag": "fact"},
            ],
            "output": {"noun": "response", "tag": "response"},
            "criteria": {
                "Self-Coherence": describe_criterion(HALVES),
                "Überzeugung": describe_criterion(YES_NO),
                "C++ (style)": describe_criterion([0, 3]),
            },
        },
        # Names with the signs that prompts put around names.
        "quotes": {
            "inputs": [{"noun": "user's question"}],
            "output": {"noun": "answer"},
            "criteria": {
                'is it "good", really?': describe_criterion({"classes": ['"yes"', "no, {never}"]}),
                "a < b > c | d {e}": describe_criterion([-1, 1]),
                "rating": describe_criterion({"low": 0, "high": 0.3, "step": 0.1}),
            },
        },
        # No input; classes alone.
        "essays": {
            "inputs": [],
            "output": {"noun": "essay", "tag": "essay"},
            "criteria": {"grade": describe_criterion(GRADES), "on topic": describe_criterion(YES_NO)},
        },
        # One input; a nominal criterion alone.
        "prompts": {
            "inputs": [{"noun": "prompt", "tag": "prompt"}],
            "output": {"noun": "story", "tag": "story"},
            "criteria": {"harmful": describe_criterion({"classes": ["unharmful", "harmful", "can't say"]})},
        },
    }.items()
}

SENTENCES = (
    "Have you seen the new bridge over the river?",
    "No, I have not been there since May.",
    "It cost 12 million and Anna Berg opened it.",
    "why should anyone care",
    "A bridge is a bridge is a bridge.",
    "We could walk there together on Sunday, if you like.",
    "The old one stood since 1931, and engineers found rust in two of its pillars.",
    "Ja.",
)


def make_pairs(dataset: Dataset, count: int, extra: str = "") -> list[Pair]:
    """Return pairs of short texts; `extra` ends each of them."""
    pairs = []
    for number, chosen in enumerate(itertools.islice(itertools.cycle(itertools.permutations(SENTENCES, 4)), 0, 37 * count, 37)):
        texts = [" ".join(chosen[: 1 + (number + place) % 4]) + extra for place in range(len(dataset.texts.inputs) + 1)]
        human = {
            name: criterion.scale.values[(number * 7 + len(name)) % len(criterion.scale.values)]
            for name, criterion in dataset.criteria.items()
        }
        pairs.append(Pair(f"d{number}/m", f"d{number}", "m", tuple(texts[:-1]), texts[-1], human))
    return pairs
