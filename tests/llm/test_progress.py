"""Progress lines of a job."""

import io

import pytest

from collide.llm import progress
from collide.llm.progress import Progress, Totals

TOTALS = Totals(calls=3, replies=3, sent=3, retries=2, spent=0.5)


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets, in seconds."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_silent_log_gets_a_line_about_the_calls_in_flight(clock):
    log = io.StringIO()
    shown = Progress("judge", log, expected_calls=10)
    clock[0] += 29
    shown.report_waiting(TOTALS, 4, 29.0, [], "")
    assert log.getvalue() == ""
    clock[0] += 31
    shown.report_waiting(TOTALS, 4, 95.0, ["2 wait for their next try"], "the endpoint answered 429: slow down")
    line = log.getvalue()
    assert "judge: 3/10 calls" in line and "0.05/s" in line and "2 retries" in line
    assert line.endswith(
        "; 4 in flight, the oldest for 1m35s, 2 wait for their next try; last error: the endpoint answered 429: slow down\n"
    )
    shown.report_waiting(TOTALS, 4, 95.0, [], "")
    assert log.getvalue() == line


def test_nothing_is_reported_while_no_call_is_in_flight_or_waits(clock):
    log = io.StringIO()
    clock[0] += 100
    Progress("judge", log).report_waiting(TOTALS, 0, 0.0, [], "")
    assert log.getvalue() == ""


@pytest.mark.parametrize(("seconds", "rate"), [(0.1, " 30/s"), (3, " 1/s"), (60, " 0.05/s")])
def test_a_slow_rate_has_two_digits(clock, seconds, rate):
    log = io.StringIO()
    shown = Progress("judge", log)
    clock[0] += seconds
    shown.report_end(TOTALS)
    assert rate in log.getvalue()
