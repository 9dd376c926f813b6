import subprocess
import sys
from pathlib import Path

from ..patience import PATIENCE


def test_a_study_interrupted_at_a_sample_of_points_ends_in_the_same_bytes_and_repeats_no_call():
    # In a process of its own: it forks.
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parents[2] / "tools" / "torture.py"), "--every", "61"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all reruns ended in the same bytes" in done.stdout
