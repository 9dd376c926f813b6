"""Texts of the display."""

import pytest

from collide.common.csv_json import write_csv
from collide.display.state import ExpectedCalls, Failure, PlannedJob, RunState
from collide.display.view import describe_end, describe_plan, draw_progress, format_optimization


def make_state(cost=35.0, seconds=5400.0):
    jobs = [
        *(PlannedJob(number, "corpus", "") for number in range(2)),
        *(PlannedJob(number, "optimize", "") for number in range(2, 14)),
        PlannedJob(14, "report", ""),
    ]
    state = RunState(jobs)
    state.expect_calls({n: (ExpectedCalls(f"/nowhere/{n}", 1500.0, cost, 90.0),) for n in range(2, 14)}, seconds)
    return state


def test_the_plan_has_jobs_calls_cost_and_time():
    assert describe_plan(make_state(), "live", 8, 100) == [
        "15 jobs, at most 8 at once, source live",
        "jobs by stage: corpus 2, optimize 12, report 1",
        "forecast: about 18,000 calls of models, about $420.00, about 1h30m",
        "",
    ]
    assert "a cost that is known when the corpus is there" in " ".join(describe_plan(make_state(None), "live", 8, 200))
    assert "calls of models, no cost, about" in " ".join(describe_plan(make_state(0.0), "simulated", 8, 200))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("height", [2, 5, 24])
def test_live_lines_fit_on_the_terminal(width, height):
    state = make_state()
    state.finish_job(0)
    for number in range(2, 14):
        state.start_job(number, f"Optimize {number}")
    lines = draw_progress(state, width, height)
    assert 0 < len(lines) < height or height == 2
    assert max(map(len, lines)) < width
    assert "".join(lines).isascii()


def test_live_lines_show_stages_totals_and_running_jobs():
    state = make_state()
    for number in (0, 1):
        state.finish_job(number)
    state.start_job(2, "Optimize 2")
    lines = draw_progress(state, 100, 24)
    assert lines[0] == "corpus   " + "#" * 30 + "     2 of 2"
    assert lines[1] == "optimize " + "." * 30 + "     0 of 12"
    assert lines[3].startswith("2 of 15 jobs, 0 of about 18,000 calls, 0 calls/s, $0.00 of about $420.00, 0s, about 1h30m left")
    assert lines[-1] == "running: Optimize 2"


def test_the_end_names_failures_and_warnings_once_more():
    state = make_state()
    state.finish_job(0)
    state.fail_job(2, Failure("Optimize main SSS mae seed 2", "logs/a.log", "the key is not accepted"))
    state.fail_job(3, Failure("Optimize main SSS mae seed 3", "logs/b.log", "Interrupted; run it again", interrupted=True))
    _, *text = [line for line, _ in describe_end(state, [("no price", 3)], "all.log")]
    assert text[:3] == [
        "Warnings:",
        "  no price (and 2 more like this)",
        "Failed: Optimize main SSS mae seed 2: the key is not accepted (log: logs/a.log)",
    ]
    assert text[3].startswith("Stopped: 1 of 15 jobs are done, 1 failed, in 0s, 0 new calls. All replies are kept;")
    assert text[4] == "All messages are in all.log, the log of each job in logs/."


def test_table_1_is_shown_as_text(tmp_path):
    columns = ("row", "group", "column", "value")
    values = (("Initial", 0.25), ("Best", 0.5), ("Gain", 0.25), ("HVI", None), ("p", 0.5))
    rows = [{"row": "SSS", "group": "MAE validation", "column": column, "value": value} for column, value in values]
    write_csv(tmp_path / "table1.csv", columns, rows, simulated=True)
    lines = format_optimization(tmp_path / "table1.csv")
    assert lines[:3] == [
        " " * 14 + " Initial    Best    Gain     HVI",
        "MAE validation",
        "  SSS            0.250   0.500  +0.250      --",
    ]
    assert lines[3].startswith("SIMULATED")
    assert max(map(len, lines[:3])) <= 46
