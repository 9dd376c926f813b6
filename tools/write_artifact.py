"""Write docs/artifact.md, the page for artifact committees, from the paper's claims and the forecast of config.yaml.

python tools/write_artifact.py
"""

import contextlib
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))  # the folder of the package collide

import yaml

from collide.corpus.corpus_reader import read_corpus_file
from collide.corpus.split import DRAWN, split_pairs
from collide.cost.forecast_time import minutes_left
from collide.cost.job_forecast import forecast_jobs
from collide.experiment.configuration.overlays import Layer, insert_presets, merge_layers
from collide.experiment.datasets import DEFAULT_DATASET, collect_dataset, collect_scales, read_dataset
from collide.experiment.files import EMBEDDED
from collide.experiment.jobs import list_model_jobs
from collide.experiment.scales import read_scales
from collide.experiment.texts import read_text_names
from collide.llm.transport.shared_limits import limit_endpoints, share_limits
from collide.provenance.artifact import PAGE, SOURCE, Effort, list_exhibit_jobs, render_page
from collide.report.exhibits import plans
from collide.simulator.corpus.generate import generate_records

SCENARIO = "middle"
# The number of cores in the commands of the page.
CORES = 8


def read_config():
    """Return config.yaml with its presets."""
    content = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    return merge_layers(insert_presets([Layer("config.yaml", content)]))


def draw_embedded_pairs(config, folder):
    """Return the training pairs of the embedded corpus, written to a file in `folder` first."""
    settings, dataset = config["embedded_corpus"], config["datasets"][DEFAULT_DATASET]
    path = Path(folder) / "embedded.jsonl"
    records = generate_records(settings["seed"], settings["articles"])
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    scales = read_scales(collect_scales(config, DEFAULT_DATASET))
    pairs, _ = read_corpus_file(path, EMBEDDED, dataset["records"], read_text_names(dataset), scales)
    sizes = {name: dataset["split"][name] for name in DRAWN}
    split = split_pairs(pairs, sizes, dataset["split"]["seed"], dataset["split"]["unit"], "outside", 0)
    return split["train"]


def measure_efforts(config):
    """Return the effort of each exhibit and of all, forecast without any reply."""
    # The forecast reads usage files and journals in the working directory; an empty one has none.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        train = draw_embedded_pairs(config, folder)
        jobs = list_model_jobs(config, SOURCE)
        datasets = {DEFAULT_DATASET: read_dataset(collect_dataset(config, DEFAULT_DATASET))}
        counts = {DEFAULT_DATASET: config["datasets"][DEFAULT_DATASET]["split"]}
        of_jobs = {
            job.journal: [
                row for row in forecast_jobs([job], datasets, {DEFAULT_DATASET: train}, counts) if row.scenario == SCENARIO
            ]
            for job in jobs
        }
    endpoints = limit_endpoints(share_limits(config["endpoints"]), CORES, CORES)
    needed = {exhibit.name: list_exhibit_jobs(config, exhibit) for exhibit in plans.list_exhibits(config)}
    return {
        name: sum_effort([of_jobs[job.journal] for job in part], endpoints) for name, part in {**needed, "all": jobs}.items()
    }


def sum_effort(rows_of_jobs, endpoints):
    """Return the effort of jobs together, from the rows of their forecasts."""
    rows = [row for rows in rows_of_jobs for row in rows]
    minutes = minutes_left(rows, endpoints).get(SCENARIO, 0.0)
    return Effort(sum(row.calls for row in rows), sum(row.cost for row in rows), minutes)


if __name__ == "__main__":
    config = read_config()
    (ROOT / PAGE).write_text(render_page(config, measure_efforts(config)), encoding="utf-8")
