"""Checks that only the authors' logs allow, each with its effect on the paper's numbers. Input are the imported files."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from collide.analysis.metrics import METRICS
from collide.analysis.prediction_groups import Group, GroupKey
from collide.analysis.scores import ScoredRun, score_group
from collide.corpus.pairs import Pair
from collide.experiment.modes import SINGLE_TASK, name_single_mode
from collide.published.folders import RUN, FoundFolder
from collide.published.pairs import squeeze

SPEARMAN = METRICS["spearman"]
# Runs of a cell in the paper.
PAPER_RUNS = 3
YES, NO, UNKNOWN = "yes", "no", "not known"


class Check(NamedTuple):
    """An answer with its number, what the number counts, and what it does to the paper's numbers."""

    study: str
    check: str
    question: str
    answer: str
    value: float | None
    n: int
    meaning: str
    effect: str


@dataclass(frozen=True)
class LoggedStudy:
    """The imported files of a study.

    runs, records: predictions, and records of the steps, in the same order
    train, test: pairs of all runs
    folders: the folders of the study; `cells` are its modes and gates as the configuration asks for them
    picked: ratings by the cherry-picked prompts by variant and criterion
    picked_format: whether such a prompt states the form of the reply
    """

    name: str
    runs: Sequence[ScoredRun]
    records: Sequence[Sequence[Mapping[str, Any]]]
    train: Sequence[Pair]
    test: Sequence[Pair]
    folders: Sequence[FoundFolder]
    cells: Sequence[tuple[str, str]]
    picked: Mapping[str, Mapping[str, Group]]
    picked_format: Mapping[str, bool]


def check_logs(study: LoggedStudy) -> Iterator[Check]:
    """Yield all checks of a study."""
    yield check_format(study)
    yield check_human_scores(study)
    yield from check_pairs(study)
    yield check_batches(study)
    yield check_repeats(study)
    yield check_missing_runs(study)
    yield check_drop(study)


def average_spearman(run: ScoredRun, step: int, without: frozenset[str] = frozenset()) -> float | None:
    """Return the Spearman correlation on the test pairs over the criteria of a run; an undefined one counts as 0, as theirs.

    Pairs of the documents in `without` are left out. None where the step was not judged.
    """
    groups = [group for key, group in run.predictions.groups.items() if (key.prompt, key.split) == (run.prompts[step], "test")]
    return statistics.fmean(score_group(_drop(group, without), SPEARMAN).value or 0.0 for group in groups) if groups else None


def _drop(group: Group, documents: frozenset[str]) -> Group:
    kept = [place for place, document in enumerate(group.documents) if document not in documents]
    if len(kept) == len(group.documents):
        return group
    return Group([group.documents[place] for place in kept], group.ratings[kept], group.humans[kept], 0)


def check_format(study: LoggedStudy) -> Check:
    """Return whether prompts state the form of the reply after the first accepted rewrite."""
    states: dict[bool, list[bool]] = {False: [], True: []}
    missing: dict[bool, list[float]] = {False: [], True: []}
    for run, records in zip(study.runs, study.records, strict=True):
        rewritten = False
        for record in records:
            rewritten |= record.get("gate", {}).get("accepted", False)
            if "output_format" in record:
                states[rewritten].append(record["output_format"])
                missing[record["output_format"]] += _share_unusable(run, record["prompt"])
    held, after = sum(states[True]), len(states[True])
    answer = UNKNOWN if not after else YES if held == after else NO
    shares = [
        f"{statistics.fmean(missing[form]):.2%} {word} it"
        for form, word in ((True, "with"), (False, "without"))
        if missing[form]
    ]
    return Check(
        study.name,
        "output format",
        "Do prompts still state the form of the reply after the first accepted rewrite, as the paper says?",
        answer,
        held / after if after else None,
        after,
        f"share of prompts after the first accepted rewrite; before it, {sum(states[False])} of {len(states[False])} state it",
        f"ratings that are missing or no whole number: {', '.join(shares)}" if shares else "",
    )


def _share_unusable(run: ScoredRun, prompt: str) -> list[float]:
    """Return the share of ratings that are missing or no whole number, by criterion."""
    groups = [group for key, group in run.predictions.groups.items() if key.prompt == prompt]
    # A missing rating is nan, whose remainder is nan, which is not 0.
    return [float((group.ratings % 1 != 0).mean()) for group in groups]


