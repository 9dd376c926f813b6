"""A study whose evaluations and diagnostics are sent to the Batch API, against the same study of the simulator in process."""

import json

import pytest
import yaml

from .conftest import succeed
from .test_live import KEY, count
from .test_served_study import assert_same_study

ONE_STUDY = {"active_studies": ["gradient-swap"], "annotation": {"studies": ["gradient-swap"]}}
STAGES = [("batch",), ("runs", "initial_prompts"), ("batch",)]
RATINGS = "diagnostics/gradient-swap/SCC/mae/seed0.csv"


# Six starts of Snakemake.
@pytest.mark.slow
def test_a_study_sent_in_batches_is_that_of_the_simulator_in_process(finished, tmp_path, serve, live):
    server = serve("--latency", "0.002")
    (tmp_path / "one_study.yaml").write_text(yaml.safe_dump(ONE_STUDY))
    configs = [live(server.url, concurrency=16), tmp_path / "one_study.yaml"]
    for stage in STAGES:
        succeed(tmp_path, *stage, configs=configs, env=KEY)
    before = count(server)
    targets = ["results/live/scores/gradient-swap.csv", f"results/live/{RATINGS}"]
    succeed(tmp_path, *targets, configs=configs, env=KEY)
    assert_same_study(tmp_path / "results/live", finished / "results/simulated")
    assert (tmp_path / "results/live" / RATINGS).read_bytes() == (finished / "results/simulated" / RATINGS).read_bytes()
    usages = [json.loads(path.read_text())["evaluate"]["total"] for path in tmp_path.rglob("runs/*/*/*/*/usage.json")]
    # Only further samples after unusable replies are requested one by one.
    sent = count(server) - before
    replies = sum(usage["replies"] for usage in usages)
    assert sent < 0.05 * replies
    assert not list((tmp_path / "results/live/batches").iterdir())
