"""Names of optimization runs and of initial prompts: one format for paths, and one list of a study's runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from collide.experiment.datasets import dataset_name, study_criteria
from collide.experiment.modes import ALL_CRITERIA, SINGLE_TASK, criteria_scope, expand_modes

RUN_PATTERN = "{study}/{mode}/{gate}/seed{seed}"
INITIAL_PATTERN = "initial/{dataset}/{protocol}/{model}/{scope}/seed{seed}/{split}"
RETEST_PATTERN = "retest/{dataset}/{protocol}/{model}/{scope}/seed{seed}/repeat{repeat}"

# The protocol of a study that names none.
DEFAULT_PROTOCOL = "paper"

_RUN = re.compile(r"(?:^|/)([^/]+)/([^/]+)/([^/]+)/seed(\d+)(?:[/.]|$)")


class RunId(NamedTuple):
    """An optimization run. Its files lie below the path <study>/<mode>/<gate>/seed<seed>."""

    study: str
    mode: str
    gate: str
    seed: int

    @property
    def path(self) -> str:
        """Return the path of the run's files, relative to the folder of all runs.

        >>> RunId("main", "SSS", "mae", 0).path
        'main/SSS/mae/seed0'
        """
        return RUN_PATTERN.format(**self._asdict())

    @classmethod
    def parse(cls, path: str | PurePath) -> RunId:
        """Return the run that a path names, such as that of its folder, of a file in it, or of <seed folder>.csv.

        Raises ValueError for a path that names no run.

        >>> RunId.parse("results/live/runs/main/single-fluency/none/seed12/steps.jsonl")
        RunId(study='main', mode='single-fluency', gate='none', seed=12)
        """
        found = _RUN.search(PurePath(path).as_posix())
        if found is None:
            raise ValueError(f"{path}: names no run; expected {RUN_PATTERN}")
        study, mode, gate, seed = found.groups()
        return cls(study, mode, gate, int(seed))

    @property
    def shown_mode(self) -> str:
        """Return the mode that tables show: the Single-Task runs of all criteria are one mode.

        >>> RunId("main", "single-fluency", "mae", 0).shown_mode
        'single'
        """
        return SINGLE_TASK if self.mode.startswith(SINGLE_TASK) else self.mode

    @property
    def scope(self) -> str:
        """Return the criteria that the run's prompts rate, see `criteria_scope`."""
        return criteria_scope(self.mode)


class InitialPromptId(NamedTuple):
    """An evaluation of an initial prompt: one data set, protocol, task model, scope of criteria, seed and split.

    All runs of the same data set, protocol, task model, scope and seed start from the same prompt, which is evaluated once.
    """

    dataset: str
    protocol: str
    model: str
    scope: str
    seed: int
    split: str

    @property
    def path(self) -> str:
        """Return the path of the evaluation's files, without suffix, relative to results/{source}.

        >>> InitialPromptId("summeval", "paper", "qwen3-8b", "together", 0, "test").path
        'initial/summeval/paper/qwen3-8b/together/seed0/test'
        """
        return INITIAL_PATTERN.format(**self._asdict())


class RetestId(NamedTuple):
    """A further evaluation of an initial prompt on the test pairs, by sampling seeds that `seed` and `repeat` make."""

    dataset: str
    protocol: str
    model: str
    scope: str
    seed: int
    repeat: int

    @property
    def path(self) -> str:
        """Return the path of the evaluation's files, without suffix, relative to results/{source}.

        >>> RetestId("summeval", "paper", "qwen3-8b", "together", 0, 1).path
        'retest/summeval/paper/qwen3-8b/together/seed0/repeat1'
        """
        return RETEST_PATTERN.format(**self._asdict())


def name_run(wildcards: Any) -> RunId:
    """Return the run that a rule's wildcards name."""
    return RunId(wildcards.study, wildcards.mode, wildcards.gate, int(wildcards.seed))


def protocol_name(config: Mapping[str, Any], study: str) -> str:
    """Return the name of the protocol that a study follows."""
    return config["studies"][study].get("protocol", DEFAULT_PROTOCOL)


def study_protocol(config: Mapping[str, Any], study: str) -> dict[str, Any]:
    """Return the choices of the protocol that a study follows."""
    return config["protocols"][protocol_name(config, study)]


def list_runs(config: Mapping[str, Any], study: str) -> list[RunId]:
    """Return the runs of a study in the order of its modes, gates and seeds.

    In source `published`, a study has the runs that were found, which need not be all of a grid.
    """
    settings = config["studies"][study]
    runs = [
        RunId(study, mode, gate, seed)
        for mode in expand_modes(settings["modes"], list(study_criteria(config, study)))
        for gate in settings["gates"]
        for seed in settings["seeds"]
    ]
    return [run for run in runs if run.path in settings["found"]] if "found" in settings else runs


def list_study_runs(config: Mapping[str, Any], studies: Iterable[str]) -> list[RunId]:
    """Return the runs of these studies, study by study."""
    return [run for study in studies for run in list_runs(config, study)]


def list_cell_runs(config: Mapping[str, Any], study: str, shown_mode: str, gates: Collection[str]) -> list[RunId]:
    """Return the runs of a study with one mode and any of these gates; `single` stands for the Single-Task runs of all
    criteria."""
    return [run for run in list_runs(config, study) if run.shown_mode == shown_mode and run.gate in gates]


def list_initial_prompts(config: Mapping[str, Any], run: RunId, splits: tuple[str, ...]) -> list[InitialPromptId]:
    """Return the evaluations, one per split, of the initial prompt that a run shares with others.

    The list is empty where the run's protocol makes every run rate its initial prompt itself.
    """
    if study_protocol(config, run.study)["ratings"] == "each_step":
        return []
    dataset, protocol = dataset_name(config, run.study), protocol_name(config, run.study)
    model = config["studies"][run.study]["models"]["task"]
    return [InitialPromptId(dataset, protocol, model, run.scope, run.seed, split) for split in splits]


def list_retests(config: Mapping[str, Any], studies: Iterable[str]) -> list[RetestId]:
    """Return the further evaluations of the initial prompts that runs of these studies start from.

    Only prompts over all criteria are evaluated again: their replies also show how one rating moves with the others, and a
    prompt per criterion would cost as many calls for each of the criteria.
    """
    prompts = {
        prompt
        for run in list_study_runs(config, studies)
        if run.scope == ALL_CRITERIA
        for prompt in list_initial_prompts(config, run, ("test",))
    }
    repeats = range(1, config["retest"]["repeats"] + 1)
    return [RetestId(*prompt[:5], repeat) for prompt in sorted(prompts) for repeat in repeats]
