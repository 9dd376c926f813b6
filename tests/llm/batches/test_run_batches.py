"""Batches against a server that speaks the Batch API: replies in journals, interruptions, failures and limits."""

import asyncio
import io
import re
from pathlib import Path

import pytest
from tools.http_server import RESET, HttpServer, build_error
from tools.serve_simulator import ServedSimulator
from tools.served_batches import ServedBatches

from collide.common.csv_json import write_json_lines
from collide.corpus.pairs import Pair, write_pairs
from collide.errors import InputError
from collide.experiment.datasets import collect_dataset, read_dataset
from collide.llm.batches.asking import ask_job
from collide.llm.batches.batch_job import BatchJob
from collide.llm.batches.job_pass import BatchSettings
from collide.llm.batches.run_batches import run_batches
from collide.llm.journal_lines import read_records
from collide.llm.session import open_client, prepare_client
from collide.llm.transport.errors import FatalError
from tests.dataset import CONFIG

CRITERIA = {"fluency": {"description": "Language.", "scale": [1, 5], "initial_instruction": "Rate from 1 to 5."}}
DATASETS = {"summeval": {**collect_dataset(CONFIG, "summeval"), "criteria": CRITERIA}}
PAIRS = [
    Pair(f"d{i}/M0", f"d{i}", "M0", (f"Article {i}. It is long.",), "A summary.", {"fluency": 1.0 + i % 5}) for i in range(12)
]
PRICES = {"judge": {"price_in": 1.0, "price_out": 1.0}}


class Study:
    """Two jobs on the same pairs in a folder of their own, and a served simulator."""

    def __init__(self, folder, batches=ServedBatches, **endpoint):
        self.folder, self.endpoint = folder, {"retries": 0, **endpoint}
        self.served = ServedSimulator(latency=0.0, max_in_flight=0, key="", error_rate=0.0)
        self.served.batches = batches(self.served.answer_body)
        self.told, self.budget, self.broken, self.port = [], {}, 0.0, 0
        write_pairs(folder / "test.parquet", PAIRS, ["fluency"])
        write_pairs(folder / "examples.parquet", [], ["fluency"])
        write_json_lines(folder / "prompts.jsonl", [{"instructions": {"fluency": "Rate from 1 to 5."}}])

    def list_jobs(self, url):
        model = {
            "model": "judge",
            "endpoint": "served",
            "name": "simulated/small",
            "base_url": url,
            "temperature": 0.1,
            "max_tokens": 64,
            "fields": {},
            "structured_output": "",
            "user_mark": "",
            "answer_in": "",
            "extra_body": {"simulator": {"broken_reply_rate": self.broken}},
        }
        files = {"prompts": "prompts.jsonl", "examples": "examples.parquet"}
        files = {name: str(self.folder / path) for name, path in files.items()} | {
            "splits": {"test": str(self.folder / "test.parquet")}
        }
        return [
            BatchJob(
                "initial",
                f"results/live/journal/{name}/evaluate.journal",
                f"{name}.parquet",
                "summeval",
                {"task": model},
                seed,
                **files,
            )
            for name, seed in (("one", 0), ("two", 1))
        ]

    def run(self, interrupted=lambda: False):
        """Send the jobs in batches and return the number of completions that were requested one by one after that."""
        settings = BatchSettings(
            {"endpoints": {"served": self.endpoint}, "prices": PRICES, "budget": self.budget}, DATASETS, [], 3
        )

        async def session():
            async with HttpServer(self.served.respond, self.port) as server:
                # The address is part of each key, so it must not change from start to start.
                self.port = int(server.url.rpartition(":")[2].removesuffix("/v1"))
                jobs = self.list_jobs(server.url)
                folder = Path("results/live/batches")
                task = asyncio.create_task(run_batches(jobs, settings, folder, io.StringIO(), self.told.append))
                while not task.done() and not interrupted():
                    await asyncio.sleep(0.01)
                if not task.done():
                    task.cancel()
                await task
                before = self.served.requests
                for job in jobs:
                    given = {**settings.client, "budget": {}}
                    async with open_client(job.models, given, Path(job.journal), "t", io.StringIO(), None, 3) as client:
                        await ask_job(client, job, read_dataset(DATASETS["summeval"]), [])
                return self.served.requests - before

        return asyncio.run(session())


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Study(tmp_path)


def read_journals():
    return [record for path in Path("results").rglob("*.journal") for record in read_records(path)]


def list_files():
    return sorted(path.name for path in Path("results/live/batches").iterdir())


def test_after_a_batch_the_jobs_find_each_reply_in_their_journals(study):
    assert study.run() == 0
    records = read_journals()
    assert len(records) == 2 * len(PAIRS)
    assert all(record["batched"] for record in records)
    assert list_files() == []
    assert len(study.served.batches.batches) == 1


def test_further_samples_are_left_to_the_jobs(study):
    study.broken = 0.5
    assert study.run() > 0
    assert "had an unusable reply" in study.told[-1]


