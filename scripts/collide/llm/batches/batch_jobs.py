"""Jobs whose calls do not depend on each other's replies, so that they can be sent in batches: evaluations and diagnostics.

The rules name the same files and parameters. A test in tests/workflow/test_batch.py compares the requests: after a batch, the
rules must find each reply in their journals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from collide.experiment.datasets import dataset_name
from collide.experiment.models import resolve_model, resolve_task_model
from collide.experiment.paths import dataset_split_file, initial_prediction_files, split_file
from collide.experiment.runs import (
    InitialPromptId,
    RetestId,
    RunId,
    list_initial_prompts,
    list_retests,
    list_runs,
    list_study_runs,
)
from collide.experiment.variants import list_variants
from collide.llm.batches.batch_job import BatchJob
from collide.llm.request import derive_seed


def list_batch_jobs(config: Mapping[str, Any], source: str) -> list[BatchJob]:
    """Return the jobs of all active studies whose calls can be sent in batches."""
    return [
        *_list_prompt_jobs(config, source),
        *(job for run in list_study_runs(config, config["active_studies"]) for job in _list_run_jobs(config, source, run)),
        *_list_variant_jobs(config, source),
    ]


def batch_params(config: Mapping[str, Any], source: str) -> list[dict[str, Any]]:
    """Return `list_batch_jobs` as plain values: Snakemake keeps the parameters of a rule as text."""
    return [asdict(job) for job in list_batch_jobs(config, source)]


def list_prompt_files(config: Mapping[str, Any], source: str) -> list[str]:
    """Return the files that the evaluations of initial prompts read."""
    return sorted({str(path) for job in _list_prompt_jobs(config, source) for path in job.list_inputs()})


def list_prompt_outputs(config: Mapping[str, Any], source: str) -> list[str]:
    """Return the predictions of the initial prompts, and those of their retests."""
    return [job.output for job in _list_prompt_jobs(config, source)]


def _list_prompt_jobs(config: Mapping[str, Any], source: str) -> Iterator[BatchJob]:
    """Yield the evaluations of the initial prompts, and their retests."""
    runs = [run for study in config["active_studies"] for run in list_runs(config, study)]
    prompts = dict.fromkeys(prompt for run in runs for prompt in list_initial_prompts(config, run, ("test", "validation")))
    for prompt in prompts:
        yield _make_prompt_job(config, source, "initial", prompt, prompt.split, prompt.seed)
    for retest in list_retests(config, config["active_studies"]):
        seed = derive_seed(retest.seed, "retest", retest.repeat)
        yield _make_prompt_job(config, source, "retest", retest, "test", seed)


def _make_prompt_job(
    config: Mapping[str, Any], source: str, kind: str, prompt: InitialPromptId | RetestId, split: str, seed: int
) -> BatchJob:
    return BatchJob(
        kind=kind,
        journal=f"results/{source}/journal/{prompt.path}.journal",
        output=f"results/{source}/{prompt.path}.parquet",
        dataset=prompt.dataset,
        models={"task": resolve_model(config, prompt.model, "task", source, prompt.protocol)},
        seed=seed,
        prompts=f"results/{source}/initial/{prompt.dataset}/{prompt.scope}.jsonl",
        splits={split: dataset_split_file(prompt.dataset, split, source, prompt.protocol)},
        examples=dataset_split_file(prompt.dataset, "examples", source, prompt.protocol),
    )


def _list_run_jobs(config: Mapping[str, Any], source: str, run: RunId) -> Iterator[BatchJob]:
    """Yield the evaluation and the diagnostics of a run."""
    steps = f"results/{source}/runs/{run.path}/steps.jsonl"
    splits = ("test", "validation")
    yield BatchJob(
        kind="evaluate",
        journal=f"results/{source}/journal/{run.path}/evaluate.journal",
        output=f"results/{source}/runs/{run.path}/predictions.parquet",
        dataset=dataset_name(config, run.study),
        models=resolve_task_model(config, run.study, source),
        seed=run.seed,
        prompts=steps,
        splits={split: split_file(config, split, source, run.study) for split in splits},
        examples=split_file(config, "examples", source, run.study),
        initial=initial_prediction_files(config, run, splits, source),
    )
    yield BatchJob(
        kind="diagnose",
        journal=f"results/{source}/journal/{run.path}/diagnose.journal",
        output=f"results/{source}/diagnostics/{run.path}.csv",
        dataset=dataset_name(config, run.study),
        models={"evaluator": resolve_model(config, config["diagnostics"]["evaluator"], "evaluator", source)},
        seed=run.seed,
        prompts=steps,
        mode=run.mode,
    )


def _list_variant_jobs(config: Mapping[str, Any], source: str) -> Iterator[BatchJob]:
    """Yield the evaluation of each variant with each seed of the study that it picks from."""
    picks = ((study, name) for study in config["active_studies"] for name in list_variants(config, study))
    for study, name in picks:
        for seed in config["studies"][study]["seeds"]:
            path = f"cherrypick/{study}/{name}/seed{seed}"
            yield BatchJob(
                kind="variant",
                journal=f"results/{source}/journal/{path}.journal",
                output=f"results/{source}/{path}/predictions.parquet",
                dataset=dataset_name(config, study),
                models=resolve_task_model(config, study, source),
                seed=seed,
                prompts=f"results/{source}/cherrypick/{study}/{name}/prompts.jsonl",
                splits={"test": split_file(config, "test", source, study)},
                examples=split_file(config, "examples", source, study),
            )
