"""The set-up that `make` runs: each failure ends in one sentence that says what to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tools import install

from ..patience import PATIENCE

ROOT = Path(__file__).parents[2]
NO_CONNECTION = """WARNING: Retrying (Retry(total=0, connect=None)) after 'NewConnectionError(...)': /simple/six/
ERROR: Could not find a version that satisfies the requirement six==1.17.0 (from versions: none)
ERROR: No matching distribution found for six==1.17.0
"""
OTHER_FILE = """Collecting six==1.17.0 (from -r requirements.txt (line 1))
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the versions, update the hashes.
    six==1.17.0 from somewhere (from -r requirements.txt (line 1)):
        Expected sha256 00
             Got        8a
"""


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        (NO_CONNECTION, "the package index cannot be reached: check the network"),
        (OTHER_FILE, "six==1.17.0 that was downloaded is not the file that requirements.txt expects"),
        (NO_CONNECTION.partition("\n")[2], "the package index has no six==1.17.0 for Python 3."),
        ("ERROR: [Errno 28] No space left on device\n", "the disk is full: free 1 GB for .venv"),
        ("Error: [Errno 13] Permission denied: '/opt/project/.venv'\n", ".venv cannot be written"),
        ("ERROR: Failed to build 'numpy' when installing build dependencies for numpy\n", "a package has no ready-made file"),
        ("one line\nERROR: the last line.\n", "the last line. Then run"),
        ("\n", "no message"),
    ],
)
def test_a_failed_set_up_says_what_to_do(output, advice, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(install, "install", lambda folder, requirements: output)
    Path(".venv").mkdir()
    assert install.main(".venv", "requirements.txt") == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Installing the requirements into .venv with Python 3.")
    assert second.startswith(f"The set-up failed: {advice}")
    assert second.endswith(" Then run make again. Details: .venv/install.log.")
    assert Path(".venv/install.log").read_text(encoding="utf-8") == output


def test_a_failure_without_a_cause_on_a_full_disk_is_one_of_the_disk(monkeypatch):
    said = "Error: Command '[.venv/bin/python3, -m, ensurepip]' returned non-zero exit status 1.\n"
    assert install.explain_failure(said, ".venv", "requirements.txt").startswith("Error: Command")
    monkeypatch.setattr(install, "FEWEST_BYTES", float("inf"))
    assert install.explain_failure(said, ".venv", "requirements.txt").startswith("the disk is full: free 1 GB for .venv")


def test_a_set_up_prints_one_line(monkeypatch, capsys):
    monkeypatch.setattr(install, "install", lambda folder, requirements: "")
    assert install.main(".venv", "requirements.txt") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_command_that_fails_without_a_word_has_failed():
    assert install.run_quietly(["true"]) == ""
    assert install.run_quietly(["false"]) == "no message"
    assert install.run_quietly(["sh", "-c", "echo a word; false"]) == "a word\n"


@pytest.fixture
def make(tmp_path):
    """Return a function that makes the environment in a folder with this name, with no programs but the named ones in PATH."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")

    def run(*programs, folder="project"):
        (path := tmp_path / "bin").mkdir()
        for name in ("sh", *programs):
            (path / name).symlink_to(shutil.which(name))
        (home := tmp_path / folder).mkdir()
        shutil.copyfile(ROOT / "Makefile", home / "Makefile")
        (home / "requirements.txt").touch()
        return subprocess.run(
            [shutil.which("make"), "all"],
            env={"PATH": str(path), "HOME": os.devnull},
            cwd=home,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    return run


@pytest.mark.parametrize(
    ("programs", "advice"),
    [
        ([], "git is missing: install it (Debian, Ubuntu: apt-get install git) and run make again.\n"),
        (["git"], "Python 3.11 to 3.14 is missing: install it (Debian, Ubuntu: apt-get install python3 python3-venv)"),
    ],
)
def test_a_missing_program_is_named(make, programs, advice):
    if not all(map(shutil.which, programs)):
        pytest.skip("git is not installed")
    done = make(*programs)
    assert done.returncode == 2
    assert done.stdout.startswith(advice)
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("name", ["a{x}", "a}", "a:b"])
def test_a_folder_in_which_nothing_can_run_is_refused_before_anything_else(make, name):
    done = make(folder=name)
    assert done.returncode == 2
    assert f"/{name}, has a brace or a colon, with which the workflow cannot run: rename or move the folder" in done.stderr
    assert done.stdout == ""
