"""Batches against a server that speaks the Batch API: replies in journals, interruptions, failures and limits."""

import asyncio
import contextlib
import io
import json
from pathlib import Path

import pytest
from tools.http_server import HttpServer, build_error
from tools.serve_simulator import ServedSimulator
from tools.served_batches import ServedBatches

from collide.common.csv_json import write_json_lines
from collide.corpus.pairs import Pair, write_pairs
from collide.errors import InputError
from collide.experiment.criteria import read_criteria
from collide.llm.batches.asking import _rate
from collide.llm.batches.batch_jobs import BatchJob
from collide.llm.batches.job_pass import BatchSettings
from collide.llm.batches.run_batches import run_batches
from collide.llm.journal_lines import read_records
from collide.llm.session import open_client, prepare_client
from collide.llm.transport.errors import FatalError

CRITERIA = {"fluency": {"description": "Language.", "scale": [1, 5], "initial_instruction": "Rate from 1 to 5."}}
PAIRS = [
    Pair(f"d{i}/M0", f"d{i}", "M0", f"Article {i}. It is long.", "A summary.", {"fluency": 1.0 + i % 5}) for i in range(12)
]
PRICES = {"judge": {"price_in": 1.0, "price_out": 1.0}}


class Study:
    """Two jobs on the same pairs in a folder of their own, and a served simulator."""

    def __init__(self, folder, batches=ServedBatches, **endpoint):
        self.folder, self.endpoint = folder, {"retries": 0, **endpoint}
        self.served = ServedSimulator(latency=0.0, max_in_flight=0, key="", error_rate=0.0)
        self.served.batches = batches(self.served.answer_body)
        self.told, self.budget, self.broken = [], {}, 0.0
        write_pairs(folder / "test.parquet", PAIRS, ["fluency"])
        write_pairs(folder / "examples.parquet", [], ["fluency"])
        write_json_lines(folder / "prompts.jsonl", [{"instructions": {"fluency": "Rate from 1 to 5."}}])

    def list_jobs(self, url):
        model = {
            **{"model": "judge", "endpoint": "served", "name": "simulated/small", "base_url": url, "temperature": 0.1},
            **{"max_tokens": 64, "fields": {}, "structured_output": "", "user_mark": "", "answer_in": ""},
            "extra_body": {"simulator": {"broken_reply_rate": self.broken}},
        }
        files = {"prompts": "prompts.jsonl", "examples": "examples.parquet"}
        files = {name: str(self.folder / path) for name, path in files.items()} | {
            "splits": {"test": str(self.folder / "test.parquet")}
        }
        return [
            BatchJob(
                "initial", f"results/live/journal/{name}/evaluate.journal", f"{name}.parquet", {"task": model}, seed, **files
            )
            for name, seed in (("one", 0), ("two", 1))
        ]

    def run(self, again=False):
        """Send the jobs in batches and return the number of completions that were requested one by one after that."""
        settings = BatchSettings(
            {"endpoints": {"served": self.endpoint}, "prices": PRICES, "budget": self.budget}, CRITERIA, [], 3
        )

        async def session():
            async with HttpServer(self.served.respond) as server:
                # The address is part of each key, so it must not change from start to start.
                self.port = int(server.url.rpartition(":")[2].removesuffix("/v1"))
                jobs = self.list_jobs(server.url)
                await run_batches(jobs, settings, Path("results/live/batches"), io.StringIO(), self.told.append)
                before = self.served.requests
                for job in jobs:
                    async with open_client(
                        job.models, settings.client, Path(job.journal), "t", io.StringIO(), None, 3
                    ) as client:
                        await _rate(client, job, CRITERIA, [])
                return self.served.requests - before

        return asyncio.run(session())


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Study(tmp_path)


def test_after_a_batch_the_jobs_find_each_reply_in_their_journals(study):
    assert study.run() == 0
    records = [record for path in Path("results").rglob("*.journal") for record in read_records(path)]
    assert len(records) == 2 * len(PAIRS)
    assert list(Path("results/live/batches").iterdir()) == []
    assert study.served.batches.batches.keys() == {"batch_2"}
