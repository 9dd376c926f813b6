"""Records of Snakemake, shown as a display or as Snakemake shows them."""

import io
import logging
import os
import subprocess
import sys

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from collide.display.display import Display
from collide.display.handler import DisplayHandler
from collide.display.screen import Screen
from collide.display.state import PlannedJob, RunState


@pytest.fixture
def shown(tmp_path):
    """A handler with a display of three jobs, and functions that send it a record and read what it printed."""
    plain = logging.StreamHandler(io.StringIO())
    handler = DisplayHandler(plain)
    with (tmp_path / "screen").open("wb") as stream:
        logs = {number: str(tmp_path / f"{number}.log") for number in (1, 2, 3)}
        jobs = [PlannedJob(number, "optimize", log) for number, log in logs.items()]
        screen = Screen(stream.fileno(), "utf-8", live=False, color=False)
        display = Display(screen, RunState(jobs), "all.log", ["a"], ("Table 1", tmp_path / "table1.csv"))
        yield Shown(handler, plain, display, tmp_path / "screen", logs)
        handler.close()


class Shown:
    def __init__(self, handler, plain, display, path, logs):
        self.handler, self.plain, self.display, self.path, self.logs = handler, plain, display, path, logs

    def send(self, event=None, text="", level=logging.INFO, **fields):
        if event == LogEvent.JOB_INFO and "jobid" in fields:
            fields["rule_msg"] = f"Optimize {fields['jobid']}"
        self.handler.handle(logging.makeLogRecord({"msg": text, "levelno": level, "event": event, **fields}))

    def fail(self, number, indent=False, **fields):
        job = {"jobid": number, "rule_name": "optimize", "rule_msg": None, "log": [self.logs[number]], "indent": indent}
        self.send(LogEvent.JOB_ERROR, level=logging.ERROR, **(job | fields))

    @property
    def text(self):
        return self.path.read_text()

    @property
    def plain_text(self):
        return self.plain.stream.getvalue()


def test_records_before_the_display_are_shown_as_they_are_without_the_preamble(shown):
    shown.send(text="Building DAG of jobs...")
    shown.send(text="Provided cores: 8")
    shown.send(LogEvent.RUN_INFO, text="Job stats:\njob count")
    shown.handler.begin(shown.display)
    shown.handler.close()
    assert shown.plain_text == "Building DAG of jobs...\n"


def test_without_a_display_everything_is_shown_in_order(shown):
    for text in ("Provided cores: 8", "Job stats:"):
        shown.send(text=text)
    shown.send(LogEvent.JOB_INFO, text="rule optimize", jobid=1)
    shown.send(text="Provided cores: 9")
    assert shown.plain_text.splitlines() == ["Provided cores: 8", "Job stats:", "rule optimize", "Provided cores: 9"]


def test_a_run_in_a_log_file_is_a_line_per_stage_and_per_tenth(shown):
    shown.handler.begin(shown.display)
    for number in (1, 2, 3):
        shown.send(LogEvent.JOB_INFO, jobid=number)
        shown.send(LogEvent.JOB_FINISHED, job_id=number)
        shown.display.update()
    for text in ("Select jobs to execute...", "Activating singularity image collide.sif", "Activating conda environment: x"):
        shown.send(text=text)
    shown.handler.close()
    lines = [line.partition(" ")[2] for line in shown.text.splitlines()]
    assert [line[:10] for line in lines[:4]] == ["30% of the", "60% of the", "optimize: ", "100% of th"]
    assert lines[0].startswith("30% of the work: 1 of 3 jobs, 0s, about ")
    assert lines[2:] == ["optimize: 3 jobs done", "100% of the work: 3 of 3 jobs, 0s", *lines[4:]]
    assert shown.text.endswith("\n\nDone: 3 jobs in 0s.\nAll messages are in all.log, the log of each job in logs/.\n")


def test_a_failed_job_is_shown_with_the_sentence_of_its_log_at_once_and_at_the_end(shown):
    shown.handler.begin(shown.display)
    shown.send(LogEvent.JOB_INFO, jobid=2)
    with open(shown.logs[2], "w") as log:
        log.write("optimize: 3 calls\nError: the key is not accepted\n")
    shown.fail(2)
    sentence = f"Failed: Optimize 2: the key is not accepted (log: {shown.logs[2]})\n"
    assert shown.text == sentence
    shown.send(LogEvent.ERROR, text="CalledProcessError in file x", level=logging.ERROR, exception="CalledProcessError")
    shown.handler.close()
    assert shown.text.count(sentence) == 2
    assert "CalledProcessError" not in shown.text
    assert "Stopped: 0 of 3 jobs are done, 1 failed, in" in shown.text


