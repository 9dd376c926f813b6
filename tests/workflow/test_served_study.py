"""A whole study through the real client and HTTP, against the same study of the simulator in process."""

import json
from pathlib import Path

import pytest

from .conftest import succeed
from .test_live import KEY

STUDY = Path("scores/gradient-swap.csv")


def assert_same_study(live, simulated):
    """Predictions, steps and scores of a whole study are byte for byte those of the simulator in process."""
    files = [path.relative_to(live) for path in live.rglob("*") if path.name in ("predictions.parquet", "steps.jsonl")]
    assert len(files) == 4
    for path in [*files, STUDY]:
        assert (live / path).read_bytes() == (simulated / path).read_bytes(), path


@pytest.mark.parametrize("concurrency", [1, 64])
def test_a_served_study_is_that_of_the_simulator_in_process(finished, tmp_path, serve, live, concurrency):
    server = serve("--latency", "0.002")
    succeed(tmp_path, f"results/live/{STUDY}", configs=[live(server.url, concurrency=concurrency)], env=KEY)
    assert_same_study(tmp_path / "results/live", finished / "results/simulated")


def test_transient_errors_change_no_byte_of_a_study(finished, tmp_path, serve, live):
    server = serve("--latency", "0.002", "--error-rate", "0.2")
    config = live(server.url, concurrency=32, retries=30, timeout=3)
    succeed(tmp_path, f"results/live/{STUDY}", configs=[config], env=KEY)
    assert_same_study(tmp_path / "results/live", finished / "results/simulated")
    usages = [json.loads(path.read_text()) for path in tmp_path.rglob("usage.json")]
    assert sum(part["total"]["retries"] for usage in usages for part in usage.values()) > 40
