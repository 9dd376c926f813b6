"""Output of a run: in a log file, on a terminal, and as Snakemake prints it where the user asks for that."""

import os
import pty
import re
import subprocess

import pytest

from .conftest import ROOT, command, find_output, succeed


def test_a_run_in_a_log_file_is_a_page(finished):
    text = find_output(finished).read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) < 70
    assert re.search(
        r"^\d+ jobs, at most 2 at once, source simulated\njobs by stage: corpus 4, optimize 29, ", text, re.MULTILINE
    )
    assert re.search(r"^forecast: about [\d,]+ calls of models, no cost, about \w+$", text, re.MULTILINE)
    assert re.search(r"^\d\d:\d\d:\d\d 100% of the work: |^\d\d:\d\d:\d\d report: \d+ jobs done$", text, re.MULTILINE)
    assert "  results/simulated/claims.html" in lines
    assert "MAE validation" in lines
    assert re.search(r"^Done: \d+ jobs in \w+, [\d,]+ new calls\.$", text, re.MULTILINE)
    assert "The display of the run stopped" not in text
    log = re.search(r"^All messages are in (\S+), the log of each job in logs/\.$", text, re.MULTILINE)[1]
    assert "rule optimize" in (finished / log).read_text(encoding="utf-8") or "Optimize" in (finished / log).read_text()


def test_the_calls_of_the_display_are_the_replies_in_the_journals(finished):
    shown = re.search(r"Done: .*, ([\d,]+) new calls", find_output(finished).read_text(encoding="utf-8"))[1]
    journals = (finished / "results/simulated/journal").rglob("*.journal")
    assert int(shown.replace(",", "")) == sum(path.read_bytes().count(b"\n") for path in journals)


@pytest.mark.slow
def test_on_a_terminal_lines_are_drawn_again(tmp_path):
    main, side = pty.openpty()
    process = subprocess.Popen(
        command(tmp_path, "corpus"), stdout=side, stderr=side, cwd=ROOT, env={**os.environ, "TERM": "xterm", "NO_COLOR": ""}
    )
    os.close(side)
    data = b""
    while chunk := read_terminal(main):
        data += chunk
    os.close(main)
    assert process.wait() == 0
    text = data.decode()
    assert re.search(r"corpus [#.]{30} +\d of 4\x1b\[K\r\n", text)
    assert re.search(r"\x1b\[\dA\r\x1b\[J", text)
    assert "Done: 4 jobs in" in text


def read_terminal(main):
    """Return what was written to the other side of a pseudo-terminal, and nothing once that is closed."""
    try:
        return os.read(main, 65536)
    except OSError:
        return b""


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--quiet=reason", "--verbose", "--printshellcmds", "--show-failed-logs", "--dry-run"])
def test_snakemakes_own_output_is_there_for_who_asks_for_it(tmp_path, option):
    done = succeed(tmp_path, option, "results/simulated/initial/summeval/together.jsonl")
    shown = "Job stats:" in done.stdout + done.stderr
    assert shown == (option != "--quiet=reason")
    assert ("jobs by stage" in done.stderr) == (not shown)
