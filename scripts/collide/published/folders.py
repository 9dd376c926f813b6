"""Run folders of the authors' code, found by their names and run_summary.json; nothing else is read, as each start does this.

A run lies in <base>/<algorithm>-<data>-<date>-<mode>-val=<gate>[-task=<criterion>]-run_<number>/run/. The base is the given
folder, or its only subfolder that holds such runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collide.errors import InputError
from collide.experiment.gates import GATES
from collide.experiment.modes import MODES, name_single_mode
from collide.optimize.rated_texts import ADHERENCE, SPECIFICITY

RUN, CHERRYPICK, RATINGS, UNKNOWN = "run", "cherrypick", "ratings", "unknown"
SUMMARY = "run_summary.json"
PICKED = "eval_cherrypick.parquet"
RATINGS_FOLDER = "rq3_results"
RATING_FILES = {SPECIFICITY: "gradient_specificity.parquet", ADHERENCE: "feedback_adherence.parquet"}

_NAME = re.compile(
    r"[^-]+-[^-]+-(?P<date>[^-]+)-(?P<mode>[SC]{3})-val=(?P<gate>\w+?)(?:-task=(?P<task>\w+?))?[-_]run[-_]?(?P<number>\d+)"
)
_PICKED_NAME = re.compile(r"[^-]+-[^-]+-[^-]+-cherrypick-val=(?P<gate>\w+)-pick=(?P<metric>\w+)")
# The words of the folders' names and of run_summary.json for gates and metrics, where they are not ours.
_GATE_WORDS = {"ob1": "off_by_one", "spearman_correlation": "spearman"}
_LETTERS = {"separate_tasks": "S", "combine_all_tasks": "C"}
_STAGES = ("loss_task_strategy", "gradient_task_strategy", "optimizer_task_strategy")


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """A folder of the authors: what it is, and why it is left out if it is.

    kind: run, cherrypick (predictions by a cherry-picked prompt), ratings (diagnostics) or unknown
    mode, gate, number: of a run; of a cherry-pick the gate, and the metric in place of the mode
    status: `finished`, or where the run ended early
    first_step: number of the first optimization step, 1 unless the initial prompt was never judged
    steps, batch_size: planned steps, and pairs in a batch; 0 if unknown
    problem: why the folder is not imported; empty if it is
    """

    path: Path
    kind: str
    mode: str = ""
    gate: str = ""
    number: int = 0
    status: str = ""
    first_step: int = 1
    steps: int = 0
    batch_size: int = 0
    problem: str = ""

    @property
    def files(self) -> Path:
        """Return the folder that holds the files."""
        return self.path if self.kind == RATINGS else self.path / "run"


@dataclass(frozen=True)
class FoundRuns:
    """The folders of one base, by what they are, in the order of their names."""

    base: Path
    folders: list[FoundFolder] = field(default_factory=list)

    def list_runs(self) -> list[FoundFolder]:
        """Return the runs that are imported."""
        return self._select(RUN)

    def list_cherrypicks(self) -> list[FoundFolder]:
        """Return the cherry-picks that are imported."""
        return self._select(CHERRYPICK)

    def find_ratings(self) -> Path | None:
        """Return the folder of the diagnostics; None if there is none."""
        return next((folder.path for folder in self._select(RATINGS)), None)

    def _select(self, kind: str) -> list[FoundFolder]:
        return [folder for folder in self.folders if folder.kind == kind and not folder.problem]


def find_base(folder: Path) -> Path:
    """Return the folder that holds the run folders: `folder`, or its only subfolder with some.

    Raises InputError where there is no such folder, or more than one.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no folder; expected the authors' published logs")
    candidates = [folder, *_list_folders(folder)]
    bases = [candidate for candidate in candidates if any(_is_run_folder(inner) for inner in _list_folders(candidate))]
    if bases and (bases[0] == folder or len(bases) == 1):
        return bases[0]
    if bases:
        raise InputError(f"{folder}: {len(bases)} subfolders hold runs ({', '.join(b.name for b in bases)}); name one of them")
    raise InputError(f"{folder}: no run found; expected folders like TextGrad-SummEval-02Apr2026-SSS-val=mae-run_1/run")


def find_runs(base: Path, criteria: Collection[str]) -> FoundRuns:
    """Return what the folders of a base are.

    Folders that claim to be the same run are all left out, as none is known to be it.
    """
    folders = [_describe_folder(path, criteria) for path in _list_folders(base)]
    places: dict[tuple[str, str, str, int], list[str]] = {}
    for folder in folders:
        if folder.kind in (RUN, CHERRYPICK) and not folder.problem:
            places.setdefault(_place(folder), []).append(folder.path.name)
    return FoundRuns(base, [_refuse_double(folder, places.get(_place(folder), [])) for folder in folders])


