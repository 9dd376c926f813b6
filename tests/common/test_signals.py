"""Signals that end a run, in processes of their own."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ..patience import PATIENCE

SCRIPTS = Path(__file__).parents[2] / "scripts"
# A scheduler as Snakemake's: its handler takes a lock that the main thread may hold, and its jobs run in a pool of threads.
SCHEDULER = """
import os, shlex, signal, subprocess, sys, threading, time
from collide.common.signals import prepare_for_signals

class Executor:
    workers = 2

class Scheduler:
    def __init__(self):
        self.lock, self.ended = threading.Lock(), threading.Event()
        self._executor, self._local_executor = Executor(), None
        self._executor.pool = None
    def exit_gracefully(self, *_):
        with self.lock:
            self.ended.set()

scheduler = Scheduler()
prepare_for_signals(scheduler)
"""


def run(code, scheduler=SCHEDULER, **options):
    return subprocess.run(
        [sys.executable, "-c", scheduler + textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        **options,
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_scheduler_also_while_the_main_thread_holds_its_lock(name):
    done = run(f"""
        with scheduler.lock:
            os.kill(os.getpid(), signal.{name})
            time.sleep(0.1)
        print(scheduler.ended.wait({PATIENCE}))
        """)
    assert done.stdout == "True\n", done.stderr


def test_a_second_interrupt_is_a_keyboard_interrupt():
    done = run(f"""
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            print(scheduler.ended.wait({PATIENCE}), flush=True)
        """)
    assert done.stdout == "True\n"
    assert "KeyboardInterrupt" in done.stderr


def test_an_interrupt_during_planning_is_one_sentence_and_other_errors_keep_their_traceback():
    plan = "from collide.common.signals import shorten_interrupts\nimport os, signal, time\nshorten_interrupts()\n"
    done = run("os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)", plan)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "Interrupted. Run the same command again to continue.\n")
    assert "KeyError: 'x'" in run("raise KeyError('x')", plan).stderr


def test_an_interrupt_lets_snakemake_cancel_jobs_on_a_cluster():
    on_cluster = SCHEDULER.replace("self._local_executor = Executor(), None", "self._local_executor = Executor(), Executor()")
    done = run("os.kill(os.getpid(), signal.SIGINT)", on_cluster)
    assert "KeyboardInterrupt" in done.stderr


def test_a_signal_that_the_user_ignores_stays_ignored():
    done = run(
        """
        os.kill(os.getpid(), signal.SIGHUP)
        print(scheduler.ended.wait(0.1))
        """,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert done.stdout == "False\n", done.stderr


SENTENCE = "Interrupted; all replies received so far are in the journal. Run the same command again to continue."


def test_a_job_that_starts_after_the_signal_ends_at_once(tmp_path):
    code = "from collide.common.script_context import script_context\nwith script_context('log'): print('must not be reached')"
    done = run(
        f"""
        os.kill(os.getpid(), signal.SIGTERM)
        scheduler.ended.wait({PATIENCE})
        print(subprocess.run([sys.executable, "-c", {code!r}]).returncode)
        """,
        cwd=tmp_path,
    )
    assert (done.stdout, done.stderr) == ("130\n", f"{SENTENCE} (log: log)\n")


def test_an_interrupt_while_a_job_starts_is_told_in_one_sentence(tmp_path):
    """The job gets SIGINT before it imports anything, as at Ctrl-C in the first moment."""
    job = tmp_path / "job.py"
    job.write_text(
        textwrap.dedent("""
        import os, signal
        os.kill(os.getpid(), signal.SIGINT)
        import json
        from collide.common.script_context import script_context
        with script_context("log"):
            print("must not be reached")
        """)
    )
    done = run(
        f"""
        command = "set -euo pipefail; " + shlex.join([sys.executable, {str(job)!r}])
        job = scheduler._executor.pool.submit(subprocess.run, ["bash", "-c", command], capture_output=True, text=True).result()
        print(job.returncode, job.stdout, job.stderr, end="")
        """,
        cwd=tmp_path,
    )
    assert done.stdout == f"130  {SENTENCE} (log: log)\n", done.stderr
    assert (tmp_path / "log").read_text() == f"{SENTENCE}\n"


def test_an_interrupt_after_the_work_of_a_job_does_not_fail_it(tmp_path):
    """A thread of a library does not block SIGINT."""
    job = tmp_path / "job.py"
    job.write_text(
        textwrap.dedent("""
        import atexit, os, signal, threading
        from collide.common.script_context import script_context
        with script_context("log"):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        atexit.register(os.kill, os.getpid(), signal.SIGINT)
        """)
    )
    done = run(
        f"""
        started = scheduler._executor.pool.submit(subprocess.run, [sys.executable, "{job}"], capture_output=True, text=True)
        job = started.result()
        print(job.returncode, job.stderr, end="")
        """,
        cwd=tmp_path,
    )
    assert done.stdout == "0 ", done.stderr
