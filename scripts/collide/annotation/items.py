"""Items to rate: a gradient (specificity) or a rewrite with its gradient (adherence), as the evaluator saw them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.experiment.runs import RunId
from collide.optimize.diagnostics import find_rewrite
from collide.optimize.rated_texts import ADHERENCE, SPECIFICITY, join_gradients

# Diagnostics that a person rates by the evaluator's own rubric, in the order of the sheet.
ANNOTATED = (SPECIFICITY, ADHERENCE)

# Bytes of an item's identifier: 10 hexadecimal digits, which 10,000 items share by chance with a probability of 0.00005.
ID_BYTES = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A text to rate. `old` and `new` are instructions; they are empty for specificity."""

    run: RunId
    step: int
    criterion: str
    diagnostic: str
    gradient: str
    old: str = ""
    new: str = ""

    @property
    def stratum(self) -> tuple[str, str, str, str]:
        """Return study, mode, gate and diagnostic; the Single-Task runs of all criteria are one mode."""
        return self.run.study, self.run.shown_mode, self.run.gate, self.diagnostic

    def identify(self, seed: int) -> str:
        """Return an identifier that tells a rater nothing. It changes with the texts, so ratings of other texts do not fit."""
        parts = (seed, *self.run, self.step, self.criterion, self.diagnostic, self.gradient, self.old, self.new)
        # The unit separator keeps ("ab", "c") and ("a", "bc") apart; models may write halves of characters.
        text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=ID_BYTES).hexdigest()


def list_items(run: RunId, records: Sequence[Mapping[str, Any]], rated: set[tuple[int, str, str]]) -> Iterator[Item]:
    """Yield the items of a run's steps that the evaluator has rated, given as (step, criterion, diagnostic)."""
    for before, record in itertools.pairwise(records):
        for criterion, old in before["instructions"].items():
            gradient, new = join_gradients(record, criterion), find_rewrite(record, criterion)
            for diagnostic in ANNOTATED:
                if (record["step"], criterion, diagnostic) in rated:
                    shown = (old, new or "") if diagnostic == ADHERENCE else ("", "")
                    yield Item(run, record["step"], criterion, diagnostic, gradient, *shown)
