"""A tiny study on a real model behind a server on this machine, as docs/local-model.md starts one."""

import json
import os
import shutil
import signal
import subprocess
import urllib.request

import pandas as pd
import pytest
import yaml

from ..patience import wait_until
from .conftest import ROOT, command, succeed

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
STUDY = ROOT / "docs" / "local-study.yaml"
TINY = {
    "corpus": "embedded",
    "embedded_corpus": {"articles": 2},
    "split": {"train": 4, "validation": 2, "test": 4},
    "studies": {"main": {"modes": ["SSS", "CCC"], "batch_size": 1}},
    "roles": {"loss": {"max_tokens": 64}, "gradient": {"max_tokens": 64}, "optimizer": {"max_tokens": 256}},
    "replies": {"attempts": 2, "max_missing_share": 0.75},
}


def is_served():
    """Return True if a server answers at the address of config.yaml."""
    try:
        with urllib.request.urlopen(f"{CONFIG['endpoints']['llama-cpp']['base_url']}/models", timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


def count_sent(folder):
    usages = [json.loads(path.read_text()) for path in folder.rglob("*usage.json")]
    return sum(part["total"]["sent"] for usage in usages for part in usage.values() if "total" in part)


@pytest.mark.local_model
@pytest.mark.skipif(not is_served(), reason="no server answers at the base_url of llama-cpp in config.yaml")
def test_a_real_model_comes_to_a_table_and_a_killed_study_goes_on_without_a_repeated_call(tmp_path):
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    configs, results = [STUDY, tmp_path / "tiny.yaml"], tmp_path / "results" / "local"
    targets = ["results/local/tables/table1.csv", "results/local/cost.csv"]
    with subprocess.Popen(
        command(tmp_path, *targets, configs=configs), stderr=subprocess.DEVNULL, cwd=ROOT, start_new_session=True
    ) as run:
        wait_until(lambda: run.poll() is not None or len(list(results.rglob("*.journal"))) >= 2)
        assert run.poll() is None
        os.killpg(run.pid, signal.SIGKILL)
    kept = {path: path.read_bytes() for path in results.rglob("*.journal")}
    succeed(tmp_path, *targets, configs=configs)
    table, costs = (pd.read_csv(tmp_path / target) for target in targets)
    assert set(table["source"]) == set(costs["source"]) == {"local"}
    judge = costs[costs["role"] == "task"]
    # The schema leaves no room for another form. A missing prediction would have cost several replies.
    assert judge["missing"].sum() <= 0.1 * judge["calls"].sum()
    for path, content in kept.items():
        # A kill may cut off the last line.
        assert path.read_bytes().startswith(content[: content.rfind(b"\n") + 1]), path
    steps = {path: path.read_bytes() for path in results.rglob("steps.jsonl")}
    for path in results.iterdir():
        if path.is_file():
            path.unlink()
        elif path.name not in ("corpus", "journal"):
            shutil.rmtree(path)
    succeed(tmp_path, *targets, configs=configs)
    assert count_sent(results) == 0
    assert {path: path.read_bytes() for path in steps} == steps
