"""Runs of the whole pipeline in folders of their own, as a user would start them."""

import contextlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ..patience import PATIENCE, REPLY_PATIENCE

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "config.yaml"


def command(folder, *arguments, configs=(), cores=2):
    """The snakemake command on the small config, laid over by `configs`, with all outputs below `folder`: on a copy of the
    project there, if there is one."""
    home = folder if (folder / "Snakefile").exists() else ROOT
    return [
        str(Path(sys.executable).with_name("snakemake")),
        *("--snakefile", str(home / "Snakefile"), "--directory", str(folder), "--cores", str(cores)),
        *arguments,
        *("--configfile", str(SMALL), *map(str, configs)),
    ]


def snakemake(folder, *arguments, configs=(), cores=2, env=None):
    """Run it to its end; returns the finished process with its text output."""
    return subprocess.run(
        command(folder, *arguments, configs=configs, cores=cores),
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=PATIENCE,
        cwd=folder if (folder / "Snakefile").exists() else ROOT,
    )


def succeed(*arguments, **options):
    """Run it and fail the test with what it printed unless it succeeds."""
    done = snakemake(*arguments, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the project in which `all` was made once on the small config. Tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("pipeline")
    for part in ("rules", "scripts", "envs", "profiles"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("Snakefile", "config.yaml"):
        shutil.copyfile(ROOT / part, folder / part)
    done = succeed(folder, "all")
    find_output(folder).write_text(done.stderr, encoding="utf-8")
    return folder


def find_output(folder):
    """Return the path of the file with what the run of `finished` printed to its standard error, beside its folder."""
    return folder.with_name(f"{folder.name}.txt")


@pytest.fixture
def edited(finished):
    """Appends a line to a file of the copy, and takes it away after the test."""
    before = {}

    def edit(name, line="\n"):
        path = finished / name
        before[path] = (path.read_bytes(), path.stat())
        path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")

    yield edit
    for path, (content, stat) in before.items():
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def planned(folder, *arguments, configs=()):
    """Return how many jobs of each rule a dry run plans."""
    lines = succeed(folder, "--dry-run", *arguments, configs=configs).stdout.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("Job stats:")), None)
    if start is None:
        return {}
    rows = itertools.takewhile(str.strip, lines[start + 3 :])
    counts = {name: int(number) for name, number in (row.split() for row in rows)}
    return {name: number for name, number in counts.items() if name not in ("all", "total")}


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    """Writes a config that calls the simulator through the real client, at `url`."""

    def write(url, **endpoint):
        served = {"base_url": url, "api_key_env": "COLLIDE_TEST_KEY", "timeout": REPLY_PATIENCE, "retries": 2, **endpoint}
        config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        served["extra_body"] = config["endpoints"]["simulator"]["extra_body"]
        models = {
            name: {"live": {"endpoint": "served", "name": source["simulated"]["name"]}}
            for name, source in config["models"].items()
        }
        path = tmp_path_factory.mktemp("live") / "live.yaml"
        path.write_text(
            yaml.safe_dump({"source": "live", "corpus": "embedded", "endpoints": {"served": served}, "models": models})
        )
        return path

    return write


class Served:
    """The simulator behind HTTP, in a process of its own."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tools" / "serve_simulator.py"), "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = re.search(r"http://\S+", self.process.stdout.readline())[0]

    @contextlib.contextmanager
    def hold(self):
        """Let the server answer no request meanwhile, so that a run which calls it goes on but does not end."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()


@pytest.fixture
def serve():
    """Starts served simulators and stops them after the test."""
    servers = []

    def start(*arguments):
        servers.append(Served(*arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
