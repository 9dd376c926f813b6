"""Judge evaluation of a study: measures of the prompts of each cell, and of the experts beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from collide.analysis.bootstrap import Resamples
from collide.analysis.estimates import AVERAGE
from collide.analysis.formulas.counts import Floats, Indices
from collide.analysis.metrics import note_metrics, select_metric
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
from collide.analysis.quantities.cell import find_reason
from collide.common.csv_json import read_json_lines
from collide.experiment.modes import ALL_CRITERIA
from collide.experiment.runs import RunId

INITIAL, BY_VALIDATION, FINAL = "initial", "by_validation", "final"
# The measure that prompts are compared by, which has the name of its role.
ROLE = "spearman"
AGREEMENT: Key = (POOLED, ROLE)


@dataclass
class StudyJudges:
    """The runs of a study: prompts in force by step, and ratings of the test pairs by prompt."""

    pairs: TestPairs
    prompts: dict[RunId, list[str]] = field(default_factory=dict)
    ratings: dict[RunId, Mapping[str, Ratings]] = field(default_factory=dict)
    _known: dict[tuple[str, bytes], dict[Key, Measure]] = field(default_factory=dict)

    def add_run(self, steps: Path, predictions: Path) -> None:
        """Read a run. A run without predictions is left out, and one that its steps mark as left out."""
        run, records = RunId.parse(steps), read_json_lines(steps)
        ratings = read_ratings(predictions, self.pairs.names)
        if ratings and not find_reason(records):
            self.prompts[run] = [record["prompt"] for record in records]
            self.ratings[run] = ratings

    def list_ratings(self, runs: Iterable[RunId], step: int) -> Ratings:
        """Return the ratings of the prompts in force after a step, of runs of one seed that rate different criteria."""
        return {name: rated for run in runs for name, rated in self.ratings[run][self.prompts[run][step]].items()}

    def measure(self, criterion: str, ratings: Floats) -> dict[Key, Measure]:
        """Return the measures of ratings on a criterion. Equal ratings, as of the shared initial prompt, are measured once."""
        key = (criterion, ratings.tobytes())
        if key not in self._known:
            self._known[key] = measure_judge(self.pairs, self.pairs.scales[criterion], ratings, self.pairs.humans[criterion])
        return self._known[key]


def list_cells(judges: StudyJudges) -> dict[tuple[str, str], dict[int, list[RunId]]]:
    """Return the runs of each cell (mode, gate) by seed; a seed without predictions of every criterion is left out."""
    cells: dict[tuple[str, str], dict[int, list[RunId]]] = {}
    for run in sorted(judges.prompts, key=lambda run: run.seed):
        cells.setdefault((run.shown_mode, run.gate), {}).setdefault(run.seed, []).append(run)
    criteria = set(judges.pairs.humans)
    complete = {
        cell: {seed: runs for seed, runs in seeds.items() if set(judges.list_ratings(runs, 0)) == criteria}
        for cell, seeds in cells.items()
    }
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
        rated = {
            prompt: [judges.list_ratings(runs, step) for runs in seeds.values()]
            for prompt, step in shown.items()
            if step is not None
        }
        again = retests if next(iter(seeds.values()))[0].scope == ALL_CRITERIA else []
        for prompt, name, measure in _measure_cell(judges, rated, again, picks):
            yield Row(RowName(mode, gate, prompt, *name), measure, len(seeds))
    yield from measure_experts(judges.pairs)


def _measure_cell(
    judges: StudyJudges, rated: Mapping[str, Sequence[Ratings]], again: Sequence[Ratings], picks: Indices
) -> Iterator[tuple[str, Name, Measure]]:
    """Yield the measures of a cell by prompt and name. `rated` holds, for each prompt, its ratings by seed."""
    agreement: dict[str, dict[str, Floats]] = {}
    for prompt, seeds in rated.items():
        found = dict(_measure_prompt(judges, seeds, picks))
        yield from ((prompt, *measure) for measure in found.items())
        agreement[prompt] = {
            name: found[name, POOLED, _name_agreement(judges.pairs, name)].draws for name in (*judges.pairs.scales, AVERAGE)
        }
    yield from ((INITIAL, *measure) for measure in _measure_retest(judges, rated[INITIAL], again))
    for prompt in [prompt for prompt in rated if prompt != INITIAL]:
        for criterion, draws in agreement[prompt].items():
            measure = _detect(draws - agreement[INITIAL][criterion])
            yield prompt, (criterion, POOLED, "detectable_difference"), measure


def _measure_prompt(judges: StudyJudges, rated: Sequence[Ratings], picks: Indices) -> Iterator[tuple[Name, Measure]]:
    """Yield the measures of a prompt, mean over its seeds, and of its ratings of all seeds together."""
    pairs = judges.pairs
    by_criterion = {name: [judges.measure(name, ratings[name]) for ratings in rated] for name in pairs.humans}
    yield from average_measures(by_criterion, pairs.scales, dict.fromkeys(by_criterion, picks))
    for name, human in pairs.humans.items():
        calibration = measure_calibration(pairs, pairs.scales[name], [(ratings[name], human) for ratings in rated])
        yield from (((name, *key), measure) for key, measure in calibration.items())
    yield from measure_halo(pairs, [[ratings[name] for name in pairs.humans] for ratings in rated], picks)


def _measure_retest(judges: StudyJudges, seeds: Sequence[Ratings], again: Sequence[Ratings]) -> Iterator[tuple[Name, Measure]]:
    """Yield the measures of test-retest of an initial prompt; its ratings with each seed are repeats of each other, too."""
    judgings, pairs = [*seeds, *again], judges.pairs
    if len(judgings) < 2:
        return
    changed: dict[str, Measure] = {}
    moved = {}
    for name in pairs.humans:
        ratings = [judging[name] for judging in judgings]
        missing = int(np.isnan(ratings).sum())
        changed[name] = Measure(share_changed(pairs.documents, ratings, pairs.weights), len(judgings), missing)
        moved[name] = np.array([judges.measure(name, rated)[AGREEMENT].draws for rated in ratings])
    changed[AVERAGE] = replace(average_criteria(changed), n=len(judgings))
    moved[AVERAGE] = np.mean(list(moved.values()), axis=0)
    for name, draws in moved.items():
        share, own = changed[name], _name_agreement(pairs, name)
        note = note_metrics(ROLE, pairs.scales) if name == AVERAGE else ""
        deviation = np.std(draws, axis=0, ddof=1)
        yield (name, POOLED, "changed_ratings"), share
        for metric, moves in (
            (f"{own}_sd", deviation),
            (f"{own}_range", np.ptp(draws, axis=0)),
            ("retest_difference", find_retest_difference(deviation, len(seeds))),
        ):
            yield (name, POOLED, metric), Measure(moves, len(draws), share.missing, note=note)


def _name_agreement(pairs: TestPairs, criterion: str) -> str:
    """Return the metric that takes the role of Spearman's correlation on a criterion; an average has the name of the role."""
    return ROLE if criterion == AVERAGE else select_metric(ROLE, pairs.scales[criterion]).name


def _detect(difference: Floats) -> Measure:
    """Return the smallest detectable difference as a measure without an interval."""
    draws = np.full(len(difference), np.nan)
    if not difference.any():
        return Measure(draws, note="the prompt is the initial one")
    draws[0] = find_detectable_difference(difference)
    return Measure(draws)
