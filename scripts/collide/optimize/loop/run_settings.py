"""Settings of an optimization run, and what follows from them alone: the batches, and the number of calls."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from collide.corpus.pairs import Pair
from collide.experiment.gates import GATES
from collide.experiment.modes import Mode


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one optimization run.

    `max_missing_share` is the share of a prompt's validation predictions that may be missing: a candidate above it is rejected,
    and the initial prompt above it ends the run. The fields from `batches` on are choices of the run's protocol, with the
    values of the protocol `paper` as defaults. See `protocols` in config.yaml. `repeat_task` is a setting of the task model.
    """

    mode: Mode
    gate: str
    seed: int
    steps: int
    batch_size: int
    max_missing_share: float
    batches: str = "by_seed"
    batch_repeats: bool = False
    loss_sees: str = "pair"
    gradients: str = "pair"
    freeze_output_format: bool = True
    ratings: str = "once"
    repeat_task: bool = False

    @property
    def batch_seed(self) -> int | str:
        """Return the seed that batches are drawn with: the run's own, or one for all runs."""
        return self.seed if self.batches == "by_seed" else "shared"

    def name_occasion(self, step: int) -> str:
        """Return the name of the occasion on which a prompt of a step is judged; empty if all occasions share their ratings."""
        return f"{self.mode.name}/{self.gate}/step{step}" if self.ratings == "each_step" else ""


def select_batch(pairs: Sequence[Pair], seed: int | str, step: int, size: int, repeats: bool = False) -> list[Pair]:
    """Return the training pairs of a step (1, 2, ...). Runs of one seed share them, whatever their mode and gate.

    Pairs are shuffled and dealt out in batches. When fewer than `size` pairs are left, all pairs are shuffled again. With
    `repeats`, all pairs are shuffled for each step. Requires size <= len(pairs).
    """
    epoch, index = (step, 0) if repeats else divmod(step - 1, len(pairs) // size)

    # Sorting by a hash shuffles the same way on every machine and for every order of the input.
    def shuffle_key(pair: Pair) -> bytes:
        return hashlib.blake2b(f"{seed}/{epoch}/{pair.id}".encode(), digest_size=16).digest()

    return sorted(pairs, key=shuffle_key)[index * size : (index + 1) * size]


def count_expected_calls(settings: Settings, validation_pairs: int) -> int:
    """Return the calls of a run if every reply is usable and every step's candidate is new.

    Validations of an initial prompt that runs share are not counted: they are known, see `KnownPredictions`.
    """
    mode = settings.mode
    gradients = len(mode.gradient) * (settings.batch_size if settings.gradients == "pair" else 1)
    per_step = settings.batch_size * (1 + len(mode.loss)) + gradients + len(mode.optimizer)
    prompts = settings.steps + (settings.ratings == "each_step")
    validations = prompts if GATES[settings.gate].metric else 0
    return settings.steps * per_step + validations * validation_pairs
