"""Judge evaluation of a study: measures of the prompts of each cell, and of the experts beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from collide.analysis.bootstrap import Indices, Resamples
from collide.analysis.estimates import AVERAGE
from collide.analysis.metrics import Floats
from collide.analysis.quality.experts import measure_experts
from collide.analysis.quality.halo import measure_halo
from collide.analysis.quality.measure import (
    POOLED,
    Key,
    Measure,
    Name,
    average_criteria,
    average_measures,
    measure_calibration,
    measure_judge,
)
from collide.analysis.quality.quality_table import Row, RowName
from collide.analysis.quality.rated_pairs import Ratings, TestPairs, read_ratings
from collide.analysis.quality.retest import find_detectable_difference, find_retest_difference, share_changed
from collide.common.csv_json import read_json_lines
from collide.experiment.modes import ALL_CRITERIA
from collide.experiment.runs import RunId

INITIAL, BY_VALIDATION, FINAL = "initial", "by_validation", "final"
SPEARMAN: Key = (POOLED, "spearman")


@dataclass
class StudyJudges:
    """The prompts of a study's runs with their ratings of the test pairs; measures are computed once for each prompt and seed.

    `prompts` are the prompts in force by step, and `ratings` the ratings by seed and prompt.
    """

    pairs: TestPairs
    prompts: dict[RunId, list[str]] = field(default_factory=dict)
    ratings: dict[tuple[int, str], Ratings] = field(default_factory=dict)
    _known: dict[tuple[int, str, str], dict[Key, Measure]] = field(default_factory=dict)

    def add_run(self, steps: Path, predictions: Path) -> None:
        """Read a run. A run without predictions is left out."""
        run = RunId.parse(steps)
        ratings = read_ratings(predictions, self.pairs.names)
        if ratings:
            self.prompts[run] = [record["prompt"] for record in read_json_lines(steps)]
            self.ratings |= {(run.seed, prompt): by_criterion for prompt, by_criterion in ratings.items()}

    def measure(self, seed: int, prompt: str, criterion: str) -> dict[Key, Measure]:
        """Return the measures of a prompt on one criterion."""
        key = (seed, prompt, criterion)
        if key not in self._known:
            rated = self.ratings[seed, prompt][criterion]
            self._known[key] = measure_judge(self.pairs, rated, self.pairs.humans[criterion])
        return self._known[key]


def list_cells(judges: StudyJudges) -> dict[tuple[str, str], dict[int, list[RunId]]]:
    """Return the runs of each cell (mode, gate) by seed; a seed without predictions of every criterion is left out."""
    cells: dict[tuple[str, str], dict[int, list[RunId]]] = {}
    for run in sorted(judges.prompts, key=lambda run: run.seed):
        cells.setdefault((run.shown_mode, run.gate), {}).setdefault(run.seed, []).append(run)
    criteria = set(judges.pairs.humans)

    def rates_all(runs: Sequence[RunId]) -> bool:
        return {name for run in runs for name in judges.ratings[run.seed, judges.prompts[run][0]]} == criteria

    complete = {cell: {seed: runs for seed, runs in seeds.items() if rates_all(runs)} for cell, seeds in cells.items()}
    return {cell: seeds for cell, seeds in complete.items() if seeds}


def measure_study(
    judges: StudyJudges, chosen: Mapping[tuple[str, str], int], retests: Sequence[Ratings], resamples: Resamples
) -> Iterator[Row]:
    """Yield the rows of all cells, then those of the experts.

    `chosen` is the step that each cell chose on validation pairs; a cell may lack it. `retests` are further ratings with the
    initial prompt over all criteria.
    """
    for (mode, gate), seeds in list_cells(judges).items():
        picks = resamples.run_picker.pick_runs(list(seeds))
        steps = min(len(judges.prompts[run]) for runs in seeds.values() for run in runs)
        shown = {INITIAL: 0, BY_VALIDATION: chosen.get((mode, gate)), FINAL: steps - 1}
        found: dict[str, dict[str, Measure]] = {}
        for prompt, step in shown.items():
            if step is None:
                continue
            # By seed and criterion, the prompt that rates it.
            used = [
                {name: judges.prompts[run][step] for run in runs for name in judges.ratings[run.seed, judges.prompts[run][step]]}
                for runs in seeds.values()
            ]
            rows = list(_measure_prompt(judges, list(seeds), used, picks))
            yield from (Row(RowName(mode, gate, prompt, *name), measure, len(seeds)) for name, measure in rows)
            found[prompt] = {name[0]: measure for name, measure in rows if name[1:] == SPEARMAN}
            if prompt == INITIAL:
                again = retests if seeds[min(seeds)][0].scope == ALL_CRITERIA else []
                for name, measure in _measure_retest(judges, list(seeds), used, again):
                    yield Row(RowName(mode, gate, prompt, *name), measure, len(seeds))
        for prompt in (BY_VALIDATION, FINAL):
            for criterion, measure in found.get(prompt, {}).items():
                difference = _detect(measure.draws - found[INITIAL][criterion].draws)
                yield Row(RowName(mode, gate, prompt, criterion, POOLED, "detectable_difference"), difference, len(seeds))
    yield from measure_experts(judges.pairs)


def _measure_prompt(
    judges: StudyJudges, seeds: Sequence[int], used: Sequence[Mapping[str, str]], picks: Indices
) -> Iterator[tuple[Name, Measure]]:
    """Yield (criterion, level, metric) and the measure of the prompts of a cell at one step, one entry of `used` per seed."""
    pairs = judges.pairs
    by_criterion = {
        name: [judges.measure(seed, prompts[name], name) for seed, prompts in zip(seeds, used, strict=True)]
        for name in pairs.humans
    }
    rated = [
        [judges.ratings[seed, prompts[name]][name] for name in pairs.humans] for seed, prompts in zip(seeds, used, strict=True)
    ]
    yield from average_measures(by_criterion, picks)
    for index, name in enumerate(pairs.humans):
        calibration = measure_calibration(pairs, [(ratings[index], pairs.humans[name]) for ratings in rated])
        yield from (((name, *key), measure) for key, measure in calibration.items())
    yield from measure_halo(pairs, rated, picks)


def _measure_retest(
    judges: StudyJudges, seeds: Sequence[int], used: Sequence[Mapping[str, str]], again: Sequence[Ratings]
) -> Iterator[tuple[Name, Measure]]:
    """Yield the measures of test-retest of an initial prompt. Its ratings with each seed are repeats of each other, too."""
    pairs = judges.pairs
    changed, moved = [], []
    for name, human in pairs.humans.items():
        judgings = [judges.ratings[seed, prompts[name]][name] for seed, prompts in zip(seeds, used, strict=True)]
        judgings += [ratings[name] for ratings in again]
        if len(judgings) < 2:
            return
        missing = int(sum(np.isnan(ratings).sum() for ratings in judgings))
        changed.append(Measure(share_changed(pairs.documents, judgings, pairs.weights), len(judgings), missing))
        moved.append([measure_judge(pairs, ratings, human)[SPEARMAN].draws for ratings in judgings])
    correlations = dict(zip((*pairs.humans, AVERAGE), (*map(np.array, moved), np.mean(moved, axis=0)), strict=True))
    for name, share in zip((*pairs.humans, AVERAGE), (*changed, average_criteria(changed)), strict=True):
        draws = correlations[name]
        deviation = np.std(draws, axis=0, ddof=1)
        yield (name, POOLED, "changed_ratings"), share
        for metric, moves in (
            ("spearman_sd", deviation),
            ("spearman_range", np.ptp(draws, axis=0)),
            ("retest_difference", find_retest_difference(deviation, len(seeds))),
        ):
            yield (name, POOLED, metric), Measure(moves, len(draws), share.missing)


def _detect(difference: Floats) -> Measure:
    """Return the smallest detectable difference as a measure without an interval."""
    if not difference.any():
        return Measure(np.full(len(difference), np.nan), note="the prompt is the initial one")
    draws = np.full(len(difference), np.nan)
    draws[0] = find_detectable_difference(difference)
    return Measure(draws)
