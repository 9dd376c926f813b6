"""Runs of the workflow on a Slurm cluster, as a user would start them. `.ci/slurm` starts a Slurm for these tests."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.slurm.two_nodes import slurm_environment
from tests.workflow.conftest import PATIENCE, ROOT, SMALL, live, serve

__all__ = ["live", "serve"]  # fixtures

KEY = {"COLLIDE_TEST_KEY": "sk-test-3f9a"}
# Seconds that a cluster may take to react.
REACTION = 300
# Fewer seconds between two looks than a user needs.
HASTE = ("--seconds-between-status-checks", "1", "--latency-wait", "10")


@pytest.fixture(autouse=True)
def needs_slurm():
    if not shutil.which("sbatch") or not importlib.util.find_spec("snakemake_executor_plugin_slurm"):
        pytest.skip("needs sbatch and the plugins of profiles/slurm and profiles/cluster-generic")


@pytest.fixture
def state():
    """The folder with the state of the Slurm that two_nodes.py started."""
    if "SLURM_STATE" not in os.environ:
        pytest.skip("needs the Slurm that tests/slurm/two_nodes.py starts")
    return Path(os.environ["SLURM_STATE"])


def start(folder, *targets, profile="", configs=()):
    """Start the small design in a folder, on a cluster with a profile, else on this machine."""
    folder.mkdir(exist_ok=True)
    where = ("--profile", str(ROOT / "profiles" / profile), *HASTE) if profile else ("--cores", "2")
    if profile == "slurm":
        where += ("--slurm-init-seconds-before-status-checks", "1")
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder), *where),
            *("--configfile", str(SMALL), *map(str, configs), "--", *targets),
        ],
        env={**os.environ, **KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )


def finish(run):
    """Wait for the end, and return what Snakemake printed; fail the test unless it succeeded."""
    said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, said
    return said


def count(server):
    with urllib.request.urlopen(server.url.rsplit("/v1", 1)[0] + "/count") as reply:
        return json.load(reply)["requests"]


def list_jobs(state, form):
    """Return what squeue prints about the jobs that wait or run, a line for each."""
    command = ["squeue", "--noheader", f"--format={form}", "--states=PENDING,RUNNING"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=slurm_environment(state)).stdout.splitlines()


def wait_until(condition):
    end = time.monotonic() + REACTION
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
