"""Handler of Snakemake's log records that shows them as a display, and as Snakemake does whenever there is no display."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
from collections.abc import Mapping
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from collide.display.display import Display
from collide.display.tails import find_error

# Records before the first job, which the display replaces with a summary of its own. They are held back until it begins.
PREAMBLE = re.compile(
    r"(Assuming unrestricted shared filesystem usage|Using shell|Provided (cores|remote nodes|resources)"
    r"|Rules claiming more threads|Group jobs: inactive|(Conda environments|Singularity containers): ignored|Job stats)\b"
)
# Messages during a run that say nothing more than the display.
REPEATED = re.compile(
    r"Select jobs to execute|Execute \d+ jobs|Job rate limit reached|Exiting because a job execution failed|Complete log"
    r"|Elapsed time|Shutting down, this might take some time|At least one job did not complete|Job \d+ has been submitted"
    r"|Submitted job \d+ with external jobid"
    r"|Activating (conda environment|singularity image|environment modules)"
    r"|Removing output files of failed job|WorkflowError:\nAt least one job did not complete"
    # The exception that a failed script leaves in Snakemake; the job's own error says why.
    r"|(RuleException:\n)?CalledProcessError in file"
)
# A failed job that has an attempt left, named by its number alone.
RESTART = re.compile(r"Trying to restart job (\d+)\.")
# Messages after a signal: no job is started any more, and those that run end early.
ENDING = re.compile(r"Terminating processes on user request|Will exit after finishing currently running jobs")
SHOWN_EVENTS = {None, LogEvent.ERROR}


class DisplayHandler(logging.Handler):
    """Stands in for Snakemake's handler of the terminal (`plain`), and passes all records to it until a display begins."""

    def __init__(self, plain: logging.Handler) -> None:
        super().__init__()
        self.name = plain.name
        self._plain = plain
        self._display: Display | None = None
        self._held: list[logging.LogRecord] = []
        self._may_hold = True
        self._fallen_back = threading.Event()

    def begin(self, display: Display) -> None:
        """Show all further records on a display."""
        self._held.clear()
        self._display = display

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record. An error of the display falls back to Snakemake's output."""
        if self._display is None:
            self._pass_on(record)
            return
        try:
            with self._display.lock:
                self._show(self._display, record)
        except Exception as error:  # noqa: BLE001 (the display must not fail a run)
            self.fall_back(error)
            self._plain.handle(record)

    def close(self) -> None:
        """End the display. Snakemake calls this when all is done or has failed."""
        display, self._display = self._display, None
        # Records that are held back here belong to a run without a job.
        if display is not None:
            try:
                display.end()
            except Exception as error:  # noqa: BLE001 (the display must not fail a run)
                self._report(display, error)
        self._plain.close()
        super().close()

    def fall_back(self, error: Exception) -> None:
        """Give up the display because of an error, say so once, and leave the output to Snakemake."""
        display, self._display = self._display, None
        self._report(display, error)
        self._release()

    def _report(self, display: Display | None, error: Exception) -> None:
        if display is not None:
            with contextlib.suppress(Exception):
                display.stop()
        if not self._fallen_back.is_set():
            self._fallen_back.set()
            text = f"The display of the run stopped ({type(error).__name__}: {error}). The run goes on with Snakemake's output."
            self._plain.handle(logging.makeLogRecord({"msg": text, "levelno": logging.WARNING, "levelname": "WARNING"}))

    def _pass_on(self, record: logging.LogRecord) -> None:
        """Give a record to Snakemake's handler, or hold it back until it is clear whether a display begins."""
        if self._may_hold and PREAMBLE.match(str(record.msg)):
            self._held.append(record)
            return
        if _find_event(record) == LogEvent.JOB_INFO:
            self._release()
        self._plain.handle(record)

    def _release(self) -> None:
        self._may_hold = False
        held, self._held = self._held, []
        for record in held:
            self._plain.handle(record)

    def _show(self, display: Display, record: logging.LogRecord) -> None:
        match _find_event(record):
            case LogEvent.JOB_INFO:
                job = record.__dict__
                display.start_job(job["jobid"], job["rule_msg"] or job["rule_name"])
            case LogEvent.JOB_FINISHED:
                display.finish_job(record.__dict__["job_id"])
            case LogEvent.JOB_ERROR:
                # The jobs of a group are reported with the group.
                if not record.__dict__["indent"]:
                    _show_failure(display, record.__dict__)
            case LogEvent.GROUP_ERROR:
                _show_group_failure(display, record.__dict__)
            case event if event in SHOWN_EVENTS:
                self._show_message(display, record)

    def _show_message(self, display: Display, record: logging.LogRecord) -> None:
        text = str(record.msg or "")
        restarted = RESTART.fullmatch(text)
        if restarted and (title := display.state.title_of(int(restarted[1]))):
            display.print(f"Trying again: {title}")
        elif text and not REPEATED.match(text) and self._plain.filter(record):
            style = "failure" if record.levelno >= logging.ERROR else "warning" if record.levelno >= logging.WARNING else ""
            display.ending = display.ending or bool(ENDING.match(text))
            # Snakemake repeats some messages each time that it looks at its jobs.
            display.print_once(text, style)


def _show_failure(display: Display, job: Mapping[str, Any], group_log: str = "") -> None:
    """Show a failed job: the error in its own log, else the executor's message and log, such as those of a time limit."""
    logs = [*job["log"], *([group_log] if group_log else [])]
    message = str(job["rule_msg"] or "").strip()

    def find_sentence(start: float) -> str:
        return (find_error(logs[0], start) if logs else "") or message

    display.fail_job(job["jobid"], job["rule_name"], logs[0] if logs else "", find_sentence)


def _show_group_failure(display: Display, group: Mapping[str, Any]) -> None:
    """Show the jobs of a group whose logs hold an error; all of them if none does, as a job that was killed writes none."""
    jobs, logs = group["job_error_info"], group["aux_logs"]
    state = display.state
    broken = [job for job in jobs if job["log"] and find_error(job["log"][0], state.start_of(job["jobid"]))]
    for job in broken or jobs:
        _show_failure(display, job, logs[0] if logs else "")


def _find_event(record: logging.LogRecord) -> LogEvent | None:
    return getattr(record, "event", None)
