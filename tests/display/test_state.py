"""State of a run: sums over jobs, and what is read from their files."""

import os

import pytest

from collide.cost.usage import Price
from collide.display.state import ExpectedCalls, Failure, PlannedJob, RunState
from collide.display.tails import find_error
from collide.llm.journal import Journal
from collide.llm.request import CallOrigin, Reply


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def append_replies(path, number, start=0):
    with Journal(path) as journal:
        for key in range(start, start + number):
            journal.append(f"{key:032x}", Reply("4", "m", "stop", 1_000_000, 0), "task", CallOrigin(1, "p", ("c",)), 1)


def make_state(folder, clock, numbers=(1,), prices=None):
    """A run of jobs with ten expected calls each."""
    names = {number: (str(folder / f"{number}.journal"), str(folder / f"{number}.log")) for number in numbers}
    state = RunState([PlannedJob(number, "evaluate", log) for number, (_, log) in names.items()], clock)
    calls = {number: (ExpectedCalls(journal, 10.0, 5.0, 3.0, prices or {}),) for number, (journal, _) in names.items()}
    state.expect_calls(calls, 60.0)
    return state


def test_calls_are_counted_while_a_job_runs_and_after_it(tmp_path, clock):
    state = make_state(tmp_path, clock, (1, 2))
    assert (state.total, state.done, state.calls, state.expected_calls) == (2, 0, 0, 20)
    state.start_job(1, "Optimize 1")
    append_replies(tmp_path / "1.journal", 4)
    clock.now += 2
    state.poll()
    assert (state.calls, state.rate) == (4, 2.0)
    append_replies(tmp_path / "1.journal", 3, start=4)
    state.finish_job(1)
    assert (state.done, state.calls, state.expected_calls) == (1, 7, 17)
    assert state.share == pytest.approx(0.5)
    assert state.seconds_left == pytest.approx(2.0)


def test_replies_of_an_earlier_start_are_answered_calls_that_cost_nothing_now(tmp_path, clock):
    append_replies(tmp_path / "1.journal", 6)
    state = make_state(tmp_path, clock, prices={"task": Price(2.0)})
    state.start_job(1, "Optimize 1")
    append_replies(tmp_path / "1.journal", 2, start=6)
    state.poll()
    assert (state.calls, state.new_calls, state.spent) == (8, 2, 4.0)
    state.finish_job(1)
    assert (state.calls, state.new_calls, state.spent) == (8, 2, 4.0)


def test_an_incomplete_line_is_counted_when_it_is_whole(tmp_path, clock):
    state = make_state(tmp_path, clock)
    state.start_job(1, "Optimize 1")
    with (tmp_path / "1.journal").open("wb", buffering=0) as stream:
        stream.write(b"one\ntw")
        state.poll()
        assert state.calls == 1
        stream.write(b"o\n")
        state.poll()
        assert state.calls == 2


def test_a_job_that_failed_and_is_started_again_counts_once(tmp_path, clock):
    state = make_state(tmp_path, clock)
    state.start_job(1, "Optimize 1")
    append_replies(tmp_path / "1.journal", 3)
    state.fail_job(1, Failure("Evaluate 1", "", ""))
    assert (state.calls, state.expected_calls, len(state.failures)) == (3, 10, 1)
    state.start_job(1, "Optimize 1")
    append_replies(tmp_path / "1.journal", 2, start=3)
    state.finish_job(1)
    assert (state.calls, state.new_calls, state.expected_calls, state.failures) == (5, 5, 5, {})


def test_warnings_are_read_once_and_waits_until_the_next_line(tmp_path, clock):
    state = make_state(tmp_path, clock)
    state.start_job(1, "Optimize 1")
    log = (tmp_path / "1.log").open("w", buffering=1)
    with log:
        log.write("evaluate a/b: warning: 3 of 9 replies of role task were cut off\n")
        log.write("evaluate a/b: answered 429; trying again in 30 s\n")
        assert state.poll() == ["3 of 9 replies of role task were cut off"]
        assert dict(state.waiting) == {"answered 429; trying again in 30 s": 1}
        log.write("evaluate a/b: 4/9 calls, 4 new replies, 2/s; 4 in flight, the oldest for 31s, 2 wait for one of 4 places\n")
        state.poll()
        assert list(state.waiting) == ["4 in flight, the oldest for 31s, 2 wait for one of 4 places"]
        log.write("evaluate a/b: 4/9 calls\nWarning: a page is too wide\n")
        assert state.poll() == ["a page is too wide"]
        assert not state.waiting
        log.write("evaluate a/b: warning: last\n")
    assert state.finish_job(1) == ["last"]


def test_the_log_of_an_earlier_start_says_nothing(tmp_path, clock):
    log = tmp_path / "1.log"
    log.write_text("evaluate: warning: old\nError: old\n")
    os.utime(log, (1e9, 1e9))
    state = make_state(tmp_path, clock)
    state.start_job(1, "Optimize 1")
    assert state.poll() == []
    assert find_error(str(log), state.start_of(1)) == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10 calls\nError: the key is not accepted\n", "the key is not accepted"),
        ("Interrupted; run it again\n", "Interrupted; run it again"),
        ("Traceback (most recent call last):\n  File x\nValueError: no\n", "ValueError: no"),
        ("10 calls\n", ""),
        ("", ""),
    ],
)
def test_the_sentence_of_an_error_is_found_in_the_log(tmp_path, text, sentence):
    (tmp_path / "log").write_text(text)
    assert find_error(str(tmp_path / "log"), 0.0) == sentence
    assert find_error(str(tmp_path / "missing"), 0.0) == ""


def test_a_run_without_calls_has_no_rate_and_ends(tmp_path, clock):
    state = RunState([PlannedJob(1, "report", "")], clock)
    state.start_job(1, "Optimize 1")
    state.poll()
    state.finish_job(1)
    assert (state.rate, state.share, state.seconds_left, state.spent) == (0.0, 1.0, 0.0, 0.0)


def test_a_new_forecast_replaces_that_of_jobs_that_have_not_ended(tmp_path, clock):
    state = make_state(tmp_path, clock, (1, 2, 3))
    state.start_job(1, "Optimize 1")
    append_replies(tmp_path / "1.journal", 4)
    state.finish_job(1)
    state.start_job(2, "Optimize 2")
    parts = {number: (ExpectedCalls(str(tmp_path / f"{number}.journal"), 100.0, 7.0, 3.0),) for number in (1, 2, 3)}
    state.expect_calls(parts, 90.0)
    assert (state.expected_calls, state.expected_cost) == (204, 14.0)
    assert state.share == pytest.approx(1 / 3)
