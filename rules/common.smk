# Needs: config.yaml and the package in scripts/collide.
# Makes: no file; checks the configuration, and defines wildcards, code tracking and limits that all rules share.
import functools
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# Not workflow.basedir: that is the folder of another Snakefile, if this workflow is a module of it.
PROJECT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
sys.path.insert(0, str(PROJECT / "scripts"))

from collide.common.cluster_resources import ask_for
from collide.common.interpreter import check_image, quote_interpreter
from collide.common.locks.folder_lock import check_records_folder, lock_folder
from collide.common.signals import prepare_for_signals, shorten_interrupts
from collide.common.source_files import track_code, track_model_code
from collide.display.attach import attach_display, begin_display
from collide.errors import InputError
from collide.experiment.configuration.workflow_config import fill_config, list_layers
from collide.experiment.datasets import collect_dataset, collect_scales, dataset_name
from collide.experiment.files import list_active_datasets
from collide.experiment.gates import GATES
from collide.experiment.models import collect_client_settings, repeats_task, resolve_task_model
from collide.experiment.modes import ALL_CRITERIA
from collide.experiment.paths import dataset_split_file, manifest_file, rating_files, run_files
from collide.experiment.paths import split_file, variant_files
from collide.experiment.runs import list_cell_runs, list_runs, list_study_runs, name_run
from collide.experiment.sources import CALLING, PUBLISHED, SOURCES
from collide.experiment.variants import list_variants
from collide.llm.transport.shared_limits import reserve_calls, total_calls
from collide.published.design import fill_design
from collide.report.exhibits.outdated import describe_outdated

shorten_interrupts()

quote_interpreter()

try:
    check_records_folder()
    fill_config(config, list_layers(PROJECT / "config.yaml", workflow, config), PROJECT)
    PUBLISHED_RUNS = fill_design(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

check_image(workflow)
attach_display(workflow)

SOURCE = config["source"]
VARIANTS = {study: list_variants(config, study) for study in config["studies"]}
RUN = "results/{source}/runs/{study}/{mode}/{gate}/seed{seed}"
# These write only files that no rule reads, so they may run while another Snakemake makes files.
RULES_WITHOUT_LOCK = {"benchmarks", "browse", "check", "check_endpoints", "costs", "forecast"}
# These have nothing to do in source published.
RULES_OF_CALLS = {"batch", "check_endpoints", "forecast"}

# `--resources openrouter_calls=N` overrides the number in config.yaml.
for name, limit in total_calls(config).items():
    workflow.global_resources.setdefault(name, limit)


onstart:
    global LOCK
    prepare_for_signals(workflow.scheduler)
    due = list(workflow.dag.needrun_jobs())
    if SOURCE == PUBLISHED and (called := {job.rule.name for job in due} & RULES_OF_CALLS):
        raise WorkflowError(
            f"source published calls no model, so that there is nothing to do for {min(called)}"
        )
    if {job.rule.name for job in due} - RULES_WITHOUT_LOCK:
        try:
            LOCK = lock_folder(SOURCE, logger.warning)
        except InputError as error:
            raise WorkflowError(str(error)) from None
    if outdated := describe_outdated(
        config, SOURCE, {str(path) for job in due for path in job.output}
    ):
        raise WorkflowError(outdated)
    begin_display(workflow, config)


wildcard_constraints:
    source="|".join(SOURCES),
    study="|".join(config["studies"]),
    dataset="|".join(config["datasets"]),
    mode="[SC]{3}|single-[a-z0-9_]+",
    gate="|".join(GATES),
    seed=r"\d+",
    repeat=r"\d+",
    protocol="|".join(config["protocols"]),
    variant="[a-z0-9_.-]+",
    model="|".join(map(re.escape, config["models"])),
    scope=f"{ALL_CRITERIA}|single-[a-z0-9_]+",
    split="test|validation",


@functools.cache
def settings_of_client(source):
    """Return the same object for all jobs of a source, which saves time and memory in large designs."""
    return collect_client_settings(config, source)


def client_settings(wildcards, resources):
    """Return limits, prices and the budget for the client. They shape no reply, so a change of them must rerun no job."""
    # Snakemake (checked with 9.27) compares no parameter whose function takes `resources`.
    # Do not write them to a file in a job: as long as that job is due, Snakemake does not check the jobs that depend on it, and
    # would leave unfinished runs out.
    return settings_of_client(wildcards.source)
