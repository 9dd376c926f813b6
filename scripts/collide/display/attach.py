"""Attach the display to Snakemake's logger, and begin it when the first job is about to start.

The plan of the run is read from Snakemake's graph of jobs and from the configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakemake.logging import logger
from snakemake.settings.enums import Quietness

from collide.display.display import Display, list_captured
from collide.display.handler import DisplayHandler
from collide.display.screen import open_screen
from collide.display.state import JOB_SECONDS, PlannedJob, RunState
from collide.display.view import describe_plan
from collide.experiment.jobs import list_model_jobs
from collide.experiment.paths import split_file
from collide.llm.progress import DISPLAY_VARIABLE
from collide.llm.transport.shared_limits import limit_endpoints, share_limits

# Snakemake's name of the handler that writes to the terminal. A logger plugin that does so takes its place.
TERMINAL_HANDLER = "DefaultStreamHandler"


@dataclass(frozen=True, slots=True)
class Plan:
    """Jobs of a run and what its end shows: the files that were asked for, and the path of Table 1, None if it is not one."""

    state: RunState
    targets: Sequence[str]
    table1: Path | None


def attach_display(workflow: Any) -> None:
    """Put a handler in the place of Snakemake's handler of the terminal, unless the user asked for another kind of output.

    Jobs that Snakemake starts as a process of their own, as on a cluster, keep Snakemake's output.
    """
    settings = workflow.output_settings
    usual = set(settings.quiet or ()) <= {Quietness.HOST, Quietness.REASON}
    asked = settings.dryrun or settings.verbose or settings.debug_dag or settings.printshellcmds or settings.show_failed_logs
    if not workflow.is_main_process or not usual or asked or workflow.touch:
        return
    for handler in [handler for handler in logger.handlers if handler.name == TERMINAL_HANDLER]:
        logger.removeHandler(handler)
        logger.addHandler(DisplayHandler(handler))


def begin_display(workflow: Any, config: Mapping[str, Any]) -> None:
    """Show what will be made, and all further records as a display, if one is attached. An error leaves Snakemake's output."""
    for handler in logger.handlers:
        if isinstance(handler, DisplayHandler):
            try:
                _begin(handler, workflow, config)
            except Exception as error:  # noqa: BLE001 (the display must not fail a run)
                handler.fall_back(error)


def _begin(handler: DisplayHandler, workflow: Any, config: Mapping[str, Any]) -> None:
    settings, source = workflow.output_settings, config["source"]
    descriptor = 1 if settings.stdout else 2
    jobs_at_once = workflow.resource_settings.cores or workflow.resource_settings.nodes or 1
    plan = plan_run(workflow, config, jobs_at_once)
    screen = open_screen(os.dup(descriptor), os.environ, not settings.nocolor)
    log = ", ".join(os.path.relpath(path) for path in workflow.logger_manager.get_logfile())
    display = Display(screen, plan.state, log, plan.targets, plan.table1)
    display.errors_printed = workflow.local_exec
    for line in describe_plan(plan.state, source, jobs_at_once, screen.size.columns):
        display.print(line)
    # Jobs write their own progress to their logs alone while the display shows that of all jobs.
    os.environ[DISPLAY_VARIABLE] = "1"
    display.start(list_captured(screen, descriptor), handler.fall_back)
    handler.begin(display)


def plan_run(workflow: Any, config: Mapping[str, Any], jobs_at_once: int) -> Plan:
    """Return the plan of the jobs that Snakemake is about to run. Targets such as `all` that run nothing are no jobs."""
    # Imported here, because Snakemake loads this module each time it starts, and the forecast loads pyarrow and Jinja.
    from collide.display.expectation import expect_calls

    source, processors = config["source"], os.cpu_count() or 1
    graph_jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_norun]
    outputs = {str(path) for job in graph_jobs for path in job.output}
    model_jobs = [job for job in list_model_jobs(config, source) if job.usage in outputs]
    endpoints = limit_endpoints(share_limits(config["endpoints"]), jobs_at_once, processors)
    expected = expect_calls(model_jobs, config, Path(split_file(config, "train", source)), endpoints, jobs_at_once)
    order = {stage: place for place, stage in enumerate(dict.fromkeys(map(_find_stage, workflow.rules)))}
    jobs = [
        PlannedJob(
            number=job.jobid,
            title=job.message or str(job),
            stage=_find_stage(job.rule),
            log=str(next(iter(job.log), "")),
            calls=tuple(expected.calls[str(path)] for path in job.output if str(path) in expected.calls),
        )
        for job in graph_jobs
    ]
    jobs.sort(key=lambda job: order[job.stage])
    seconds = expected.minutes * 60 + JOB_SECONDS * len(jobs) / min(jobs_at_once, processors)
    targets = sorted({str(path) for job in workflow.dag.targetjobs for path in (job.input if job.is_norun else job.output)})
    table1 = f"results/{source}/tables/table1.csv"
    return Plan(RunState(jobs, seconds), targets, Path(table1) if table1 in targets else None)


def _find_stage(rule: Any) -> str:
    """Return the name of the rules file that a rule stands in."""
    return Path(str(rule.snakefile)).stem
