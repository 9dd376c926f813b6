"""The pairs behind the authors' runs: those of the batches and the test pairs, and the facts of a manifest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collide.corpus.corpus_reader import describe_pairs
from collide.corpus.files.folder import digest_listing
from collide.corpus.pairs import Pair
from collide.corpus.split import DRAWN
from collide.experiment.scales import Scale
from collide.experiment.texts import TextNames
from collide.published.folders import number_files
from collide.published.logs import read_evaluation, read_logs
from collide.published.pairs import NamedPair, name_samples

LACKS_SCORE = "a human score is missing"


@dataclass(frozen=True, slots=True)
class FoundPairs:
    """Training and test pairs of all runs, each once in its split, and the number of rows that were left out, by reason."""

    pairs: list[Pair]
    dropped: Counter[str]


def collect_pairs(runs: Iterable[Path]) -> FoundPairs:
    """Return the pairs of these runs. All steps of a run judge the same test pairs, so one of its evaluations is read."""
    found: dict[str, dict[str, NamedPair]] = {"train": {}, "test": {}}
    dropped: Counter[str] = Counter()
    for run in runs:
        evaluation = read_evaluation(next(iter(number_files(run, "eval_step_*.parquet").values())), [])
        found["test"] |= {rated.pair.id: rated.pair for rated in evaluation.pairs}
        dropped[LACKS_SCORE] += evaluation.dropped
        for log in read_logs(run).values():
            for pair in name_samples(log):
                if pair is None:
                    dropped[LACKS_SCORE] += 1
                else:
                    found["train"][pair.id] = pair
    pairs = [own[name].as_pair(split) for split, own in found.items() for name in sorted(own)]
    return FoundPairs(pairs, +dropped)


def describe_corpus(
    found: FoundPairs, files: Sequence[Path], origin: str, texts: TextNames, scales: Mapping[str, Scale]
) -> dict[str, Any]:
    """Return the manifest of the pairs of the runs in `origin`, whose files are `files`."""
    checksums = ((str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files)
    return {
        "corpus": origin,
        "sha256": digest_listing(checksums),
        "bytes": sum(path.stat().st_size for path in files),
        "format": "the authors' logs",
        "layout": "",
        "is_summeval": False,
        "documents_are_rows": False,
        "inputs": [{"noun": name.noun, "columns": ["inputs.text"]} for name in texts.inputs],
        "output": {"noun": texts.output.noun, "columns": ["inputs.machine_summary"]},
        **describe_pairs(found.pairs, scales),
        "dropped": dict(found.dropped),
        "incomplete_ratings": 0,
        "split": {part: sum(pair.split == part for pair in found.pairs) for part in DRAWN},
    }
