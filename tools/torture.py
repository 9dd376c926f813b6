"""A small study, ended at every boundary of a call and every write of journal and outputs in turn, and started again.

An end is a signal, or a disk that is full from there on. Each time it must come to the same bytes, and the server must have
been asked nothing twice but what was in flight. The jobs run in forked processes, which makes an end and a fresh start cost a
tenth of a second. `make torture` runs all of it.
"""

import argparse
import asyncio
import errno
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import pyarrow.parquet as pq
import yaml

from collide.common import csv_json
from collide.common.script_context import script_context
from collide.corpus.pairs import Pair, write_pairs
from collide.experiment.criteria import read_criteria
from collide.experiment.models import collect_client_settings, resolve_model, resolve_study_models
from collide.experiment.modes import parse_mode
from collide.experiment.runs import RunId
from collide.llm import journal as journal_module
from collide.llm.session import open_client
from collide.llm.transport.endpoint import Endpoint
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.prompts import read_prompts
from collide.optimize.textgrad import Settings
from diagnose import diagnose
from evaluate import evaluate
from optimize import optimize

ROOT = Path(__file__).parents[1]
CONCURRENCY = 4
RUN = RunId("main", "SSC", "mae", 0)
ATTEMPTS, MAX_MISSING_SHARE = 5, 0.05
RELAY = 25
"""Points that each start takes where a study is killed over and over until it is done."""
STOPPED, KILLED = 1, -signal.SIGKILL
FULL = "a full disk"
WORDS = "the mayor opened a new bridge over the river after years of work and long delays in the town hall".split()


