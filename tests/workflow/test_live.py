"""The live path: the real client against the simulator behind HTTP."""

import contextlib
import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path

from collide.common.csv_json import read_csv

from ..patience import PATIENCE, wait_until
from .conftest import ROOT, command, snakemake, succeed

KEY = {"COLLIDE_TEST_KEY": "sk-test-3f9a"}
ONE = "runs/main/SSS/mae/seed0/predictions.parquet"


def count(server):
    with urllib.request.urlopen(server.url.rsplit("/v1", 1)[0] + "/count") as reply:
        return json.load(reply)["requests"]


def test_jobs_share_the_limit_of_an_endpoint(tmp_path, serve, live):
    server = serve("--latency", "0.01", "--max-in-flight", "4")
    config = live(server.url, concurrency=4, max_in_flight=4)
    runs = [f"results/live/runs/main/SSS/mae/seed{seed}" for seed in (0, 1)]
    succeed(tmp_path, *(f"{run}/predictions.parquet" for run in runs), configs=[config], env=KEY)
    usages = [json.loads((tmp_path / run / "usage.json").read_text()) for run in runs]
    assert sum(part["total"]["retries"] for usage in usages for part in usage.values()) == 0


def test_a_killed_run_goes_on_without_repeating_a_recorded_call(tmp_path, serve, live):
    server = serve("--latency", "0.01")
    # All jobs together have at most 4 calls in flight. Without this limit two jobs could call at a kill.
    config = live(server.url, concurrency=4, max_in_flight=4)
    target = f"results/live/{ONE}"
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    succeed(undisturbed, target, configs=[config], env=KEY)
    needed = count(server)
    killed = tmp_path / "killed"
    killed.mkdir()
    for share, number in ((0.3, signal.SIGKILL), (0.7, signal.SIGTERM)):
        run = subprocess.Popen(
            command(killed, target, "--keep-going", configs=[config]),
            env={**os.environ, **KEY},
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,
        )
        wait_until(lambda share=share: count(server) - needed > share * needed)
        os.killpg(run.pid, number)
        assert run.wait(timeout=PATIENCE) != 0
    succeed(killed, target, configs=[config], env=KEY)
    assert (killed / target).read_bytes() == (undisturbed / target).read_bytes()
    # Only calls in flight at SIGKILL, at most 4, may have been made twice.
    assert count(server) - needed <= needed + 4


def test_jobs_that_outlive_a_killed_snakemake_are_waited_for_and_no_call_is_repeated(tmp_path, serve, live):
    server = serve("--latency", "0.01")
    config, target = (
        live(server.url, concurrency=4, timeout=PATIENCE),
        "results/live/initial/summeval/paper/qwen3-8b/together/seed0",
    )

    def start(said):
        start = command(tmp_path, f"{target}/test.parquet", configs=[config])
        return subprocess.Popen(start, env={**os.environ, **KEY}, stderr=said, cwd=ROOT)

    with (tmp_path / "said").open("w") as said:
        first = start(subprocess.DEVNULL)
        wait_until(lambda: count(server) > 10)
        with server.hold():
            first.kill()
            first.wait()
            second = start(said)
            wait_until(lambda: "waiting for its journal" in (tmp_path / "said").read_text())
        assert second.wait(timeout=PATIENCE) == 0
    (journal,) = (tmp_path / "results/live/journal").rglob("*.journal")
    assert count(server) == len(journal.read_bytes().splitlines())
    assert not list(tmp_path.rglob("*.owner"))


def test_a_second_snakemake_in_the_folder_says_so_and_stops_while_the_first_goes_on(tmp_path, serve, live):
    server = serve("--latency", "0.01")
    config, target = live(server.url, concurrency=4, timeout=PATIENCE), f"results/live/{ONE}"
    first = subprocess.Popen(
        command(tmp_path, target, configs=[config]), env={**os.environ, **KEY}, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    wait_until(lambda: count(server) > 20)
    with server.hold():
        second = snakemake(tmp_path, target, configs=[config], env=KEY)
        assert first.poll() is None
    assert second.returncode != 0
    assert "another Snakemake is making files of source live in this folder" in second.stderr
    assert "Traceback" not in second.stderr
    assert first.wait(timeout=PATIENCE) == 0
    needed = count(server)
    assert "Nothing to be done" in succeed(tmp_path, target, configs=[config], env=KEY).stderr
    assert count(server) == needed


def test_a_missing_key_is_named_and_nothing_is_sent(tmp_path, serve, live):
    server = serve()
    env = dict.fromkeys(KEY, "")
    done = snakemake(tmp_path, f"results/live/{ONE}", configs=[live(server.url)], env=env)
    assert done.returncode != 0
    assert "COLLIDE_TEST_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert count(server) == 0


def test_an_unreachable_endpoint_is_told_with_its_address(tmp_path, live):
    done = snakemake(tmp_path, f"results/live/{ONE}", configs=[live("http://127.0.0.1:9/v1", retries=0)], env=KEY)
    assert done.returncode != 0
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_endpoints_are_checked_before_a_run_and_a_missing_key_fails_the_check(tmp_path, serve, live):
    config = live(serve("--key", KEY["COLLIDE_TEST_KEY"]).url)
    done = succeed(tmp_path, "check_endpoints", configs=[config], env=KEY)
    assert "qwen3-8b        ready    simulated/small" in done.stdout
    assert {row["source"] for row in read_csv(tmp_path / "results/live/endpoints.csv")} == {"simulated"}
    failed = snakemake(tmp_path, "check_endpoints", configs=[config], env=dict.fromkeys(KEY, ""))
    assert failed.returncode != 0
    assert "change: endpoints.served.api_key_env: COLLIDE_TEST_KEY (export COLLIDE_TEST_KEY=...)" in failed.stdout
    assert "5 of 5 models need a change of config.yaml, see results/live/endpoints.csv" in failed.stderr
    assert "Traceback" not in failed.stderr


def assert_nowhere(secret, folder, *texts):
    for text in texts:
        assert secret not in text
    for path in folder.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def titles():
    """The command lines of all processes, as anybody on the machine can read them."""
    read = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            read.append(path.read_text(errors="replace"))
    return read


def test_a_run_that_ends_well_shows_the_key_nowhere(tmp_path, serve, live):
    secret = KEY["COLLIDE_TEST_KEY"]
    server = serve("--latency", "0.005")
    run = subprocess.Popen(
        command(tmp_path, f"results/live/{ONE}", configs=[live(server.url, concurrency=8)]),
        env={**os.environ, **KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    wait_until(lambda: count(server) > 100)
    with server.hold():
        seen = titles()
    assert any("optimize" in title or "evaluate" in title for title in seen)
    said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, said
    assert_nowhere(secret, tmp_path, said, *seen)
    report = snakemake(
        tmp_path, f"results/live/{ONE}", "--report", str(tmp_path / "report.html"), configs=[live(server.url)], env=KEY
    )
    assert report.returncode == 0, report.stderr
    assert_nowhere(secret, tmp_path, report.stdout, report.stderr)


def test_a_refused_key_is_in_no_file_or_message(tmp_path, serve, live):
    server = serve("--key", "another")
    done = snakemake(tmp_path, f"results/live/{ONE}", configs=[live(server.url)], env=KEY)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert_nowhere(KEY["COLLIDE_TEST_KEY"], tmp_path, done.stdout, done.stderr)