def _place(folder: FoundFolder) -> tuple[str, str, str, int]:
    return folder.kind, folder.mode, folder.gate, folder.number


def _refuse_double(folder: FoundFolder, names: Sequence[str]) -> FoundFolder:
    others = [name for name in names if name != folder.path.name]
    if folder.problem or len(names) < 2:
        return folder
    return FoundFolder(folder.path, folder.kind, *_place(folder)[1:], problem=f"the same run as {', '.join(others)}")


def _list_folders(folder: Path) -> list[Path]:
    return sorted((path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")), key=_order_name)


def _order_name(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts numbers in names by their values."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _is_run_folder(path: Path) -> bool:
    return bool(_NAME.fullmatch(path.name)) and (path / "run").is_dir()


def _describe_folder(path: Path, criteria: Collection[str]) -> FoundFolder:
    if path.name == RATINGS_FOLDER:
        return FoundFolder(path, RATINGS)
    if picked := _PICKED_NAME.fullmatch(path.name):
        gate, metric = (_GATE_WORDS.get(picked[word], picked[word]) for word in ("gate", "metric"))
        problem = "" if (path / "run" / PICKED).is_file() else f"no {PICKED}"
        return FoundFolder(path, CHERRYPICK, metric, gate, problem=problem)
    named = _NAME.fullmatch(path.name)
    if not named:
        runs = sum(_is_run_folder(inner) for inner in _list_folders(path))
        return FoundFolder(path, UNKNOWN, problem=f"{runs} runs of no study" if runs else "not a folder of a run")
    return _describe_run(path, named.groupdict(), criteria)


def _describe_run(path: Path, named: Mapping[str, Any], criteria: Collection[str]) -> FoundFolder:
    """Return a run. Its summary decides where it and the folder's name differ."""
    summary = read_summary(path / "run")
    config = summary.get("config", {})
    letters = "".join(_LETTERS.get(config.get(stage, ""), "?") for stage in _STAGES)
    tasks = [task["task_name"] for task in config.get("tasks", [])] or [task for task in [named["task"]] if task]
    word = config.get("validation_metric") or named["gate"]
    gate = _GATE_WORDS.get(word, word)
    single = len(tasks) == 1
    mode = name_single_mode(tasks[0]) if single else letters if "?" not in letters else named["mode"]
    return FoundFolder(
        path,
        RUN,
        mode,
        gate,
        int(named["number"]),
        _describe_status(path / "run", summary),
        config.get("start_step", 1),
        config.get("steps", 0),
        config.get("batch_size", 0),
        "; ".join(_find_problems(path / "run", mode, gate, tasks, criteria)),
    )


def _find_problems(run: Path, mode: str, gate: str, tasks: Sequence[str], criteria: Collection[str]) -> Iterator[str]:
    if not any(run.glob("eval_step_*.parquet")):
        yield "no predictions of test pairs"
    if unknown := [task for task in tasks if task not in criteria]:
        yield f"unknown criteria {', '.join(unknown)}"
    elif len(tasks) > 1 and (missing := [name for name in criteria if name not in tasks]):
        yield f"no instructions for {', '.join(missing)}"
    elif len(tasks) != 1 and mode not in MODES:
        yield f"unknown mode {mode}"
    if gate not in GATES:
        yield f"unknown gate {gate}"


def read_summary(run: Path) -> dict[str, Any]:
    """Return the content of run_summary.json; empty if there is none that can be read."""
    try:
        found = json.loads((run / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _describe_status(run: Path, summary: Mapping[str, Any]) -> str:
    """Return where a run ended. A failed one holds its error, a killed one neither this nor the time of its end."""
    if summary.get("error"):
        return f"failed at step {summary.get('error_step', 'unknown')}"
    if summary.get("completed_at"):
        return "finished"
    return f"stopped after step {max(number_files(run, 'eval_step_*.parquet'), default=0)}"


def number_files(folder: Path, pattern: str) -> dict[int, Path]:
    """Return the files that end in a number, by it: names sort step 10 before step 2.

    >>> number_files(Path("/nowhere"), "eval_step_*.parquet")
    {}
    """
    found = {int(number[1]): path for path in folder.glob(pattern) if (number := re.search(r"(\d+)\.parquet$", path.name))}
    return dict(sorted(found.items()))


def list_run_files(run: Path) -> list[str]:
    """Return the files of a run that the import reads."""
    files = [
        run / SUMMARY,
        run / "run_logs.parquet",
        *number_files(run, "eval_step_*.parquet").values(),
        *number_files(run / "run_logs", "step_*.parquet").values(),
    ]
    return [str(path) for path in files if path.is_file()]
