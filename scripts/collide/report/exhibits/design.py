"""Design of an exhibit: the part of the configuration that it shows, and the words for it in captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from collide.analysis.estimates import GROUP_LABELS
from collide.experiment.datasets import DEFAULT_DATASET
from collide.experiment.modes import MODE_LABELS, SINGLE_TASK
from collide.experiment.scales import Scale, ScaleConfig, read_scales

# What the bootstrap draws: documents with all their pairs, or rows where the data set names no documents.
DOCUMENTS, ROWS = "documents", "rows"


# Not the whole configuration: a rule's parameters hold this, and a change of other settings must not make the exhibit again.
@dataclass(frozen=True, slots=True)
class Design:
    """The part of the configuration that an exhibit shows, its studies in the order of the entry.

    `scale_configs` are the scales of the criteria of the first study's data set, as config.yaml holds them. `variants` are the
    cherry-picked variants of the first study by name, `level` is the coverage of the intervals, and `rubrics` are those of
    specificity, of an exhibit that shows more than the first. `datasets` are the names of the data sets by study, and `unit`
    is the word for what the bootstrap draws: documents, or rows of a data set that names no documents. `has_systems` is False
    for a data set that names no systems.
    """

    studies: Mapping[str, Mapping[str, Any]]
    scale_configs: Mapping[str, ScaleConfig]
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    level: float = 0.95
    rubrics: Sequence[str] = ()
    datasets: Mapping[str, str] = field(default_factory=dict)
    unit: str = DOCUMENTS
    has_systems: bool = True

    @property
    def study(self) -> str:
        """Return the name of the first study. Most exhibits show no other."""
        return next(iter(self.studies))

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return the settings of the first study."""
        return self.studies[self.study]

    @property
    def criteria(self) -> list[str]:
        """Return the names of the criteria."""
        return list(self.scale_configs)

    @property
    def scales(self) -> dict[str, Scale]:
        """Return the scales by criterion."""
        return read_scales(self.scale_configs)

    def label_study(self, study: str = "") -> str:
        """Return the name of a study (the first one by default), with its data set where it is not the default one.

        >>> Design({"main": {}}, {}).label_study()
        'main'
        >>> Design({"talk": {}}, {}, datasets={"talk": "usr"}).label_study()
        'talk (data set usr)'
        """
        name = study or self.study
        dataset = self.datasets.get(name, DEFAULT_DATASET)
        return name + (f" (data set {dataset})" if dataset != DEFAULT_DATASET else "")


def read_design(params: Mapping[str, Any], manifest: Mapping[str, Any]) -> Design:
    """Return the design of a rule's parameters, with what the manifest of the corpus says; it is empty without a corpus."""
    unit = ROWS if manifest.get("documents_are_rows") else DOCUMENTS
    return replace(Design(**params), unit=unit, has_systems=bool(manifest.get("systems", True)))


def choose_initial_mode(modes: Sequence[str]) -> str:
    """Return the mode whose initial prompt stands for the study: the first multi-task mode, else Single-Task.

    All multi-task modes start from the same prompt, over all criteria.

    >>> choose_initial_mode(["single", "SSC"]), choose_initial_mode(["single"])
    ('SSC', 'single')
    """
    return next((mode for mode in modes if mode != SINGLE_TASK), SINGLE_TASK)


def describe_initial(modes: Sequence[str]) -> str:
    """Return the words for the initial prompt that stands for a study with these modes.

    >>> describe_initial(["single", "SSC"]), describe_initial(["single"])
    ('initial prompt over all criteria', 'initial prompts over one criterion each')
    """
    over_all = choose_initial_mode(modes) != SINGLE_TASK
    return "initial prompt over all criteria" if over_all else "initial prompts over one criterion each"


def label_mode(mode: str) -> str:
    """Return the label of a mode or of a group of modes; a name without a label is its own.

    >>> label_mode("single"), label_mode("SSC"), label_mode("cross-task")
    ('Single-Task', 'SSC', 'cross-task gradient')
    """
    return (MODE_LABELS | GROUP_LABELS).get(mode, mode)


def capitalize(text: str) -> str:
    """Return a text with its first letter in upper case.

    >>> capitalize("agreement")
    'Agreement'
    """
    return text[:1].upper() + text[1:]


def describe_seeds(settings: Mapping[str, Any]) -> str:
    """Return a text with the number of a study's seeds.

    >>> describe_seeds({"seeds": [0]}), describe_seeds({"seeds": [0, 1]})
    ('1 seed', '2 seeds')
    """
    return f"{len(settings['seeds'])} seed{'s' * (len(settings['seeds']) != 1)}"


def describe_steps(settings: Mapping[str, Any]) -> str:
    """Return a text with the number of a study's steps.

    >>> describe_steps({"steps": 1}), describe_steps({"steps": 12})
    ('1 step', '12 steps')
    """
    return f"{settings['steps']} step{'s' * (settings['steps'] != 1)}"


def describe_criteria(criteria: Sequence[str]) -> str:
    """Return a text with the number of criteria.

    >>> describe_criteria(["fluency"]), describe_criteria(["fluency", "relevance"])
    ('1 criterion', '2 criteria')
    """
    return f"{len(criteria)} criteri{'a' if len(criteria) != 1 else 'on'}"


def describe_runs(design: Design, study: str = "", **shown: Sequence[str]) -> str:
    """Return the runs of a study (the first one by default) behind a figure in words.

    `shown` limits the study's `modes` or `gates` to those that the figure shows; a part of which it shows none is left out.

    >>> main = {"modes": ["SSC", "SCC"], "gates": ["mae"], "seeds": [0]}
    >>> describe_runs(Design({"main": main}, {}), modes=["SCC"])
    'study main, modes SCC, gates mae, 1 seed'
    """
    name = study or design.study
    settings = design.studies[name]
    parts = {
        part: [found for found in settings[part] if found in shown.get(part, settings[part])] for part in ("modes", "gates")
    }
    if not all(parts.values()):
        return f"none of study {design.label_study(name)}"
    listed = [f"{part} {', '.join(found)}" for part, found in parts.items()]
    return f"study {design.label_study(name)}, {', '.join(listed)}, {describe_seeds(settings)}"
