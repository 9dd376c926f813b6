"""Measure how busy a whole workflow keeps an endpoint: four studies at once, against the served simulator.

    python tools/benchmarks/slots.py --latency 0.5 --slots 128 --cores 8

Prints the calls in flight over time, and their mean share of the slots from the first call to the last. Takes some minutes.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from typing import Any

import yaml
from tools.torture import Server

SAMPLE_SECONDS = 0.2
PARTS = 10  # of the time, each with its own mean


def describe_workflow(url: str, slots: int, per_job: int) -> dict[str, Any]:
    """Return what the configuration changes: one seed and few steps in four studies, and all models at the server."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    modes = {
        "main": ["SSS", "SCC", "CCC"],
        "deepseek": ["SSS", "SCC"],
        "gradient-swap": ["SSC", "SCC"],
        "format-dropped": ["SSS", "CCC"],
    }
    return {
        "source": "live",
        "corpus": "embedded",
        "active_studies": list(modes),
        "studies": {name: {"modes": found, "seeds": [0], "steps": 4} for name, found in modes.items()},
        "models": {
            name: {"live": {"endpoint": "served", "name": model["simulated"]["name"]}}
            for name, model in config["models"].items()
        },
        "endpoints": {
            "served": {
                **config["endpoints"]["simulator"],
                "base_url": url,
                "concurrency": per_job,
                "max_concurrency": per_job,
                "max_in_flight": slots,
                "http_client": "aiohttp",
            }
        },
    }


def watch_run(server: Server, run: subprocess.Popen[bytes]) -> tuple[list[int], float]:
    """Return the calls in flight at each sample from the first call to the last one, and the seconds between these."""
    samples: list[int] = []
    start = end = 0.0
    last = ended = 0
    while run.poll() is None:
        time.sleep(SAMPLE_SECONDS)
        count = server.read_count()
        if count["requests"] > last or count["in_flight"]:
            start, end = start or time.monotonic(), time.monotonic()
            ended = len(samples)
        if start:
            samples.append(count["in_flight"])
        last = count["requests"]
    return samples[: ended + 1], end - start


def measure_slots(latency: float, slots: int, per_job: int, cores: int) -> None:
    """Run the evaluations and diagnostics of four studies and print how busy the slots were."""
    with tempfile.TemporaryDirectory() as folder, Server(latency=latency) as server:
        config, log = Path(folder) / "slots.json", Path(folder) / "log"
        config.write_text(json.dumps(describe_workflow(server.url, slots, per_job)))
        command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", folder, "--cores", str(cores)]
        with log.open("wb") as stream:
            run = subprocess.Popen(
                [*command, "scores", "diagnostics", "--configfile", str(config)], stdout=stream, stderr=stream
            )
            samples, seconds = watch_run(server, run)
        calls = server.count_requests()
        if run.returncode:
            sys.exit(log.read_text(encoding="utf-8")[-3000:])
    size = max(len(samples) // PARTS, 1)
    parts = [statistics.fmean(samples[i : i + size]) for i in range(0, size * PARTS, size) if samples[i : i + size]]
    print(f"{calls} calls in {seconds:.0f} s; at {slots} in flight they take {calls * latency / slots:.0f} s")
    print("mean calls in flight by tenth of the time:", *(f"{part:.0f}" for part in parts))
    print(f"slots busy: {statistics.fmean(samples) / slots:.0%}; highest number in flight {max(samples)}")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latency", type=float, default=0.5, help="seconds of each call")
    parser.add_argument("--slots", type=int, default=128, help="calls in flight of all jobs together")
    parser.add_argument("--per-job", type=int, default=16, help="calls in flight of one job")
    parser.add_argument("--cores", type=int, default=8, help="jobs at once")
    given = parser.parse_args()
    measure_slots(given.latency, given.slots, given.per_job, given.cores)


if __name__ == "__main__":
    main()
