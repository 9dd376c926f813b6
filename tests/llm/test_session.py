"""Signals to a client that is making calls, in a separate process."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from collide.common.locks.file_lock import LockHeld
from collide.errors import MissingPredictions
from collide.llm import session
from collide.llm.session import open_client

from ..patience import PATIENCE, wait_until

SCRIPTS = Path(__file__).parents[2] / "scripts"
JOB = """
import asyncio, sys
from pathlib import Path
import collide.llm.session as opened
from collide.common.script_context import script_context
from collide.llm.client import LimitedProvider
from collide.llm.request import Call, Reply

folder = Path(sys.argv[1])
opened.DRAIN_SECONDS = float(sys.argv[2])

class Slow:
    async def complete(self, request):
        (folder / "called").touch()
        while not (folder / "go").exists():
            await asyncio.sleep(0.01)
        return Reply("4", "slow")
    async def close(self):
        (folder / "closed").touch()

opened.connect_endpoint = lambda name, url, settings: LimitedProvider(Slow(), 2)
models = {"task": {"model": "m", "endpoint": "e", "base_url": "https://e", "name": "m", "temperature": 0, "max_tokens": 5,
                   "extra_body": {}, "fields": {}, "structured_output": "", "user_mark": "", "answer_in": ""}}
settings = {"endpoints": {"e": {}}, "prices": {"m": {"price_in": 0.0, "price_out": 0.0}}, "budget": {}}

async def ask(log):
    async with opened.open_client(models, settings, folder / "j.journal", "test", log, 8, 2) as client:
        calls = (Call("task", ({"role": "user", "content": "?"},), seed) for seed in range(8))
        await asyncio.gather(*(client.answer_call(call, str) for call in calls))

with script_context(folder / "log") as log:
    asyncio.run(ask(log))
"""


@pytest.fixture
def at_work(tmp_path):
    """Return a function that starts a job of eight calls, two at a time, and waits until the first is in flight.

    Calls end when the file `go` is in the folder. The function takes the seconds that the job waits for them after a signal.
    """
    running = []

    def start(seconds):
        process = subprocess.Popen(
            [sys.executable, "-c", JOB, str(tmp_path), str(seconds)],
            env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        wait_until((tmp_path / "called").exists)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_calls_in_flight_end_and_says_how_to_continue(at_work, tmp_path, number):
    process = at_work(PATIENCE)
    process.send_signal(number)
    assert f"{number.name}: waiting at most {PATIENCE} s for calls in flight" in process.stderr.readline()
    (tmp_path / "go").touch()
    assert process.wait(timeout=PATIENCE) == 1
    said = process.stderr.read()
    assert "all replies received so far are in the journal; run the same command again to continue" in said
    assert len((tmp_path / "j.journal").read_bytes().splitlines()) == 2
    assert (tmp_path / "closed").exists()


def test_a_second_interrupt_drops_calls_in_flight(at_work, tmp_path):
    process = at_work(PATIENCE)
    process.send_signal(signal.SIGINT)
    assert "Ctrl-C drops them" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 130
    assert (tmp_path / "j.journal").read_bytes() == b""


def test_a_signal_that_is_sent_several_times_drops_no_call(at_work, tmp_path):
    process = at_work(PATIENCE)
    process.send_signal(signal.SIGTERM)
    process.stderr.readline()
    for _ in range(2):
        process.send_signal(signal.SIGTERM)
    (tmp_path / "go").touch()
    assert process.wait(timeout=PATIENCE) == 1
    assert len((tmp_path / "j.journal").read_bytes().splitlines()) == 2


def hold_journal(path):
    """Write a journal in another process until its input is closed, and return the process."""
    code = (
        "import sys; from pathlib import Path; from collide.llm.journal import Journal\n"
        "with Journal(Path(sys.argv[1]), job='optimize main/SSS/mae/seed0'):\n"
        "    print(flush=True); sys.stdin.read()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(SCRIPTS), "SLURM_JOB_ID": "45"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    return process


class LogThatEnds(io.StringIO):
    """A log whose first line ends a process that holds a journal."""

    def __init__(self, holder):
        super().__init__()
        self.holder = holder

    def write(self, text):
        self.holder.stdin.close()
        return super().write(text)


def open_empty(path, log):
    async def open_and_close():
        async with open_client({}, {"prices": {}, "budget": {}}, path, "evaluate x", log, 0, 1):
            pass

    asyncio.run(open_and_close())


def test_a_job_waits_for_a_journal_that_an_earlier_job_still_writes_and_says_whose_it_is(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(session, "LOOK_SECONDS", 0.02)
    with hold_journal(tmp_path / "a.journal") as holder:
        log = LogThatEnds(holder)
        open_empty(tmp_path / "a.journal", log)
        assert holder.wait(timeout=PATIENCE) == 0
    said, *rest = log.getvalue().splitlines()
    assert said.startswith("evaluate x: waiting for its journal, for at most ")
    assert f"process {holder.pid} on " in said
    assert "(optimize main/SSS/mae/seed0), which `scancel 45` stops" in said
    assert "done: " in rest[-1]
    assert said in capfd.readouterr().err


def test_a_job_gives_up_a_journal_that_stays_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "JOURNAL_SECONDS", 0.1)
    monkeypatch.setattr(session, "LOOK_SECONDS", 0.02)
    with hold_journal(tmp_path / "a.journal") as holder:
        with pytest.raises(LockHeld, match=r"another process is writing this journal: process .* run the same command again"):
            open_empty(tmp_path / "a.journal", io.StringIO())
        holder.kill()


def test_a_model_without_a_seed_is_told_at_the_start_of_the_log(tmp_path):
    model = {"model": "m", "endpoint": "here", "base_url": "", "name": "simulated/small", "temperature": 0, "max_tokens": 5}
    model |= {"extra_body": {}, "fields": {"seed": None}, "structured_output": "", "user_mark": "", "answer_in": ""}
    settings = {"endpoints": {"here": {}}, "prices": {"m": {"price_in": 0.0, "price_out": 0.0}}, "budget": {}}
    log = io.StringIO()

    async def open_and_close():
        async with open_client({"task": model, "loss": model}, settings, tmp_path / "j.journal", "test", log, 0, 1):
            pass

    asyncio.run(open_and_close())
    assert log.getvalue().count("test: warning: simulated/small gets no seed (fields: seed: null)") == 1


def test_a_judge_with_too_many_missing_predictions_is_told_with_the_command_that_shows_its_replies(tmp_path):
    settings = {"prices": {}, "budget": {}}

    async def fail():
        async with open_client({}, settings, tmp_path / "a.journal", "evaluate x", io.StringIO(), 0, 1):
            raise MissingPredictions("3 of 3 predictions are missing")

    with pytest.raises(
        MissingPredictions, match=r"evaluate x: 3 of 3 .*`python tools/journal.py show .*a\.journal --role task`"
    ):
        asyncio.run(fail())