def test_a_job_that_is_tried_again_is_named_and_no_failure_once_it_is_done(shown):
    shown.handler.begin(shown.display)
    shown.send(LogEvent.JOB_INFO, jobid=1)
    shown.fail(1)
    shown.send(text="Trying to restart job 1.")
    shown.send(LogEvent.JOB_INFO, jobid=1)
    shown.send(LogEvent.JOB_FINISHED, job_id=1)
    shown.handler.close()
    assert shown.text.splitlines()[1] == "Trying again: Optimize 1"
    assert shown.text.count("Failed: ") == 1


def test_interrupted_jobs_have_no_line_each(shown):
    shown.handler.begin(shown.display)
    for number in (1, 2):
        shown.send(LogEvent.JOB_INFO, jobid=number)
        with open(shown.logs[number], "w") as log:
            log.write("Error: stopped by SIGTERM; all replies received so far are in the journal\n")
        shown.fail(number)
    assert shown.text == ""


def test_of_a_group_the_jobs_with_an_error_in_their_logs_are_shown(shown):
    shown.handler.begin(shown.display)
    for number in (1, 2):
        shown.send(LogEvent.JOB_INFO, jobid=number)
    with open(shown.logs[2], "w") as log:
        log.write("Error: no space\n")
    jobs = [{"jobid": number, "rule_name": "optimize", "rule_msg": None, "log": [shown.logs[number]]} for number in (1, 2)]
    shown.send(LogEvent.GROUP_ERROR, level=logging.ERROR, job_error_info=jobs, aux_logs=["slurm.log"])
    shown.fail(1, indent=True)
    assert shown.text == f"Failed: Optimize 2: no space (log: {shown.logs[2]})\n"


def test_without_a_log_the_message_of_the_executor_is_shown(shown):
    shown.handler.begin(shown.display)
    shown.send(LogEvent.JOB_INFO, jobid=1)
    shown.fail(1, rule_msg="SLURM job 7 failed: TIMEOUT")
    assert "Failed: Optimize 1: SLURM job 7 failed: TIMEOUT (log:" in shown.text


def test_an_error_of_the_display_leaves_the_output_to_snakemake_and_is_said_once(shown):
    shown.handler.begin(shown.display)
    shown.send(LogEvent.JOB_INFO, text="no number")
    shown.send(LogEvent.JOB_INFO, text="no number either")
    said, *rest = shown.plain_text.splitlines()
    assert said == "The display of the run stopped (KeyError: 'jobid'). The run goes on with Snakemake's output."
    assert rest == ["no number", "no number either"]


def test_what_jobs_print_on_a_terminal_stands_above_the_live_lines(tmp_path):
    """In a process of its own, as the standard streams are captured."""
    code = """
import os, subprocess, sys
from pathlib import Path
from collide.display.display import Display
from collide.display.screen import Screen
from collide.display.state import PlannedJob, RunState
log = sys.argv[1] + "/1.log"
state = RunState([PlannedJob(1, "optimize", log)])
display = Display(Screen(os.dup(2), "utf-8", True, False), state, "all.log", ["a"], ("Table 1", Path("table1.csv")))
display.start([2], lambda error: None)
with display.lock:
    display.start_job(1, "Optimize 1")
    subprocess.run(["sh", "-c", f"echo a note >&2; echo a note >&2; echo 'Error: no key (log: {log})' >&2"])
    display.update()
    display.fail_job(1, "optimize", log, lambda start: "")
display.end()
print("back", file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert done.stderr.startswith("a note\n")
    assert done.stderr.count("a note") == 1
    assert done.stderr.count(f"Failed: Optimize 1: no key (log: {tmp_path}/1.log)\n") == 2
    assert done.stderr.endswith("back\n")


def test_warnings_that_differ_in_numbers_are_shown_once_and_counted(shown):
    shown.handler.begin(shown.display)
    shown.display.add_warnings(f"{number} of 480 calls have no usable reply" for number in (3, 12, 7))
    shown.handler.close()
    assert shown.text.startswith("Warning: 3 of 480 calls have no usable reply\n")
    assert "Warnings:\n  3 of 480 calls have no usable reply (and 2 more like this)\n" in shown.text
    assert "12 of 480" not in shown.text


def test_after_a_signal_jobs_end_without_a_line_each(shown):
    shown.handler.begin(shown.display)
    shown.send(LogEvent.JOB_INFO, jobid=1)
    for _ in range(3):
        shown.send(text="Will exit after finishing currently running jobs (scheduler).")
    shown.fail(1)
    assert shown.text == "Will exit after finishing currently running jobs (scheduler).\n"


def test_a_log_file_gets_a_line_after_a_long_silence(shown, monkeypatch):
    monkeypatch.setattr("collide.display.display.SILENT_SECONDS", -1.0)
    shown.handler.begin(shown.display)
    shown.send(LogEvent.JOB_INFO, jobid=1)
    with open(shown.logs[1], "w") as log:
        log.write("optimize 1: answered 429; trying again in 30 s\n")
    shown.display.update()
    assert "0% of the work: 0 of 3 jobs" in shown.text
    assert shown.text.endswith("; waiting: answered 429; trying again in 30 s (1 job)\n")
