"""Jobs that call models, with their journals and usage files: the list that costs, the forecast and pruning of journals read.

The rules write the same paths in their outputs and parameters, as Snakemake patterns. A test in tests/workflow/test_costs.py
compares this list with the files of a finished project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collide.experiment.datasets import dataset_name
from collide.experiment.models import resolve_priced_model
from collide.experiment.modes import ALL_CRITERIA
from collide.experiment.runs import (
    InitialPromptId,
    RetestId,
    RunId,
    list_initial_prompts,
    list_retests,
    list_runs,
    study_protocol,
)
from collide.experiment.sources import PUBLISHED
from collide.experiment.variants import list_variants

OPTIMIZE_ROLES = ("task", "loss", "gradient", "optimizer")
EVALUATED_SPLITS = ("test", "validation")
# A mode over all criteria. Which one it is makes no difference to the evaluation of an initial prompt.
COMBINED_MODE = "CCC"


@dataclass(frozen=True)  # no slots, for `vars`
class ModelJob:
    """A job that calls models: its kind, its files, and what its number of calls follows from.

    kind: optimize, evaluate, diagnose, initial (evaluates an initial prompt), retest (evaluates one again) or variant
        (evaluates a cherry-picked prompt)
    study: the row of the cost table: a study, `initial`, `retest` or `cherrypick`
    journal: the file with the replies
    usage: the file that the job writes at its end
    usage_part: the job's section of that file
    models: priced models by role, see `resolve_priced_model`
    settings: the study's section of the configuration; empty for initial and retest, which belong to no study
    dataset: the data set that the pairs are of
    mode: decomposition mode, which decides on the criteria that a prompt rates
    gate: validation gate of the run; only for optimize, evaluate and diagnose
    steps: the steps file of the run; only for optimize, evaluate and diagnose
    protocol: choices of the protocol that shape the calls; those of `paper` where they are left out
    split: the split whose pairs are rated; only for initial and retest
    variant: the cherry-picked variant; only for variant
    rubrics: the rubrics of specificity; only for diagnose
    """

    kind: str
    study: str
    journal: str
    usage: str
    usage_part: str
    models: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    dataset: str
    mode: str
    gate: str = ""
    steps: str = ""
    split: str = ""
    variant: dict[str, Any] = field(default_factory=dict)
    protocol: dict[str, Any] = field(default_factory=dict)
    rubrics: list[str] = field(default_factory=list)


def list_model_jobs(config: Mapping[str, Any], source: str) -> list[ModelJob]:
    """Return the jobs of all active studies that call models, in the order in which they can run.

    In source `published` there are none.
    """
    if source == PUBLISHED:
        return []
    runs = [run for study in config["active_studies"] for run in list_runs(config, study)]
    run_jobs = [job for run in runs for job in _list_run_jobs(config, source, run)]
    return [
        *_list_initial_jobs(config, source),
        *_list_retest_jobs(config, source),
        *run_jobs,
        *_list_variant_jobs(config, source),
    ]


def job_params(config: Mapping[str, Any], source: str) -> list[dict[str, Any]]:
    """Return `list_model_jobs` as plain values: Snakemake keeps the parameters of a rule as text."""
    return [vars(job) for job in list_model_jobs(config, source)]


def _list_initial_jobs(config: Mapping[str, Any], source: str) -> list[ModelJob]:
    """Return one job per distinct initial prompt and split; runs that start from the same prompt share it."""
    prompts = {
        prompt: _prompt_job(
            config, source, "initial", prompt, COMBINED_MODE if prompt.scope == ALL_CRITERIA else run.mode, prompt.split
        )
        for study in config["active_studies"]
        for run in list_runs(config, study)
        for prompt in list_initial_prompts(config, run, EVALUATED_SPLITS)
    }
    return list(prompts.values())


def _list_retest_jobs(config: Mapping[str, Any], source: str) -> Iterator[ModelJob]:
    for retest in list_retests(config, config["active_studies"]):
        yield _prompt_job(config, source, "retest", retest, COMBINED_MODE, "test")


def _prompt_job(
    config: Mapping[str, Any], source: str, kind: str, prompt: InitialPromptId | RetestId, mode: str, split: str
) -> ModelJob:
    """Return the job that evaluates an initial prompt, or evaluates it again (kind retest)."""
    return ModelJob(
        kind=kind,
        study=kind,
        journal=f"results/{source}/journal/{prompt.path}.journal",
        usage=f"results/{source}/{prompt.path}.usage.json",
        usage_part="evaluate",
        models={"task": resolve_priced_model(config, prompt.model, source)},
        settings={},
        dataset=prompt.dataset,
        mode=mode,
        split=split,
        protocol=config["protocols"][prompt.protocol],
    )


def _list_run_jobs(config: Mapping[str, Any], source: str, run: RunId) -> Iterator[ModelJob]:
    """Yield the optimization, evaluation and diagnostics of a run."""
    settings = config["studies"][run.study]
    models = settings["models"] | {"evaluator": config["diagnostics"]["evaluator"]}
    folder = f"results/{source}/runs/{run.path}"
    for kind, roles, usage in (
        ("optimize", OPTIMIZE_ROLES, f"{folder}/optimize.json"),
        ("evaluate", ("task",), f"{folder}/usage.json"),
        ("diagnose", ("evaluator",), f"results/{source}/diagnostics/{run.path}.usage.json"),
    ):
        yield ModelJob(
            kind=kind,
            study=run.study,
            journal=f"results/{source}/journal/{run.path}/{kind}.journal",
            usage=usage,
            usage_part=kind,
            models={role: resolve_priced_model(config, models[role], source) for role in roles},
            settings=settings,
            dataset=dataset_name(config, run.study),
            mode=run.mode,
            gate=run.gate,
            steps=f"{folder}/steps.jsonl",
            protocol=study_protocol(config, run.study),
            rubrics=config["diagnostics"]["rubrics"] if kind == "diagnose" else [],
        )


def _list_variant_jobs(config: Mapping[str, Any], source: str) -> Iterator[ModelJob]:
    """Yield the evaluation of each variant with each seed of the study that it picks from."""
    for study_name in config["active_studies"]:
        yield from _list_variant_jobs_of(config, source, study_name)


def _list_variant_jobs_of(config: Mapping[str, Any], source: str, study_name: str) -> Iterator[ModelJob]:
    study = config["studies"][study_name]
    for name, variant in list_variants(config, study_name).items():
        for seed in study["seeds"]:
            path = f"cherrypick/{study_name}/{name}/seed{seed}"
            yield ModelJob(
                kind="variant",
                study="cherrypick",
                journal=f"results/{source}/journal/{path}.journal",
                usage=f"results/{source}/{path}/usage.json",
                usage_part="evaluate",
                models={"task": resolve_priced_model(config, study["models"]["task"], source)},
                settings=study,
                dataset=dataset_name(config, study_name),
                mode=COMBINED_MODE,
                variant=variant,
                protocol=study_protocol(config, study_name),
            )
