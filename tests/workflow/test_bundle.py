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
from .conftest import copy_project, snakemake, succeed
from .test_live import KEY, count

pytestmark = pytest.mark.slow

RESULTS = "results/live"
MODELS = {"task": "qwen3-8b", "loss": "qwen3-235b", "gradient": "qwen3-235b", "optimizer": "qwen3-235b"}
# One run, so that all of its tables and figures take seconds.
STUDY = {"modes": ["SSC"], "gates": ["mae"], "seeds": [0], "steps": 1, "batch_size": 3, "models": MODELS}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with the configuration of a study of one run."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "study.yaml").write_text(yaml.safe_dump({"active_studies": ["small"], "studies": {"small": STUDY}}))
    return folder


def replay(folder, *arguments):
    """Run the workflow on the configuration of the bundle alone, without a key."""
    program = str(Path(sys.executable).with_name("snakemake"))
    env = {name: value for name, value in os.environ.items() if name not in KEY}
    return subprocess.run(
        [program, "--cores", "2", *arguments, "--config", "source=live"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def unpack(bundle, folder):
    copy_project(folder)
    with tarfile.open(bundle) as archive:
        archive.extractall(folder, filter="data")


def test_a_bundle_is_replayed_elsewhere_without_a_call(study, tmp_path, serve, live):
    server = serve("--latency", "0.002")
    configs = [study / "study.yaml", live(server.url, concurrency=32)]
    succeed(study, "bundle", configs=configs, env=KEY)
    bundle = study / RESULTS / "bundle.tar.gz"
    sent = count(server)
    copy, short = tmp_path / "copy", tmp_path / "short"
    unpack(bundle, copy)
    done = replay(copy, "all")
    assert done.returncode == 0, done.stderr
    assert count(server) == sent
    sums = [line.split("  ") for line in (copy / RESULTS / "bundle/SHA256SUMS").read_text().splitlines()]
    assert len(sums) > 30
    for digest, path in sums:
        assert hashlib.sha256((copy / path).read_bytes()).hexdigest() == digest, path
    manifests = [json.loads((place / RESULTS / "manifest.json").read_text()) for place in (study, copy)]
    machines = [manifest.pop("machine") for manifest in manifests]
    codes = [manifest.pop("code") for manifest in manifests]
    assert manifests[0] == manifests[1]
    assert codes[0]["digest"] == codes[1]["digest"]
    for key in ("first_reply", "last_reply"):
        assert machines[0][key] == machines[1][key] != None  # noqa: E711

    # Packed again, the journals and the configuration are the same.
    packed = replay(copy, "bundle")
    assert packed.returncode == 0, packed.stderr
    with tarfile.open(bundle) as first, tarfile.open(copy / RESULTS / "bundle.tar.gz") as second:
        for name in first.getnames():
            if not name.endswith(("manifest.json", "README.md")):
                assert first.extractfile(name).read() == second.extractfile(name).read(), name

    unpack(bundle, short)
    journal = short / RESULTS / "journal/small/SSC/mae/seed0/optimize.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(line for line in lines if b'"role":"optimizer"' not in line))
    failed = replay(short, f"{RESULTS}/runs/small/SSC/mae/seed0/steps.jsonl")
    assert failed.returncode != 0 and count(server) == sent
    assert f"{journal.relative_to(short)} has no reply to this call: role optimizer, step 1, criteria " in failed.stderr
    assert "COLLIDE_TEST_KEY is not set" in failed.stderr
    assert "Traceback" not in failed.stderr

    # A key and a path in replies stop the packing, and neither is shown.
    bundle.unlink()
    journal = study / RESULTS / "journal/small/SSC/mae/seed0/optimize.journal"
    kept = journal.read_bytes()
    for planted, kind in (
        (KEY["COLLIDE_TEST_KEY"], "the value of the environment variable COLLIDE_TEST_KEY"),
        ("/home/x/y", "path"),
    ):
        journal.write_bytes(kept + f"planted {planted}\n".encode())
        failed = snakemake(study, "bundle", configs=configs, env=KEY)
        assert failed.returncode != 0
        assert f"optimize.journal, line {len(kept.splitlines()) + 1}: " in failed.stderr and kind in failed.stderr
        assert planted not in failed.stderr + failed.stdout
        assert not bundle.exists()
