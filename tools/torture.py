"""Interrupt a small study at every call and every write of journal and outputs in turn, rerun it, and compare the results.

An interruption is a signal, or a disk that is full from there on. After each one, the rerun must end in the same bytes, and
only requests that were in flight may be sent again. The jobs run in forked processes, so that an interruption and a fresh
start take a tenth of a second. `make torture` interrupts at all points.
"""

import argparse
import asyncio
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TextIO

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from collections.abc import Mapping

import yaml
from tools.interruption_points import FULL_DISK, Points

from collide.common.script_context import script_context
from collide.corpus.pairs import Pair, write_pairs
from collide.experiment.datasets import collect_dataset, read_dataset
from collide.experiment.models import collect_client_settings, resolve_model, resolve_study_models
from collide.experiment.modes import parse_mode
from collide.experiment.runs import RunId
from collide.llm.session import ClientOpener, open_client
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.loop.run_settings import Settings
from collide.optimize.prompts import read_prompts
from diagnose import diagnose
from evaluate import evaluate
from optimize import optimize

# Calls in flight, and so the most requests that an interruption may cause to be sent again.
CONCURRENCY = 4
RUN = RunId("main", "SSC", "mae", 0)
STEPS = BATCH_SIZE = 2
ATTEMPTS, MAX_MISSING_SHARE = 5, 0.05
# A study is also interrupted again and again, each time at this many points after those of a replay, until it is done.
POINTS_PER_START = 25
# The exit code of a job that reported an error, and the status of a killed process.
STOPPED, KILLED = 1, -signal.SIGKILL
# SIGINT, SIGTERM and a full disk are tried at every so-many-th of the points of SIGKILL: they leave fewer states behind.
OTHER_INTERRUPTIONS_EVERY = 10
WORDS = "the mayor opened a new bridge over the river after years of work and long delays in the town hall".split()


class Study:
    """A folder with pairs, and the jobs of one run on it: optimization, evaluation and diagnostics."""

    def __init__(self, folder: Path, url: str, run: RunId, steps: int) -> None:
        self.folder, self.run, self.steps = folder, run, steps
        self.outputs = [folder / name for name in ("steps.jsonl", "predictions.parquet", "ratings.csv")]
        config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        facts = collect_dataset(config, "summeval")
        chosen = {name: facts["criteria"][name] for name in ("fluency", "coherence")}
        self.dataset = read_dataset(facts | {"criteria": chosen})
        self.rubrics = config["diagnostics"]["rubrics"]
        served = {"base_url": url, "concurrency": CONCURRENCY, "timeout": 20, "retries": 3}
        served["extra_body"] = config["endpoints"]["simulator"]["extra_body"]
        models = {
            name: {"live": {"endpoint": "served", "name": model["simulated"]["name"]}}
            for name, model in config["models"].items()
        }
        config |= {"models": models, "endpoints": {"served": served}}
        evaluator = resolve_model(config, config["diagnostics"]["evaluator"], "evaluator", "live")
        self.models = resolve_study_models(config, run.study, "live") | {"evaluator": evaluator}
        self.client_settings = collect_client_settings(config, "live")
        for part, size in {"train": 6, "validation": 5, "test": 5, "examples": 0}.items():
            pairs = [make_pair(f"{part}{n}", n, self.dataset.criteria) for n in range(size)]
            write_pairs(folder / f"{part}.parquet", pairs)

    def run_jobs(self, log: TextIO) -> None:
        """Run all three jobs, one after the other, as a fresh start does."""
        at = self.folder
        splits = {"test": at / "test.parquet", "validation": at / "validation.parquet"}

        def prepare_client(name: str) -> ClientOpener:
            journal = at / f"{name}.journal"
            return functools.partial(open_client, self.models, self.client_settings, journal, name, log, attempts=ATTEMPTS)

        run = self.run
        mode = parse_mode(run.mode, list(self.dataset.criteria))
        settings = Settings(mode, run.gate, run.seed, self.steps, BATCH_SIZE, MAX_MISSING_SHARE)
        steps, predictions, ratings = self.outputs
        files = (at / "train.parquet", splits["validation"], at / "examples.parquet", [], steps, at / "optimize.json")
        asyncio.run(optimize.optimize(*files, settings, self.dataset, prepare_client("optimize")))
        prompts, known = read_prompts(steps, self.dataset), read_known_predictions([], steps)
        used = asyncio.run(
            evaluate.evaluate(prompts, splits, known, predictions, run.seed, MAX_MISSING_SHARE, prepare_client("evaluate"))
        )
        evaluate.write_usage(at / "usage.json", used, at / "optimize.json")
        opener = prepare_client("diagnose")
        asyncio.run(diagnose.diagnose(steps, ratings, at / "rated.json", run, self.dataset.criteria, self.rubrics, opener))

    def read_results(self) -> list[bytes]:
        """Return the bytes of all outputs but the usage files, which hold waiting times."""
        return [path.read_bytes() for path in self.outputs]


def make_pair(name: str, number: int, criteria: Mapping[str, Any]) -> Pair:
    """Return a pair whose text and score depend on a number."""
    words = WORDS[number:] + WORDS[:number]
    text = ". ".join(" ".join(words[i : i + 6]).capitalize() for i in range(0, 18, 6)) + "."
    return Pair(f"{name}/M", name, "M", (text * 3,), text, dict.fromkeys(criteria, 1.0 + number % 5))


class Outcome(NamedTuple):
    """Exit status of a start (negative for a signal), the points that it passed, and its log."""

    status: int
    points: Counter[str]
    log: str


