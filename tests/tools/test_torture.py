import subprocess
import sys
from pathlib import Path


def test_a_study_ended_at_a_sample_of_points_comes_to_the_same_bytes_and_repeats_no_call():
    # In a process of its own: it forks.
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parents[2] / "tools" / "torture.py"), "--every", "37"],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all came to the same bytes" in done.stdout
