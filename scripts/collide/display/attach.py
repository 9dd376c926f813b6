"""Attach the display to Snakemake's logger, and begin it when the first job is about to start.

The plan of the run is read from Snakemake's graph of jobs and from the configuration.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from snakemake.logging import logger
from snakemake.settings.enums import Quietness

from collide.display.display import Display, list_captured
from collide.display.handler import DisplayHandler
from collide.display.screen import open_screen
from collide.display.state import JOB_SECONDS, ExpectedCalls, PlannedJob, RunState
from collide.display.view import describe_plan
from collide.experiment.jobs import ModelJob, list_model_jobs
from collide.llm.progress import DISPLAY_VARIABLE
from collide.llm.transport.shared_limits import limit_endpoints, share_limits
from collide.report.exhibits import plans

# Snakemake's name of the handler that writes to the terminal. A logger plugin that does so takes its place.
TERMINAL_HANDLER = "DefaultStreamHandler"


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
    graph_jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_norun]
    limits = workflow.resource_settings
    # The number of jobs on a cluster may be unlimited; `cores` is the width of a group there.
    jobs_at_once = min((limits.cores if workflow.local_exec else limits.nodes) or 1, max(len(graph_jobs), 1))
    state = RunState(plan_jobs(graph_jobs, workflow.rules))
    made = {str(path) for job in graph_jobs for path in job.output}
    model_jobs = [job for job in list_model_jobs(config, source) if job.usage in made]

    def expect_rest() -> None:
        state.expect_calls(*_expect_calls(graph_jobs, model_jobs, config, jobs_at_once))

    expect_rest()
    screen = open_screen(os.dup(descriptor), os.environ, not settings.nocolor)
    log = ", ".join(os.path.relpath(path) for path in workflow.logger_manager.get_logfile())
    targets = list_targets(workflow.dag)
    display = Display(screen, state, log, targets, find_shown_table(config, source, targets))
    display.errors_printed, display.expect_rest = workflow.local_exec, expect_rest
    # A target without files, such as `costs`, prints what the user asked for, which the plan is no part of.
    for line in describe_plan(state, source, jobs_at_once, screen.size.columns) if targets else ():
        display.print(line)
    display.add_warnings(map(describe_missing_price, list_unpriced(config, source, model_jobs)))
    # Jobs write their own progress to their logs alone while the display shows that of all jobs.
    os.environ[DISPLAY_VARIABLE] = "1"
    display.start(list_captured(screen, descriptor), handler.fall_back)
    handler.begin(display)


def find_shown_table(config: Mapping[str, Any], source: str, targets: Sequence[str]) -> tuple[str, Path]:
    """Return title and CSV file of the first table of initial and best prompts among the targets; the first of all without."""
    tables = [
        # Table 1, or the name of the study.
        (exhibit.heading.partition(":")[0], path)
        for exhibit in plans.list_targets(config)
        if exhibit.kind.name == "optimization"
        for path in exhibit.list_files(source)
        if path.endswith(".csv")
    ]
    title, path = next((table for table in tables if table[1] in targets), tables[0])
    return title, Path(path)


def plan_jobs(graph_jobs: Sequence[Any], rules: Iterable[Any]) -> list[PlannedJob]:
    """Return the jobs that Snakemake is about to run, in the order in which its rules files are included."""
    order = {stage: place for place, stage in enumerate(dict.fromkeys(map(_find_stage, rules)))}
    jobs = [PlannedJob(job.jobid, _find_stage(job.rule), str(next(iter(job.log), ""))) for job in graph_jobs]
    return sorted(jobs, key=lambda job: order[job.stage])


def list_targets(dag: Any) -> list[str]:
    """Return the files that the user asked for. Those of a target such as `all` are all files of the jobs before it."""
    jobs = [made for job in dag.targetjobs for made in (dag.dependencies[job] if job.is_norun else [job])]
    return sorted({str(path) for job in jobs for path in job.output})


def list_unpriced(config: Mapping[str, Any], source: str, jobs: Sequence[ModelJob]) -> list[str]:
    """Return the models without a price in config.yaml that these jobs call; none but for live models, as others are free."""
    called = {(model["endpoint"], model["name"]) for job in jobs for model in job.models.values()}
    models = {name: sources[source] for name, sources in config["models"].items() if source == "live" and source in sources}
    return [name for name, model in models.items() if "price_in" not in model and (model["endpoint"], model["name"]) in called]


def describe_missing_price(model: str) -> str:
    """Return the sentence on a model without a price."""
    return f"models.{model} has no price in config.yaml; its calls count as free in costs and spending limits"


def _expect_calls(
    graph_jobs: Sequence[Any], model_jobs: Sequence[ModelJob], config: Mapping[str, Any], jobs_at_once: int
) -> tuple[dict[int, tuple[ExpectedCalls, ...]], float]:
    """Return the expected calls by the number of the job, and the seconds that all jobs take."""
    # Imported here, because Snakemake loads this module each time it starts, and the forecast loads pyarrow and Jinja.
    from collide.display.expectation import expect_calls

    processors = os.cpu_count() or 1
    outputs = {job.jobid: list(map(str, job.output)) for job in graph_jobs}
    endpoints = limit_endpoints(share_limits(config["endpoints"]), jobs_at_once, processors)
    expected = expect_calls(model_jobs, config, endpoints, jobs_at_once)
    calls = {
        number: tuple(expected.calls[path] for path in paths if path in expected.calls) for number, paths in outputs.items()
    }
    return calls, expected.minutes * 60 + JOB_SECONDS * len(graph_jobs) / min(jobs_at_once, processors)


def _find_stage(rule: Any) -> str:
    """Return the name of the rules file that a rule stands in."""
    return Path(str(rule.snakefile)).stem