def test_an_interrupted_start_is_taken_up_and_sends_nothing_twice(study, monkeypatch):
    monkeypatch.setattr(study.served.batches, "_seconds", 1e9)
    with pytest.raises(asyncio.CancelledError):
        study.run(lambda: any("under way" in text for text in study.told))
    assert read_journals() == []
    assert list_files() == ["0001.json", "0001.requests.jsonl"]
    with pytest.raises(InputError, match="requests of this job are in a batch"):
        prepare_client({}, {}, "results/live/journal/one/evaluate.journal", "evaluate one", io.StringIO(), 3)
    monkeypatch.setattr(study.served.batches, "_seconds", 0.0)
    for batch in study.served.batches.batches.values():
        batch["ends"] = 0.0
    assert study.run() == 0
    assert len(study.served.batches.batches) == 1
    assert len(read_journals()) == 2 * len(PAIRS)


def test_a_batch_that_was_created_without_an_answer_is_found_again(study, monkeypatch):
    respond = study.served.batches.respond

    async def lose_answer(head, body):
        reply = await respond(head, body)
        return [RESET] if head.startswith("POST /v1/batches") else reply

    monkeypatch.setattr(study.served.batches, "respond", lose_answer)
    assert study.run() == 0
    assert len(study.served.batches.batches) == 1


class FailingBatches(ServedBatches):
    """Fails some requests of the first batch in `failure`'s way, and none later."""

    failure = staticmethod(lambda line: line)
    share = 0.5

    async def answer_line(self, line):
        answered = await super().answer_line(line)
        number = int(re.search(r"Article (\d+)", line["body"]["messages"][-1]["content"])[1])
        return self.failure(answered) if len(self.batches) == 1 and number < self.share * len(PAIRS) else answered


def expire(line):
    return {**line, "response": None, "error": {"code": "batch_expired", "message": "This request could not be executed."}}


def answer_with(status, message, code=""):
    body = {"error": {"message": message, "code": code}}
    return lambda line: {**line, "response": {"status_code": status, "request_id": "r", "body": body}}


@pytest.mark.parametrize("failure", [expire, answer_with(429, "Rate limit"), answer_with(500, "The server had an error")])
def test_requests_that_fail_in_a_batch_are_sent_in_the_next_one(tmp_path, monkeypatch, failure):
    monkeypatch.chdir(tmp_path)
    study = Study(tmp_path, FailingBatches)
    study.served.batches.failure = failure
    assert study.run() == 0
    assert len(study.served.batches.batches) == 2
    assert len(read_journals()) == 2 * len(PAIRS)


def test_a_batch_of_failures_alone_is_told_and_not_sent_again_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = Study(tmp_path, FailingBatches)
    study.served.batches.failure, study.served.batches.share = answer_with(500, "out of order"), 1.0
    with pytest.raises(FatalError, match=r"24 requests failed in batches and none succeeded.*out of order"):
        study.run()
    assert study.run() == 0


def test_a_refused_article_is_a_missing_prediction_as_in_single_calls(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = Study(tmp_path, FailingBatches)
    study.served.batches.failure, study.served.batches.share = answer_with(400, "data_inspection_failed"), 0.1
    assert study.run() == 0
    assert sum(isinstance(record["reply"], str) for record in read_journals()) == 2 * 2


def test_an_unknown_model_stops_the_command_with_the_setting(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = Study(tmp_path, FailingBatches)
    study.served.batches.failure, study.served.batches.share = answer_with(404, "no such model", "model_not_found"), 1.0
    with pytest.raises(FatalError, match="check the model's name"):
        study.run()


def test_a_cancelled_batch_keeps_its_replies_and_sends_no_other(study, monkeypatch):
    async def cancel(batch):
        if batch["status"] == "in_progress":
            await study.served.batches.end(batch, "cancelled")
        return batch

    monkeypatch.setattr(study.served.batches, "_look", cancel)
    with pytest.raises(FatalError, match="cancelled at the endpoint: batch 0001"):
        study.run()
    assert len(read_journals()) == 2 * len(PAIRS)


def test_requests_beyond_the_limit_of_tokens_wait_for_the_end_of_other_batches(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = Study(tmp_path, batch_tokens=3000)
    study.served.batches = ServedBatches(study.served.answer_body, most_tokens=6000)
    assert study.run() == 0
    assert len(study.served.batches.batches) > 2


def test_a_batch_with_too_many_tokens_names_the_setting(study):
    study.served.batches = ServedBatches(study.served.answer_body, most_tokens=10)
    with pytest.raises(FatalError, match=r"Limit: 10 enqueued tokens.*endpoints\.served\.batch_tokens"):
        study.run()
    assert list_files() == []


def test_a_job_that_might_exceed_a_spending_limit_is_not_sent(study):
    study.budget = {"run": 1e-6, "study": None, "total": None}
    assert study.run() > 0
    assert "over budget" in study.told[-1]
    assert study.served.batches.batches == {}


def test_an_endpoint_without_a_batch_api_is_told(study, monkeypatch):
    async def refuse(head, body):
        return build_error(404, "no such address")

    monkeypatch.setattr(study.served.batches, "respond", refuse)
    assert study.run() == 2 * len(PAIRS)
    assert "no batch API" in study.told[-1]