def start_study(study: Study, at: int | None, interruption: signal.Signals | str = signal.SIGKILL) -> Outcome:
    """Run the jobs of a study in a forked process that is interrupted at point number `at`."""
    points_file, log_file = study.folder / "points", study.folder / "log"
    child = os.fork()
    if child == 0:
        points = Points(at, interruption)
        points.patch_process()
        # The errors of the interrupted jobs are expected; the log holds them, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        code = STOPPED
        try:
            with script_context(log_file) as log:
                study.run_jobs(log)
            code = 0
        except SystemExit as end:
            code = int(str(end.code))
        finally:
            with points_file.open("w") as stream:
                json.dump(points.passed, stream)
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    passed = Counter(json.loads(points_file.read_text())) if status >= 0 else Counter()
    return Outcome(status, passed, log_file.read_text() if log_file.exists() else "")


class Server:
    """The simulator behind HTTP, in its own process, which ends with this one. `script` serves it, `latency` is in seconds."""

    def __init__(self, script: Path = ROOT / "tools" / "serve_simulator.py", latency: float = 0.002) -> None:
        self.script, self.latency = script, latency

    def __enter__(self) -> "Server":
        command = [sys.executable, str(self.script), "--latency", str(self.latency)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def read_count(self) -> dict[str, int]:
        """Return the number of `requests` so far, and of those `in_flight`."""
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/count") as reply:
            return json.load(reply)

    def count_requests(self) -> int:
        """Return the number of requests so far."""
        return self.read_count()["requests"]


class Torture:
    """Interrupts copies of one study, and compares each rerun with an undisturbed run. `ends` counts what happened."""

    def __init__(self, server: Server, folder: Path, run: RunId = RUN, steps: int = STEPS) -> None:
        self.server, self.folder, self.run, self.steps, self.ends = server, folder, run, steps, Counter()
        study, before = self.create_study("undisturbed"), server.count_requests()
        undisturbed = start_study(study, None)
        assert undisturbed.status == 0, undisturbed.log
        self.points, self.expected = undisturbed.points, study.read_results()
        self.requests = server.count_requests() - before
        self.points_of_replay = start_study(study, None).points.total()

    def create_study(self, name: str) -> Study:
        """Return a study in a new folder."""
        folder = self.folder / name
        folder.mkdir()
        return Study(folder, self.server.url, self.run, self.steps)

    def interrupt_once(self, at: int, interruption: signal.Signals | str) -> None:
        """Interrupt a study at one point and rerun it. Raises AssertionError if it does not end as the undisturbed one."""
        name = interruption if interruption == FULL_DISK else interruption.name
        where = f"{name} at point {at}"
        before, study = self.server.count_requests(), self.create_study(f"{name} {at}")
        self._check_interruption(start_study(study, at, interruption), interruption, where)
        rerun = start_study(study, None)
        assert rerun.status == 0, f"{where}: {rerun.log}"
        assert study.read_results() == self.expected, f"{where}: other bytes than undisturbed"
        repeated = self.server.count_requests() - before - self.requests
        # SIGINT and SIGTERM let the calls in flight end; the others lose them.
        allowed = 0 if interruption in (signal.SIGINT, signal.SIGTERM) else CONCURRENCY
        assert 0 <= repeated <= allowed, f"{where}: {repeated} requests sent again"
        self.ends[name] += 1
        self.ends["sent again"] += repeated

    def interrupt_repeatedly(self) -> None:
        """Kill a study after every few points until it is done."""
        before, study, kills = self.server.count_requests(), self.create_study("repeated"), 0
        while (status := start_study(study, self.points_of_replay + POINTS_PER_START).status) == KILLED:
            kills += 1
            assert kills < self.points.total(), "no start gets any further"
        assert status == 0
        assert study.read_results() == self.expected, f"killed after every {POINTS_PER_START} points: other bytes"
        assert self.server.count_requests() - before - self.requests <= CONCURRENCY * kills
        self.ends["repeated kills"] = kills

    def _check_interruption(self, outcome: Outcome, interruption: signal.Signals | str, where: str) -> None:
        """Check that an interrupted job ended as it should, with a message that says how to continue."""
        found = f"{where}: {outcome.status} {outcome.log}"
        if interruption == signal.SIGKILL:
            assert outcome.status == KILLED, found
        elif interruption == FULL_DISK:
            assert outcome.status == 0 or "rerun" in outcome.log, found
        # SIGTERM ends a job at once, without a message, while it makes no calls.
        elif outcome.status and outcome.status != -signal.SIGTERM:
            assert "the same command" in outcome.log, found


def torture_study(every: int, report: Callable[[str], None] = print) -> Counter[str]:
    """Interrupt the study at every `every`-th point by SIGKILL, and at a tenth of these by SIGINT, SIGTERM and a full disk.

    Returns the number of interruptions by kind. Raises AssertionError at the first that is not recovered from.
    """
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        torture = Torture(server, Path(folder))
        total = torture.points.total()
        report(f"undisturbed: {torture.requests} requests; points: {dict(torture.points)}")
        for at in range(1, total + 1, every):
            torture.interrupt_once(at, signal.SIGKILL)
            if at % (OTHER_INTERRUPTIONS_EVERY * every) == 1:
                for interruption in (signal.SIGINT, signal.SIGTERM, FULL_DISK):
                    torture.interrupt_once(at, interruption)
            if at % 100 == 1:
                report(f"point {at} of {total}: {dict(torture.ends)}")
        torture.interrupt_repeatedly()
        return torture.ends


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="interrupt only at every so-many-th point")
    found = torture_study(parser.parse_args().every)
    print(f"all reruns ended in the same bytes: {dict(found)}")