class Study:
    """A folder with pairs, and the jobs of one run on it: optimization, evaluation and diagnostics."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.outputs = [folder / name for name in ("steps.jsonl", "predictions.parquet", "ratings.csv")]
        config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        self.criteria = read_criteria({name: config["criteria"][name] for name in ("fluency", "coherence")})
        served = {"base_url": url, "concurrency": CONCURRENCY, "timeout": 20, "retries": 3}
        served["extra_body"] = config["endpoints"]["simulator"]["extra_body"]
        models = {
            name: {"live": {"endpoint": "served", "name": model["simulated"]["name"]}}
            for name, model in config["models"].items()
        }
        config |= {"models": models, "endpoints": {"served": served}}
        evaluator = resolve_model(config, config["diagnostics"]["evaluator"], "evaluator", "live")
        self.models = resolve_study_models(config, RUN.study, "live") | {"evaluator": evaluator}
        self.client_settings = collect_client_settings(config, "live")
        for part, size in {"train": 6, "validation": 5, "test": 5}.items():
            pairs = [_pair(f"{part}{n}", n, self.criteria) for n in range(size)]
            write_pairs(folder / f"{part}.parquet", pairs)

    def do(self, log) -> None:
        """All three jobs, one after the other, as a fresh start does them."""
        at = self.folder
        splits = {"test": at / "test.parquet", "validation": at / "validation.parquet"}

        def open_job_client(name):
            journal = at / f"{name}.journal"
            return functools.partial(*(open_client, self.models, self.client_settings, journal, name, log), attempts=ATTEMPTS)

        mode = parse_mode(RUN.mode, list(self.criteria))
        settings = Settings(mode, RUN.gate, RUN.seed, 2, 2, MAX_MISSING_SHARE)
        steps, predictions, ratings = self.outputs
        files = (at / "train.parquet", splits["validation"], [], steps, at / "optimize.json")
        asyncio.run(optimize.optimize(*files, settings, self.criteria, open_job_client("optimize")))
        prompts, known = read_prompts(steps, self.criteria), read_known_predictions([], steps)
        used = asyncio.run(
            evaluate.evaluate(prompts, splits, known, predictions, RUN.seed, MAX_MISSING_SHARE, open_job_client("evaluate"))
        )
        evaluate.write_usage(at / "usage.json", used, at / "optimize.json")
        rated = at / "rated.json"
        asyncio.run(diagnose.diagnose(steps, ratings, rated, RUN, self.criteria, open_job_client("diagnose")))

    def results(self) -> list[bytes]:
        """The bytes of all outputs but the accounts, which tell of time."""
        return [path.read_bytes() for path in self.outputs]


def _pair(name: str, number: int, criteria) -> Pair:
    words = WORDS[number:] + WORDS[:number]
    text = ". ".join(" ".join(words[i : i + 6]).capitalize() for i in range(0, 18, 6)) + "."
    return Pair(f"{name}/M", name, "M", text * 3, text, dict.fromkeys(criteria, 1.0 + number % 5))


class Points:
    """Counts the points at which a process may end, and ends it with a signal at the chosen one, or fills the disk there."""

    def __init__(self, at: int | None, end: signal.Signals | str) -> None:
        self.at, self.end, self.passed = at, end, Counter()

    def reach(self, what: str) -> None:
        """Pass a point, or end here."""
        self.passed[what] += 1
        if self.passed.total() == self.at and self.end != FULL:
            os.kill(os.getpid(), self.end)

    def torn(self, what: str, write, whole, half):
        """A write with an end before it, within it (`half`), and after it."""
        self.reach(f"before {what}")
        full = self.at is not None and self.passed.total() >= self.at and self.end == FULL
        if full or (self.passed.total() + 1 == self.at and self.end == signal.SIGKILL):
            half()
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.reach(f"within {what}")
        done = write(*whole)
        self.reach(f"after {what}")
        return done

    def install(self) -> None:
        """Put the points into the calls, the journal's writes and the outputs' writes of this process."""
        complete, write, write_text, replace = Endpoint.complete, os.write, Path.write_text, Path.replace
        write_table, write_csv, points = pq.write_table, csv_json.write_csv, self

        async def called(endpoint, request):
            points.reach("before a call")
            reply = await complete(endpoint, request)
            points.reach("after a call")
            return reply

        class Os:
            """The journal's view of the operating system."""

            def __getattr__(self, name):
                return getattr(os, name)

            def write(self, file, line):
                return points.torn("a journal's write", write, (file, line), lambda: write(file, line[: len(line) // 2]))

        def replaced(path, target):
            points.reach("before a replacement")
            done = replace(path, target)
            points.reach("after a replacement")
            return done

        def output(function, place):
            @functools.wraps(function)
            def written(*args, **kwargs):
                path = Path(args[place])

                def half() -> None:
                    function(*args, **kwargs)
                    os.truncate(path, path.stat().st_size // 2)

                return points.torn(f"{path.suffix[1:]} output", lambda: function(*args, **kwargs), (), half)

            return written

        Endpoint.complete = called
        journal_module.os = Os()
        Path.write_text = output(write_text, 0)
        Path.replace = replaced
        pq.write_table = output(write_table, 1)
        diagnose.write_csv = output(write_csv, 0)


def start(study: Study, at: int | None, end: signal.Signals | str = signal.SIGKILL) -> tuple[int, Counter, str]:
    """Do the study in a process that ends at a point; returns how it ended, the points passed and what its log says."""
    told, said = study.folder / "points", study.folder / "log"
    child = os.fork()
    if child == 0:
        points = Points(at, end)
        points.install()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        code = STOPPED
        try:
            with script_context(said) as log:
                study.do(log)
            code = 0
        except SystemExit as end:
            code = int(str(end.code))
        finally:
            with told.open("w") as stream:
                json.dump(points.passed, stream)
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    passed = Counter(json.loads(told.read_text())) if status >= 0 else Counter()
    return status, passed, said.read_text() if said.exists() else ""


class Server:
    """The simulator behind HTTP, in a process of its own that ends with this one."""

    def __enter__(self) -> "Server":
        command = [sys.executable, str(ROOT / "tools" / "serve_simulator.py"), "--latency", "0.002"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def asked(self) -> int:
        """Requests so far."""
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/count") as reply:
            return json.load(reply)["requests"]


def torture(every: int, say=print) -> Counter:
    """End the study at each `every`-th point by SIGKILL, and at a tenth of those by SIGINT, SIGTERM and a full disk.

    Returns how many ends of each kind there were. Raises AssertionError at the first that does not come to the same.
    """
    with Server() as server, tempfile.TemporaryDirectory() as folder:

        def fresh(name: str) -> Study:
            place = Path(folder) / name
            place.mkdir()
            return Study(place, server.url)

        before = server.asked()
        undisturbed = fresh("undisturbed")
        status, points, said = start(undisturbed, None)
        assert status == 0, said
        expected, needed = undisturbed.results(), server.asked() - before
        say(f"undisturbed: {needed} requests; points: {dict(points)}")
        ends: Counter = Counter()
        for at in range(1, points.total() + 1, every):
            kinds = [signal.SIGKILL, *([signal.SIGINT, signal.SIGTERM, FULL] if at % (10 * every) == 1 else [])]
            for end in kinds:
                name = end if end == FULL else end.name
                before, study = server.asked(), fresh(f"{name} {at}")
                status, _, said = start(study, at, end)
                if end == signal.SIGKILL:
                    assert status == KILLED, f"point {at}: {status} {said}"
                elif end == FULL:
                    assert status == 0 or "rerun" in said, f"{name} at point {at}: {status} {said}"
                elif status and not (status == -end == -signal.SIGTERM):
                    # SIGTERM ends a job at once while it makes no calls; all else is told.
                    assert "the same command" in said, f"{name} at point {at}: {status} {said}"
                status, _, said = start(study, None)
                assert status == 0, f"{name} at point {at}: {said}"
                assert study.results() == expected, f"{name} at point {at}: other bytes than undisturbed"
                repeated = server.asked() - before - needed
                allowed = 0 if end in (signal.SIGINT, signal.SIGTERM) else CONCURRENCY
                assert 0 <= repeated <= allowed, f"{name} at point {at}: {repeated} requests made again"
                ends[name] += 1
                ends["made again"] += repeated
            if at % 100 == 1:
                say(f"point {at} of {points.total()}: {dict(ends)}")
        before, study = server.asked(), fresh("relay")
        while (status := start(study, RELAY)[0]) == KILLED:
            ends["relay"] += 1
        assert status == 0
        assert study.results() == expected, f"killed after every {RELAY} points: other bytes than undisturbed"
        assert server.asked() - before - needed <= CONCURRENCY * ends["relay"]
        return ends


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="only each so-many-th point")
    found = torture(parser.parse_args().every)
    print(f"all came to the same bytes: {dict(found)}")