def check_human_scores(study: LoggedStudy) -> Check:
    """Return whether human scores are whole, as those of one expert, or means."""
    whole = [
        all((group.humans % 1 == 0).all() for group in run.predictions.groups.values())
        for run in study.runs
        if run.predictions.groups
    ]
    mixed: dict[tuple[str, str], set[bool]] = {}
    for run, is_whole in zip([run for run in study.runs if run.predictions.groups], whole, strict=True):
        mixed.setdefault((run.run.shown_mode, run.run.gate), set()).add(is_whole)
    cells = [" ".join(cell) for cell, kinds in mixed.items() if len(kinds) > 1]
    return Check(
        study.name,
        "human score",
        "Is the human score that of one expert (whole numbers), and not the mean of several?",
        YES if all(whole) and whole else NO if not any(whole) else "in some runs",
        sum(whole) / len(whole) if whole else None,
        len(whole),
        "share of runs whose human scores are all whole",
        f"averages mix both kinds in {', '.join(cells)}" if cells else "",
    )


def check_pairs(study: LoggedStudy) -> Iterator[Check]:
    """Yield whether pairs of batches are test pairs, and whether the same texts stand in the test set with other scores."""
    train, test = ({_texts(pair) for pair in pairs} for pairs in (study.train, study.test))
    shared = train & test
    documents = frozenset(pair.document for pair in study.test if _texts(pair) in shared)
    changes = [
        without - whole
        for run in study.runs
        if documents
        and (whole := average_spearman(run, 0)) is not None
        and (without := average_spearman(run, 0, documents)) is not None
    ]
    moved = f"without their documents, the initial correlation moves by {statistics.fmean(changes):+.4f}" if changes else ""
    yield Check(
        study.name,
        "training pairs in the test set",
        "Do training and test pairs coincide?",
        YES if shared else NO,
        len(shared) / len(train) if train else None,
        len(train),
        "share of the pairs of batches that are test pairs, too; the validation pairs are not known",
        moved,
    )
    scores: dict[tuple[str, str], set[tuple[float, ...]]] = {}
    for pair in study.test:
        scores.setdefault(_texts(pair), set()).add(tuple(pair.human.values()))
    several = sum(len(found) > 1 for found in scores.values())
    yield Check(
        study.name,
        "repeated pairs",
        "Does the same pair stand in the test sets with different human scores?",
        YES if several else NO,
        several / len(scores) if scores else None,
        len(scores),
        "share of distinct pairs of article and summary, over the test sets of all runs",
        "no rating can be right for all of them" if several else "",
    )


def _texts(pair: Pair) -> tuple[str, str]:
    return squeeze(pair.inputs[0]), squeeze(pair.output)


def check_batches(study: LoggedStudy) -> Check:
    """Return whether all runs have the same batch at the same step."""
    # Names of pairs also tell human scores apart, which may be those of other experts.
    texts = {pair.id: _texts(pair) for pair in study.train}
    found = {
        (run.run.path, record["step"]): tuple(sorted(texts[name] for name in record["batch"] if name in texts))
        for run, records in zip(study.runs, study.records, strict=True)
        for record in records[1:]
    }
    steps = {step for _, step in found}
    usual = {step: Counter(batch for (_, at), batch in found.items() if at == step).most_common(1)[0][0] for step in steps}
    others = dict.fromkeys(path for (path, step), batch in found.items() if batch != usual[step])
    most = max((len({batch for (_, at), batch in found.items() if at == step}) for step in steps), default=0)
    same = "deviations over runs show the sampling of replies alone, not the choice of pairs"
    return Check(
        study.name,
        "batches",
        "Do all runs have the same batches?",
        UNKNOWN if not found else NO if others else YES,
        float(most) if found else None,
        len(steps),
        "largest number of different batches at a step",
        "" if not found else f"other batches than most runs: {', '.join(others)}" if others else same,
    )


