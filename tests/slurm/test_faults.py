"""Faults of a cluster: files as without the fault, and no call that was answered is sent again."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from .conftest import count, finish, list_jobs, start, wait_until

pytestmark = pytest.mark.slurm
RUN = "main/SSS/mae/seed0"
TARGETS = [f"results/live/runs/{RUN}/predictions.parquet", f"results/live/diagnostics/{RUN}.csv"]
IN_FLIGHT = 4


@pytest.fixture
def faulty(tmp_path, serve, live, state):
    """Runs on this machine, then on the cluster with a fault after 40% of the calls; compares files, counts calls."""

    def check(fault):
        server = serve("--latency", "0.02")
        config = live(server.url, concurrency=IN_FLIGHT, max_in_flight=IN_FLIGHT)
        finish(start(tmp_path / "local", *TARGETS, configs=[config]))
        needed = count(server)
        run = start(tmp_path / "cluster", *TARGETS, profile="slurm", configs=[config])
        wait_until(lambda: count(server) > 1.4 * needed)
        run = fault(run, lambda: start(tmp_path / "cluster", *TARGETS, profile="slurm", configs=[config])) or run
        said = finish(run)
        for target in TARGETS:
            assert (tmp_path / "cluster" / target).read_bytes() == (tmp_path / "local" / target).read_bytes()
        repeated = count(server) - 2 * needed
        print(f"{needed} calls, {repeated} repeated, at most {IN_FLIGHT} were in flight at the fault")
        assert repeated <= IN_FLIGHT
        return said

    return check


def running_job(state):
    """Return the id and the node of the job that runs."""
    (line,) = [line for line in list_jobs(state, "%i %N %T") if line.endswith("RUNNING")]
    return line.split()[:2]


def test_a_cancelled_job_is_submitted_again(faulty, state):
    def cancel(run, restart):
        subprocess.run(["scancel", running_job(state)[0]], check=True)

    assert "Trying to restart job" in faulty(cancel)


def test_a_killed_driver_goes_on_when_it_is_started_again(faulty, state):
    def kill(run, restart):
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        # The job of the killed start still runs, and holds its journals.
        assert running_job(state)
        return restart()

    faulty(kill)


def test_the_jobs_of_a_lost_node_run_on_another_one(faulty, state):
    def lose(run, restart):
        node = running_job(state)[1]
        for pid in list_processes(state, node):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # The node stays lost: the other one is enough for the tests that follow.
    faulty(lose)


def list_processes(state, node):
    """Return the ids of a node's daemon and of all processes of its jobs, which share a namespace."""
    daemon = (state / f"slurmd-{node}.pid").read_text().strip()
    own = Path(f"/proc/{daemon}/ns/uts").readlink()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (path / "ns" / "uts").readlink() == own:
                found.append(int(path.name))
    return found
