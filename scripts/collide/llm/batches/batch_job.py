"""A job whose calls can be sent in batches, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class BatchJob:
    """A job whose calls can be sent in a batch.

    kind: initial, retest, evaluate, variant or diagnose
    journal: the file with the replies
    output: the file that the job writes at its end
    dataset: the data set that the pairs are of
    models: the resolved model by its role, the only one that the job calls, see `resolve_model`
    seed: seed of the ratings
    prompts: file with the prompts or steps
    splits: files with the pairs to rate, by split; empty for diagnose
    examples: file with the few-shot examples; empty for diagnose
    initial: files with predictions that are known; only for evaluate
    mode: decomposition mode; only for diagnose
    """

    kind: str
    journal: str
    output: str
    dataset: str
    models: dict[str, dict[str, Any]]
    seed: int
    prompts: str
    splits: dict[str, str] = field(default_factory=dict)
    examples: str = ""
    initial: list[str] = field(default_factory=list)
    mode: str = ""

    @property
    def model(self) -> dict[str, Any]:
        """Return the model that the job calls."""
        (model,) = self.models.values()
        return model

    def list_inputs(self) -> list[Path]:
        """Return the files that the job reads."""
        return [Path(path) for path in (self.prompts, *self.splits.values(), self.examples, *self.initial) if path]

    def is_ready(self) -> bool:
        """Return whether all files are there that the job reads."""
        return all(path.exists() for path in self.list_inputs())

    def is_finished(self) -> bool:
        """Return whether the output is there, and no file that the job reads is newer."""
        output = Path(self.output)
        if not output.exists():
            return False
        made = output.stat().st_mtime
        return all(path.stat().st_mtime <= made for path in self.list_inputs() if path.exists())
