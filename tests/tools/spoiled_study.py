"""Kill a study whose judge cannot follow rewritten prompts, start it again, and print its steps and predictions as JSON.

In a process of its own, because it forks. The argument is the name of the gate.
"""

import json
import signal
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import pyarrow.parquet as pq  # noqa: E402
from tools.torture import Server, Torture  # noqa: E402

from collide.common.csv_json import read_json_lines  # noqa: E402
from collide.experiment.runs import RunId  # noqa: E402

STEPS = 3
# Shares of the points of a run at which it is killed.
KILLS = (0.2, 0.5, 0.8)

if __name__ == "__main__":
    run = RunId("main", "SSC", sys.argv[1], 0)
    with Server(Path(__file__).with_name("spoiled_server.py")) as server, tempfile.TemporaryDirectory() as folder:
        torture = Torture(server, Path(folder), run, STEPS)
        for share in KILLS:
            torture.interrupt_once(int(share * torture.points.total()), signal.SIGKILL)
        undisturbed = Path(folder) / "undisturbed"
        rows = pq.read_table(undisturbed / "predictions.parquet", columns=["prompt", "score", "reason"]).to_pylist()
        print(json.dumps({"steps": read_json_lines(undisturbed / "steps.jsonl"), "predictions": rows}))