def check_repeats(study: LoggedStudy) -> Check:
    """Return how much the correlation moves between two judgings of a prompt that did not change."""
    moves, gains = [], []
    for run, records in zip(study.runs, study.records, strict=True):
        values = [average_spearman(run, step) for step in range(len(records))]
        for (before, old), (after, new) in itertools.pairwise(zip(records, values, strict=True)):
            same = all(before.get(key) == after.get(key) for key in ("instructions", "output_format"))
            if same and old is not None and new is not None:
                moves.append(abs(new - old))
        if values and values[0] is not None:
            gains.append(max(value for value in values if value is not None) - values[0])
    below = sum(gain <= max(moves) for gain in gains) if moves else 0
    return Check(
        study.name,
        "judged again",
        "Does the correlation move when the same prompt is judged again?",
        UNKNOWN if not moves else YES if max(moves) > 0 else NO,
        statistics.fmean(moves) if moves else None,
        len(moves),
        f"mean absolute difference between two judgings in a row{f'; at most {max(moves):.4f}' if moves else ''}",
        f"{below} of {len(gains)} runs gain at their best step no more than the largest such difference" if moves else "",
    )


def check_missing_runs(study: LoggedStudy) -> Check:
    """Return how many runs of the paper's design are not in the logs, or ended early."""
    finished = Counter((folder.mode, folder.gate) for folder in study.folders if _is_finished(folder))
    lacking = {cell: PAPER_RUNS - finished[cell] for cell in study.cells if finished[cell] < PAPER_RUNS}
    early = sum(folder.kind == RUN and not folder.problem and folder.status != "finished" for folder in study.folders)
    listed = ", ".join(f"{mode} {gate} {count}" for (mode, gate), count in lacking.items())
    return Check(
        study.name,
        "missing runs",
        f"Are runs of the design missing ({PAPER_RUNS} of each mode and gate)?",
        YES if lacking else NO,
        float(sum(lacking.values())),
        PAPER_RUNS * len(study.cells),
        f"number of runs that are not in the logs or ended early ({early} ended early)",
        f"averages are over fewer runs: {listed}" if lacking else "",
    )


def _is_finished(folder: FoundFolder) -> bool:
    return folder.kind == RUN and not folder.problem and folder.status == "finished"


def check_drop(study: LoggedStudy) -> Check:
    """Return the drop from Single-Task to the cherry-picked prompt between prompts with the same skeleton (paper, Table 3)."""
    best: dict[tuple[str, str, bool], float] = {}
    for run, records in zip(study.runs, study.records, strict=True):
        for record in records[1:] if run.run.shown_mode == SINGLE_TASK else []:
            # A step whose instructions are still the initial ones is no candidate of the comparison.
            value = average_spearman(run, record["step"])
            if value is None or "output_format" not in record or record["instructions"] == records[0]["instructions"]:
                continue
            key = (run.run.gate, run.run.mode, record["output_format"])
            best[key] = max(value, best.get(key, -1.0))
    drops = {form: [_find_drop(study, variant, best, form) for variant in study.picked] for form in (True, False)}
    same, other = (_average([drop for drop in drops[form] if drop is not None]) for form in (True, False))
    return Check(
        study.name,
        "drop with the same skeleton",
        "Does the drop to cherry-picked (Table 3) remain between prompts that both state the form of the reply?",
        UNKNOWN if same is None else YES if same > 0 else NO,
        same,
        sum(drop is not None for drop in drops[True]),
        "mean drop over the cherry-picked prompts"
        + ("; no rewritten Single-Task prompt of every criterion states the form of the reply" if same is None else ""),
        "" if other is None else f"against Single-Task prompts that do not state it, as in the paper, the drop is {other:+.4f}",
    )


def _find_drop(study: LoggedStudy, variant: str, best: Mapping[tuple[str, str, bool], float], form: bool) -> float | None:
    """Return the best Single-Task correlation over the criteria less that of a cherry-picked prompt, which states the form."""
    groups, gate = study.picked[variant], variant.partition("-")[0]
    single = [best.get((gate, name_single_mode(criterion), form)) for criterion in groups]
    known = [value for value in single if value is not None]
    if not study.picked_format[variant] or not known or len(known) < len(single):
        return None
    picked = statistics.fmean(score_group(group, SPEARMAN).value or 0.0 for group in groups.values())
    return statistics.fmean(known) - picked


def _average(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def index_picked(groups: Mapping[GroupKey, Group]) -> dict[str, Group]:
    """Return the groups of a variant's only prompt by criterion."""
    return {key.criterion: group for key, group in groups.items()}
