"""Spending limits that jobs share: claims, corrected prices and the largest overrun."""

import errno
import os
import random
import re
from pathlib import Path

import pytest
import yaml

from collide.common.locks import file_lock
from collide.cost import budget
from collide.cost.budget import RoleAccount, Spending, limited_cost
from collide.cost.usage import PaidReplies, Price, read_price

PRICE = Price(1e6, 0.0, model="judge")  # a token costs a dollar


class Job:
    """A job whose replies have `tokens` tokens each and of which `slots` calls may be in flight."""

    def __init__(self, folder, name, limits, tokens=1, slots=4, prices=None):
        path = folder / "journal" / "main" / name / "optimize.journal"
        path.parent.mkdir(parents=True, exist_ok=True)
        prices = {"judge": PRICE} if prices is None else prices
        self.price = prices.get("judge", PRICE)
        self.spending, self.paid = Spending(path, limits, prices), PaidReplies()
        self.tokens, self.slots, self.in_flight, self.stopped = tokens, slots, 0, None

    @property
    def roles(self):
        return {"task": RoleAccount("judge", self.paid, limited_cost(self.price, self.paid))}

    def send(self):
        """Send a request if there is room for it and no limit is reached."""
        if self.in_flight < self.slots and not self.stopped:
            self.stopped = self.spending.find_reached_limit(self.roles)
            self.in_flight += not self.stopped

    def receive(self, cost=0.0):
        if self.in_flight:
            self.in_flight -= 1
            self.paid.replies += 1
            self.paid.tokens_in += self.tokens
            self.paid.cost_reported += cost

    def spend(self, replies):
        for _ in range(replies):
            self.send()
            self.receive()

    def close(self):
        self.spending.write_spending(self.roles)


