"""Texts of the display: what will be made, how far the run is, how it ended, and where its results are."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from collide.common.csv_json import read_csv
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.display.screen import cut_line
from collide.display.state import Failure, RunState
from collide.llm.progress import format_duration

WIDEST_BAR = 30
# Running jobs and failures that are named; more would push the rest off the screen.
NAMED_JOBS = 3
NAMED_FAILURES = 10
# Columns of Table 1 that are shown, with their forms: those of the paper. The file holds intervals and further columns.
COLUMNS = {"Initial": "{:.3f}", "Best": "{:.3f}", "Gain": "{:+.3f}", "HVI": "{:.3f}"}
LABEL_WIDTH, COLUMN_WIDTH = 14, 8
# Files of one folder that are named.
NAMED_FILES = 3
# Folders are counted by their first parts, as in results/live/runs.
FOLDER_DEPTH = 3
# Files that show all results at once.
OVERVIEWS = ("artifact.pdf", "claims.html")


def describe_plan(state: RunState, source: str, jobs_at_once: int, width: int) -> list[str]:
    """Return what will be made: jobs by stage, calls, cost and time."""
    what = f"{count_things(state.total, 'job')}, at most {jobs_at_once} at once, source {source}"
    stages = ", ".join(f"{stage} {count}" for stage, count in state.planned_stages.items())
    lines = [what, *_wrap(f"jobs by stage: {stages}", width)]
    return [*lines, *_wrap(describe_forecast(state), width), ""]


def describe_forecast(state: RunState) -> str:
    """Return the forecast of calls, cost and time."""
    time = f"about {format_rough_duration(state.expected_seconds)}"
    if not state.expected_calls:
        return f"forecast: no calls of models, {time}"
    cost = "no cost" if not state.expected_cost else f"about ${state.expected_cost:,.2f}"
    cost = cost if state.cost_known else "a cost that is known when the corpus is there"
    return f"forecast: about {state.expected_calls:,.0f} calls of models, {cost}, {time}"


def draw_progress(state: RunState, width: int, height: int) -> list[str]:
    """Return the live lines: a bar for each stage, and the totals. They fit on a terminal of this size."""
    name_width = max(map(len, state.planned_stages), default=0)
    running = Counter(state.jobs[number].stage for number in state.running)
    bar_width = min(WIDEST_BAR, width - name_width - 16)
    stages = {
        stage: f"{stage:<{name_width}} {_draw_bar(state.done_stages[stage] / total, bar_width)}"
        f" {state.done_stages[stage]:>5} of {total}"
        for stage, total in state.planned_stages.items()
    }
    below = _wrap(describe_progress(state), width)
    titles = [job.title for job in list(state.running.values())[:NAMED_JOBS]]
    if titles:
        more = len(state.running) - len(titles)
        below += _wrap(f"running: {'; '.join(titles)}{f' and {more} more' if more else ''}", width)
    below += describe_waiting(state)
    # On a low terminal the running stages are the ones to see.
    room = max(height - 1 - len(below), 0)
    kept = list(stages) if len(stages) <= room else [stage for stage in stages if running[stage]][:room]
    return [cut_line(line, width) for line in [*(stages[stage] for stage in kept), *below]][: max(height - 1, 1)]


def describe_progress(state: RunState) -> str:
    """Return jobs, calls, calls a second, cost, time and time left as one sentence."""
    parts = [f"{state.done} of {count_things(state.total, 'job')}"]
    if state.expected_calls:
        parts.append(f"{state.calls:,} of about {max(state.expected_calls, state.calls):,.0f} calls")
        parts.append(f"{state.rate:,.0f} calls/s" if state.rate >= 10 else f"{state.rate:.2g} calls/s")
        if state.expected_cost or state.spent:
            parts.append(f"${state.spent:,.2f} of about ${state.expected_cost:,.2f}")
    interrupted = sum(failure.interrupted for failure in state.failures.values())
    if failed := len(state.failures) - interrupted:
        parts.append(f"{failed} failed")
    parts.append(format_duration(state.seconds))
    if state.done < state.total:
        parts.append(f"about {format_rough_duration(state.seconds_left)} left")
    return ", ".join(parts)


def describe_waiting(state: RunState) -> list[str]:
    """Return what most running jobs wait for, as a list of one line, or an empty list."""
    return [f"waiting: {text} ({count_things(count, 'job')})" for text, count in state.waiting.most_common(1)]


def describe_failure(failure: Failure) -> str:
    """Return a failed job, the sentence of its error and its log."""
    log = f" (log: {failure.log})" if failure.log else ""
    return f"Failed: {failure.title}{f': {failure.sentence}' if failure.sentence else ''}{log}"


def describe_end(state: RunState, warnings: Sequence[tuple[str, int]], log: str) -> list[tuple[str, str]]:
    """Return the last lines, each with its style: warnings (each with the number of its kind), failures, and the end."""
    lines = [("", "")]
    if warnings:
        lines.append(("Warnings:", "warning"))
        more = (f" (and {count - 1} more like this)" if count > 1 else "" for _, count in warnings)
        lines += [(f"  {text}{others}", "warning") for (text, _), others in zip(warnings, more, strict=True)]
    failed = [failure for failure in state.failures.values() if not failure.interrupted]
    lines += [(describe_failure(failure), "failure") for failure in failed[:NAMED_FAILURES]]
    if len(failed) > NAMED_FAILURES:
        lines.append((f"and {count_things(len(failed) - NAMED_FAILURES, 'further failed job')}", "failure"))
    calls = f", {state.new_calls:,} new calls" if state.expected_calls else ""
    cost = f", ${state.spent:,.2f}" if state.spent else ""
    effort = f"{format_duration(state.seconds)}{calls}{cost}"
    if state.done == state.total:
        lines.append((f"Done: {count_things(state.total, 'job')} in {effort}.", "heading"))
    else:
        broken = f", {len(failed):,} failed" if failed else ""
        made = f"{state.done} of {count_things(state.total, 'job')} are done{broken}, in {effort}"
        lines.append((f"Stopped: {made}. All replies are kept; run the same command again to continue.", "failure"))
    return [*lines, (f"All messages are in {log}, the log of each job in logs/.", "")]


def list_places(files: Iterable[str]) -> list[str]:
    """Return a line for each folder of these files: the names of few files, or the number of many. Overviews come first.

    >>> list_places(["results/a.csv", *(f"results/tables/{number}.csv" for number in range(4))])
    ['results/a.csv', 'results/tables/ (4 files)']
    """
    folders: dict[str, list[str]] = {}
    lines = []
    for file in files:
        if PurePath(file).name in OVERVIEWS:
            lines.append(file)
        else:
            folders.setdefault(str(PurePath(*PurePath(file).parent.parts[:FOLDER_DEPTH])), []).append(file)
    for folder, names in folders.items():
        lines += names if len(names) <= NAMED_FILES else [f"{folder}/ ({len(names)} files)"]
    return lines


def format_optimization(path: Path) -> list[str]:
    """Return the table of initial and best prompts as lines of text from its CSV, a row for each gate and mode."""
    rows = read_csv(path)
    lines = ["".join([" " * LABEL_WIDTH, *(f"{column:>{COLUMN_WIDTH}}" for column in COLUMNS)])]
    for group in dict.fromkeys(row["group"] for row in rows):
        lines.append(group)
        for label in dict.fromkeys(row["row"] for row in rows if row["group"] == group):
            values = {row["column"]: row["value"] for row in rows if (row["group"], row["row"]) == (group, label)}
            cells = (form.format(float(values[name])) if values.get(name) else "--" for name, form in COLUMNS.items())
            lines.append("".join([f"  {label:<{LABEL_WIDTH - 2}}", *(f"{cell:>{COLUMN_WIDTH}}" for cell in cells)]))
    simulated = any(row["source"] == "simulated" for row in rows)
    return [*lines, *([f"{SIMULATED_NOTICE}."] if simulated else [])]


def format_rough_duration(seconds: float) -> str:
    """Return a duration with a precision that a forecast has.

    >>> [format_rough_duration(seconds) for seconds in (4, 47, 200, 5000)]
    ['10s', '50s', '3m', '1h25m']
    """
    if seconds < 90:
        return f"{max(round(seconds, -1), 10):.0f}s"
    minutes = round(seconds / 60) if seconds < 3600 else 5 * round(seconds / 300)
    return f"{minutes // 60}h{minutes % 60:02d}m" if minutes >= 60 else f"{minutes}m"


def count_things(number: int, name: str) -> str:
    """Return a number with a noun.

    >>> count_things(1, "job"), count_things(2, "job")
    ('1 job', '2 jobs')
    """
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _draw_bar(share: float, width: int) -> str:
    """Return a bar of this many characters, ASCII because a terminal may show no others; empty where there is no room."""
    filled = int(share * width)
    return "#" * filled + "." * (width - filled)


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width - 1, 20), subsequent_indent="  ")
