"""A judge that cannot follow rewritten prompts, behind HTTP, in a run that is killed and started again.

`spoiled_study` compares the bytes of the files and counts the requests.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..patience import PATIENCE

pytestmark = pytest.mark.slow


def run_study(gate):
    script = Path(__file__).with_name("spoiled_study.py")
    done = subprocess.run([sys.executable, str(script), gate], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    missing = {row["prompt"] for row in found["predictions"] if row["score"] is None}
    return found["steps"], missing, found["predictions"]


def test_under_a_gate_the_candidate_is_rejected_and_the_run_goes_on():
    steps, missing, _ = run_study("mae")
    assert len(steps) == 4
    assert all(re.match("with the candidate, 5 of 5 predictions are missing", step["gate"]["reason"]) for step in steps[1:])
    assert not any(step["gate"]["accepted"] for step in steps[1:])
    assert not missing


def test_without_a_gate_its_missing_predictions_are_data_and_the_run_recovers():
    steps, missing, predictions = run_study("none")
    assert all(step["gate"]["accepted"] for step in steps[1:])
    assert [prediction["scores"] for prediction in steps[2]["predictions"]] == [None, None]
    assert all(part["text"] for kind in ("critiques", "gradients") for part in steps[2][kind])
    assert steps[1]["prompt"] in missing
    assert missing < {row["prompt"] for row in predictions}
    assert all(row["reason"] for row in predictions if row["score"] is None)
    assert steps[3]["prompt"] not in missing