def test_a_lock_that_no_process_gives_up_delays_a_job_once(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(budget, "_try_lock", asked.append)
    monkeypatch.setattr(budget, "LOCK_SECONDS", 0.05)
    job = Job(tmp_path, "a", {"total": 100})
    job.spend(1)
    before = len(asked)
    job.spend(30)
    assert before > 1
    assert job.paid.replies == 31
    assert len(asked) - before < 31


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.EIO])
def test_limits_hold_for_one_job_where_no_lock_can_be_had(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(file_lock.fcntl, "flock", refuse)
    job = Job(tmp_path, "a", {"total": 10})
    job.spend(50)
    assert job.paid.replies == 10


@pytest.mark.parametrize("seed", range(5))
def test_jobs_together_exceed_a_limit_by_no_more_than_the_calls_in_flight(tmp_path, seed):
    events = random.Random(seed)
    jobs = [Job(tmp_path, f"job{number}", {"total": 1000}, tokens=number + 1) for number in range(5)]
    while not all(job.stopped and not job.in_flight for job in jobs):
        job = events.choice(jobs)
        events.choice([job.send, job.receive])()
    spent = sum(job.paid.tokens_in for job in jobs)
    # A job that stops early leaves what others have claimed; at the end that is one reply each.
    assert 1000 - sum(job.tokens for job in jobs) <= spent <= 1000 + sum(job.slots * job.tokens for job in jobs)


def test_one_job_alone_exceeds_a_limit_by_no_more_than_its_calls_in_flight(tmp_path):
    job = Job(tmp_path, "job", {"run": 100}, slots=8)
    while not job.stopped:
        job.send()
        if job.in_flight == job.slots:
            job.receive()
    assert job.paid.tokens_in == 100
    assert job.in_flight <= 8
    assert (job.stopped.name, job.stopped.limit, job.stopped.spent, job.stopped.advances) == ("run", 100, 100, 0)


def test_files_of_other_jobs_are_read_a_few_hundred_times_and_not_before_each_call(tmp_path, monkeypatch):
    looks = []
    look = Spending._look_at_jobs
    monkeypatch.setattr(Spending, "_look_at_jobs", lambda *given: looks.append(1) or look(*given))
    Job(tmp_path, "job", {"total": 1e6}).spend(20_000)
    assert 10 < len(looks) < 400


def test_a_job_that_spends_nothing_looks_at_others_every_two_seconds_alone(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(budget.time, "monotonic", lambda: clock[0])
    free = Job(tmp_path, "free", {"total": 5}, tokens=0)
    free.spend(3)
    Job(tmp_path, "other", {}).spend(9)
    free.spend(3)
    assert free.stopped is None
    clock[0] += budget.REFRESH_SECONDS
    free.spend(1)
    assert free.stopped.name == "total"


def test_a_corrected_price_corrects_what_finished_jobs_have_spent(tmp_path):
    done = Job(tmp_path, "done", {})
    done.spend(10)
    done.close()
    for price, spent in ((1e6, 10), (2e6, 20), (0.0, 0)):
        prices = {"judge": Price(price, 0.0, model="judge")}
        other = Job(tmp_path, "other", {"total": 5}, tokens=0, prices=prices)
        other.send()
        assert (other.stopped.spent if other.stopped else 0) == spent
    # A model that the configuration names no longer.
    other = Job(tmp_path, "other", {"total": 5}, tokens=0, prices={})
    other.send()
    assert other.stopped.spent == 10


def test_the_larger_of_the_reported_and_the_computed_cost_counts(tmp_path):
    job = Job(tmp_path, "job", {"run": 10})
    for _ in range(3):
        job.send()
        job.receive(cost=4.0)
    job.send()
    assert (job.paid.tokens_in, job.stopped.spent) == (3, 12.0)


def test_a_further_cost_is_admitted_beside_what_all_jobs_have_spent_and_writes_nothing(tmp_path):
    for name in ("job", "other"):
        job = Job(tmp_path, name, {})
        job.spend(10)
        job.close()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.spent")}
    spending = Job(tmp_path, "job", {"run": 100, "total": 25}).spending
    assert spending.admits_cost(4.9) and not spending.admits_cost(5.0)
    assert Job(tmp_path, "new", {}).spending.admits_cost(1e9)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.spent")} == before


def test_a_killed_job_counts_with_its_claim_until_it_runs_again(tmp_path):
    killed = Job(tmp_path, "killed", {"total": 1000})
    killed.spend(160)
    other = Job(tmp_path, "other", {"total": 100}, tokens=0)
    other.send()
    assert 150 <= other.stopped.spent <= 160 <= other.stopped.spent + other.stopped.advances <= 170
    Job(tmp_path, "killed", {"total": 1000}, tokens=0)  # its start alone changes nothing
    killed.close()
    again = Job(tmp_path, "other", {"total": 100}, tokens=0)
    again.send()
    assert (again.stopped.spent, again.stopped.advances) == (160, 0)


@pytest.mark.parametrize(
    "text", ["", "1.5", '{"roles": {"task": {"mod', "[]", '{"roles": {}}', '{"roles": {"task": {"model": "a"}}}']
)
def test_a_file_that_cannot_be_read_counts_as_nothing(tmp_path, text):
    path = tmp_path / "journal" / "main" / "b" / "optimize.spent"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    job = Job(tmp_path, "job", {"total": 1})
    job.send()
    assert job.stopped is None


def test_the_mean_cost_of_a_model_is_that_of_all_jobs(tmp_path):
    for name, tokens in (("a", 2), ("b", 4)):
        job = Job(tmp_path, name, {}, tokens=tokens)
        job.spend(5)
        job.close()
    spending = Job(tmp_path, "c", {}).spending
    assert spending.mean_cost({"judge"}) == 3.0
    assert spending.mean_cost({"another"}) is None


def test_the_documented_overrun_is_that_of_the_default_settings():
    """128 calls at the mean length of the forecast of the default design: 1,274 tokens in and 12 out, or 1,017 and 1."""
    root = Path(__file__).parents[2]
    config = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    text = (root / "docs/live-runs.md").read_text(encoding="utf-8")
    calls, judge, evaluator = re.search(
        r"these are (\d+) calls: about \$([\d.]+) for ratings by the judge `qwen3-8b`, and \$([\d.]+) for the evaluator", text
    ).groups()
    assert int(calls) == config["endpoints"]["openrouter"]["max_in_flight"]
    for shown, model, tokens in ((judge, "qwen3-8b", (1274, 12)), (evaluator, config["diagnostics"]["evaluator"], (1017, 1))):
        price = read_price(config["models"][model]["live"])
        assert float(shown) == round(int(calls) * price.price_tokens(*tokens), 2 if model == "qwen3-8b" else 1)
