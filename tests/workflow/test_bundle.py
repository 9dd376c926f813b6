"""A bundle of a live study, made, moved to an empty copy of the project and replayed there without a key."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from ..patience import PATIENCE
from .conftest import Served, copy_project, snakemake, succeed
from .test_live import KEY, count

pytestmark = pytest.mark.slow

RESULTS = "results/live"
BUNDLE = f"{RESULTS}/bundle.tar.gz"
JOURNAL = f"{RESULTS}/journal/small/SSC/mae/seed0/optimize.journal"
MODELS = {"task": "qwen3-8b", "loss": "qwen3-235b", "gradient": "qwen3-235b", "optimizer": "qwen3-235b"}
# One run, so that all of its tables and figures take seconds.
STUDY = {"modes": ["SSC"], "gates": ["mae"], "seeds": [0], "steps": 1, "batch_size": 3, "models": MODELS}


@pytest.fixture(scope="module")
def made(tmp_path_factory, live):
    """The folder of a live study with its bundle, its configuration files, and the server that answered it."""
    folder = tmp_path_factory.mktemp("made")
    study = folder / "study.yaml"
    study.write_text(yaml.safe_dump({"active_studies": ["small"], "studies": {"small": STUDY}}))
    server = Served("--latency", "0.002")
    try:
        configs = [study, live(server.url, concurrency=32)]
        succeed(folder, "bundle", configs=configs, env=KEY)
        yield folder, configs, server
    finally:
        server.stop()


def replay(folder, *arguments):
    """Run the workflow on the configuration of the bundle alone, without a key."""
    program = str(Path(sys.executable).with_name("snakemake"))
    return subprocess.run(
        [program, "--cores", "2", *arguments, "--config", "source=live"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in KEY},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def unpack(bundle, folder):
    """Unpack a bundle in a new copy of the project."""
    copy_project(folder)
    with tarfile.open(bundle) as archive:
        archive.extractall(folder, filter="data")


def test_a_replay_elsewhere_makes_the_same_bytes_without_a_call(made, tmp_path):
    folder, _, server = made
    sent = count(server)
    unpack(folder / BUNDLE, tmp_path)
    done = replay(tmp_path, "bundle")
    assert done.returncode == 0, done.stderr
    assert count(server) == sent
    sums = [line.split("  ") for line in (tmp_path / RESULTS / "bundle/SHA256SUMS").read_text().splitlines()]
    assert len(sums) > 30
    for digest, path in sums:
        assert hashlib.sha256((tmp_path / path).read_bytes()).hexdigest() == digest, path
    manifests = [json.loads((place / RESULTS / "manifest.json").read_text()) for place in (folder, tmp_path)]
    machines = [manifest.pop("machine") for manifest in manifests]
    times, again = ([machine["first_reply"], machine["last_reply"]] for machine in machines)
    assert times == again and all(times)
    assert machines[1]["replies_without_time"] == 0
    # A copy of the project is no git checkout.
    assert manifests[0].pop("code")["digest"] == manifests[1].pop("code")["digest"]
    assert manifests[0] == manifests[1]
    with tarfile.open(folder / BUNDLE) as first, tarfile.open(tmp_path / BUNDLE) as second:
        for name in set(first.getnames()) - {f"{RESULTS}/bundle/{file}" for file in ("manifest.json", "README.md")}:
            assert first.extractfile(name).read() == second.extractfile(name).read(), name


def test_a_missing_reply_is_named_and_nothing_is_sent(made, tmp_path):
    folder, _, server = made
    sent = count(server)
    unpack(folder / BUNDLE, tmp_path)
    path = tmp_path / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"role":"optimizer"' not in line))
    failed = replay(tmp_path, f"{RESULTS}/runs/small/SSC/mae/seed0/steps.jsonl")
    assert failed.returncode != 0 and count(server) == sent
    assert f"{JOURNAL} has no reply to this call: role optimizer, step 1, criteria " in failed.stderr
    assert "COLLIDE_TEST_KEY is not set" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        (KEY["COLLIDE_TEST_KEY"], "the value of the environment variable COLLIDE_TEST_KEY"),
        ("/home/someone/judges", "an absolute path"),
    ],
)
def test_a_planted_key_or_path_stops_the_packing_and_is_not_shown(made, planted, kind):
    folder, configs, _ = made
    path, packed = folder / JOURNAL, (folder / BUNDLE).read_bytes()
    kept = path.read_bytes()
    try:
        path.write_bytes(kept + f"planted {planted}\n".encode())
        failed = snakemake(folder, "--force", BUNDLE, configs=configs, env=KEY)
        assert failed.returncode != 0 and not (folder / BUNDLE).exists()
        assert f"{JOURNAL}, line {len(kept.splitlines()) + 1}: {kind}" in failed.stderr
        assert planted not in failed.stderr + failed.stdout
    finally:
        path.write_bytes(kept)
        (folder / BUNDLE).write_bytes(packed)
