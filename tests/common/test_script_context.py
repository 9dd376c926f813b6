"""Scripts end with one sentence on the terminal and in the log where the user can fix the cause."""

import asyncio
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from collide.common.script_context import script_context
from collide.errors import InputError
from collide.llm.request import Call
from collide.llm.session import open_client
from tests.full_disk import largest_file

ROOT = Path(__file__).parents[2]

MODELS = {
    "task": {
        "model": "m",
        "endpoint": "here",
        "base_url": "",
        "name": "simulated/small",
        "temperature": 0.1,
        "max_tokens": 100,
        "extra_body": {},
        "fields": {},
        "structured_output": "",
        "user_mark": "",
        "answer_in": "",
    }
}
SETTINGS = {"endpoints": {"here": {}}, "prices": {"m": {"price_in": 1e9, "price_out": 0.0}}, "budget": {"run": None}}


def run_and_raise(log, error):
    """Exit code of a script in which `error` is raised."""
    with pytest.raises(SystemExit) as end, script_context(log):
        raise error
    return end.value.code


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (InputError("no pairs"), 1, "Error: no pairs"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            1,
            "Error: [Errno 28] No space left on device; free space or fix the disk",
        ),
        (OSError(errno.EACCES, "Permission denied", "a"), 1, "Error: [Errno 13] Permission denied: 'a'; make it writable"),
        (
            OSError(errno.ESTALE, "Stale file handle"),
            1,
            f"Error: [Errno {errno.ESTALE}] Stale file handle; free space or fix the disk",
        ),
        (KeyboardInterrupt(), 130, "Interrupted; all replies received so far are in the journal"),
    ],
)
def test_an_error_that_the_user_can_fix_is_printed_on_the_terminal_and_in_the_log(tmp_path, capsys, error, code, sentence):
    log = tmp_path / "logs" / "log"
    assert run_and_raise(log, error) == code
    printed = capsys.readouterr().err
    assert printed.startswith(sentence)
    assert str(log) in printed
    assert log.read_text().startswith(sentence)


def test_a_log_on_a_full_disk_fails_no_job_and_hides_no_error(tmp_path, capsys):
    with largest_file(0):
        with script_context(tmp_path / "log") as log:
            print("a line", file=log)
        assert run_and_raise(tmp_path / "log", InputError("no pairs")) == 1
    assert "Error: no pairs" in capsys.readouterr().err


def test_a_log_that_cannot_be_opened_is_an_error(tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit), script_context(tmp_path / "file" / "log"):
        pass
    assert capsys.readouterr().err.startswith("Error: cannot write the log")


def test_a_defect_keeps_its_traceback(tmp_path):
    with pytest.raises(KeyError), script_context(tmp_path / "log"):
        raise KeyError("x")
    with pytest.raises(FileNotFoundError), script_context(tmp_path / "log"):
        Path("missing").read_text()


def test_a_model_job_on_a_full_disk_ends_with_one_sentence_and_continues_once_there_is_space(tmp_path, capsys):
    journal = tmp_path / "journal" / "a.journal"

    async def work(log):
        async with open_client(MODELS, SETTINGS, journal, "test", log, 20, 1) as client:
            asked = (Call("task", ({"role": "user", "content": "Hello."},), seed) for seed in range(20))
            return await asyncio.gather(*(client.answer_call(call, str) for call in asked))

    def start():
        with script_context(tmp_path / "log") as log:
            return asyncio.run(work(log))

    with largest_file(1000), pytest.raises(SystemExit):
        start()
    printed = capsys.readouterr().err
    assert "cannot write to" in printed
    assert printed.count("\n") == 1
    kept = journal.read_bytes()
    assert 0 < len(kept) <= 1000
    assert kept.endswith(b"\n")
    assert len(start()) == 20
    assert journal.read_bytes().startswith(kept)


def test_an_account_that_cannot_be_written_fails_no_job(tmp_path, monkeypatch):
    opened = Path.open

    def full(path, mode="r", *args, **kwargs):
        if mode == "wb":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, mode, *args, **kwargs)

    async def work(log):
        async with open_client(MODELS, SETTINGS, tmp_path / "a.journal", "test", log, 1, 1) as client:
            await client.answer_call(Call("task", ({"role": "user", "content": "Hello."},), 1), str)

    monkeypatch.setattr(Path, "open", full)
    with script_context(tmp_path / "log") as log:
        asyncio.run(work(log))
    assert not (tmp_path / "a.spent").exists()


def test_variables_that_would_stop_or_change_a_script_have_no_effect(tmp_path):
    code = (
        "import sys; from pathlib import Path; from collide.common.script_context import script_context\n"
        "with script_context(Path('log')):\n"
        "    import collide.llm.transport.endpoint\n"
        "    from matplotlib import pyplot\n"
        "    from collide.report.figures.style import apply_style, save_figure\n"
        "    apply_style()\n"
        "    figure, axes = pyplot.subplots()\n"
        "    axes.plot([1, 2], [3, 4])\n"
        "    save_figure(figure, Path('figure.pdf'), Path('figure.png'), False)\n"
    )
    surroundings = {"MPLBACKEND": "unknown", "SSLKEYLOGFILE": "/absent/keys", "MATPLOTLIBRC": "rc", "NETRC": "/absent"}
    made = []
    for name, variables in (("plain", {}), ("surrounded", surroundings)):
        folder = tmp_path / name
        folder.mkdir()
        if variables:
            for file in ("rc", "matplotlibrc"):
                (folder / file).write_text("lines.linewidth: 9\nfont.family: monospace\naxes.facecolor: black\n")
        env = {key: value for key, value in os.environ.items() if key not in surroundings}
        env |= {"PYTHONPATH": str(ROOT / "scripts"), **variables}
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        made.append([(folder / file).read_bytes() for file in ("figure.pdf", "figure.png")])
    assert made[0] == made[1]


@pytest.mark.parametrize("writable", [True, False])
def test_matplotlib_keeps_its_font_cache_in_the_folder_where_home_takes_none(tmp_path, monkeypatch, writable):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path if writable else tmp_path / "absent"))
    # Set first, so that the variable is restored after the test.
    monkeypatch.setenv("MPLCONFIGDIR", "")
    monkeypatch.delenv("MPLCONFIGDIR")
    with script_context("log"):
        assert os.environ.get("MPLCONFIGDIR") == (None if writable else str(tmp_path / ".snakemake" / "matplotlib"))
