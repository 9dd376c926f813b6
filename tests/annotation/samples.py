"""Items and records of runs, made by hand."""

from __future__ import annotations

from collide.annotation.items import Item
from collide.experiment.runs import RunId
from tests.dataset import make_criterion

CRITERIA = {name: make_criterion(name, f"About {name}.", [1, 5], "Rate.") for name in ("fluency", "relevance")}


def make_item(mode="SSS", gate="mae", seed=0, step=1, criterion="fluency", diagnostic="specificity", gradient="Look."):
    texts = ("Old.", "New.") if diagnostic == "adherence" else ("", "")
    return Item(RunId("main", mode, gate, seed), step, criterion, diagnostic, gradient, *texts)


def make_items(seeds=3, steps=4, modes=("SSS", "CCC"), diagnostics=("specificity", "adherence")):
    return [
        make_item(mode, "mae", seed, step, criterion, diagnostic, f"{mode} {seed} {step}")
        for mode in modes
        for seed in range(seeds)
        for step in range(1, steps + 1)
        for criterion in CRITERIA
        for diagnostic in diagnostics
    ]


def make_records(gradients, rewritten="Better."):
    """Return the records of an initial prompt and of one step with these gradients."""
    initial = {"step": 0, "instructions": {"fluency": "Rate."}}
    rewrites = [{"criteria": ["fluency"], "instructions": rewritten and {"fluency": rewritten}}]
    found = [{"criteria": ["fluency"], "text": text} for text in gradients]
    return [initial, {"step": 1, "instructions": {"fluency": "Rate."}, "gradients": found, "rewrites": rewrites}]
