"""Comparability: how the runs of a study differ from the experiment that the paper's claims are about (paper_design.yaml)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from collide.analysis.estimates import ALL_GATES, GRADIENT_GROUPS, EstimateName, find_picked_study
from collide.claims.claim_reader import Claim, list_names
from collide.experiment.datasets import collect_scales, dataset_name
from collide.experiment.models import list_requested_names
from collide.experiment.runs import study_protocol
from collide.experiment.scales import Scale, build_scale
from collide.experiment.sources import PUBLISHED
from collide.optimize.rated_texts import DIAGNOSTICS

PAPER_DESIGN = Path(__file__).with_name("paper_design.yaml")


@dataclass(frozen=True, slots=True)
class RunDesign:
    """The design of a study as it was run, in plain values, and the manifest of its corpus.

    `models` are the requested names by role, that of the evaluator included. `rubric` is the first rubric of specificity.
    """

    study: Mapping[str, Any]
    scales: Mapping[str, Any]
    split: Mapping[str, Any]
    protocol: Mapping[str, Any]
    models: Mapping[str, str]
    rubric: str
    manifest: Mapping[str, Any]
    source: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference from the paper's experiment, in words, and the test for the estimates that it concerns."""

    text: str
    concerns: Callable[[EstimateName], bool]


@functools.cache
def read_paper_design() -> Mapping[str, Any]:
    """Return the contents of paper_design.yaml."""
    return yaml.safe_load(PAPER_DESIGN.read_text(encoding="utf-8"))


def collect_designs(config: Mapping[str, Any], source: str) -> dict[str, dict[str, Any]]:
    """Return the active studies of the paper with the plain values of their `RunDesign`, but for manifest and source."""
    return {
        study: {
            "study": {part: config["studies"][study][part] for part in ("modes", "gates", "seeds", "steps", "batch_size")},
            "scales": collect_scales(config, dataset_name(config, study)),
            "split": config["datasets"][dataset_name(config, study)]["split"],
            "protocol": study_protocol(config, study),
            "models": list_requested_names(config, study, source),
            "rubric": config["diagnostics"]["rubrics"][0],
        }
        for study in read_paper_design()["studies"]
        if study in config["active_studies"]
    }


def has_papers_data(manifest: Mapping[str, Any], scales: Mapping[str, Scale], source: str) -> bool:
    """Return True if the corpus and the criteria are those of the paper, or stand in for them in simulated runs."""
    return not [*_compare_corpus(manifest, source), *_compare_criteria(scales)]


def find_differences(study: str, run: RunDesign) -> list[Difference]:
    """Return the differences of a study of the paper from the paper's experiment."""
    paper = read_paper_design()
    expected = paper["studies"][study]
    scales = {name: build_scale(config) for name, config in run.scales.items()}
    everywhere = [
        *_compare_criteria(scales),
        *_compare_values("", run.study, {part: paper[part] for part in ("steps", "batch_size")}),
        *_compare_seeds(run.study["seeds"], paper["seeds"]),
    ]
    of_diagnostics: list[str] = []
    of_specificity: list[str] = []
    # The authors' logs are the paper's experiment: its corpus, protocol and models are what they are.
    if run.source != PUBLISHED:
        everywhere += [
            *_compare_corpus(run.manifest, run.source),
            *_compare_values("split", run.split, paper["split"]),
            *_compare_values("protocol", run.protocol, paper["protocol"]),
            *(text for role, model in expected["models"].items() for text in _compare_model(role, model, run)),
        ]
        of_diagnostics += _compare_model("evaluator", paper["evaluator"], run)
        of_specificity += _compare_values("", {"rubric": run.rubric}, {"rubric": paper["rubric"]})
    return [
        *(Difference(text, lambda name: True) for text in everywhere),
        *(Difference(text, lambda name: name.quantity.startswith(DIAGNOSTICS)) for text in of_diagnostics),
        *(Difference(text, lambda name: name.quantity.startswith("specificity")) for text in of_specificity),
        *(Difference(text, lambda name: name.gate == ALL_GATES) for text in _compare_lists("gates", run.study, expected)),
        *(Difference(text, lambda name: name.mode in GRADIENT_GROUPS) for text in _compare_lists("modes", run.study, expected)),
    ]


def explain_incomparable(claim: Claim, differences: Mapping[str, Sequence[Difference]]) -> str:
    """Return how the runs behind a claim differ from the paper's, by study; empty where they do not."""
    found: dict[str, dict[str, None]] = {}
    for name in list_names(claim.expression):
        study = find_picked_study(name) or name.study
        texts = [difference.text for difference in differences.get(study, []) if difference.concerns(name)]
        found.setdefault(study, {}).update(dict.fromkeys(texts))
    return "; ".join(f"study {study}: {', '.join(texts)}" for study, texts in found.items() if texts)


def _compare_corpus(manifest: Mapping[str, Any], source: str) -> Iterator[str]:
    stands_in = source == PUBLISHED or (source == "simulated" and manifest["corpus"] == "embedded")
    if not manifest["is_summeval"] and not stands_in:
        yield f"the corpus {manifest['corpus']} is not SummEval"


def _compare_criteria(scales: Mapping[str, Scale]) -> Iterator[str]:
    expected = {name: build_scale(config) for name, config in read_paper_design()["criteria"].items()}
    if scales.keys() != expected.keys():
        yield f"criteria {', '.join(scales)}, not {', '.join(expected)}"
    for name in filter(scales.__contains__, expected):
        if (scales[name].values, scales[name].classes) != (expected[name].values, expected[name].classes):
            yield f"{name} is rated {describe_scale(scales[name])}, not {describe_scale(expected[name])}"


def describe_scale(scale: Scale) -> str:
    """Return a scale in words.

    >>> describe_scale(build_scale([1, 5])), describe_scale(build_scale({"classes": ["no", "yes"]}))
    ('from 1 to 5', 'no or yes')
    """
    if scale.classes:
        return " or ".join(scale.classes)
    return f"from {scale.low:g} to {scale.high:g}" + ("" if scale.step == 1 else f" in steps of {scale.step:g}")


def _compare_values(section: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    for key, value in expected.items():
        if found[key] != value:
            yield f"{section} {_show(key)} {_show(found[key])}, not {_show(value)}".strip()


def _compare_seeds(seeds: Sequence[int], least: int) -> Iterator[str]:
    if len(seeds) < least:
        yield f"{len(seeds)} seed{'s' * (len(seeds) != 1)}, not {least}"


def _compare_lists(part: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    if set(found[part]) != set(expected[part]):
        yield f"{part} {', '.join(found[part])}, not {', '.join(expected[part])}"


def _compare_model(role: str, expected: str, run: RunDesign) -> Iterator[str]:
    patterns = read_paper_design()["models"][expected]["simulated" if run.source == "simulated" else "endpoints"]
    requested = run.models[role]
    if not any(fnmatchcase(requested.lower(), pattern) for pattern in patterns):
        yield f"{role} model {requested}, not {expected}"


def _show(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).replace("_", " ")
