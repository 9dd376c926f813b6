"""Runs in folders, with an interpreter and with a corpus whose paths a shell or Snakemake could misread."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..patience import PATIENCE
from .conftest import SMALL, copy_project, snakemake

ODD_NAME = "a b'c\"d#e$f&g(h);é%*"
RUN = "results/simulated/runs/main/SSS/mae/seed0/predictions.parquet"
FIGURE = "paper_figures/simulated/figure1.pdf"


def link_environment(folder):
    """Return an interpreter in a new folder, with the packages of the environment in which the tests run."""
    (folder / "bin").mkdir(parents=True)
    shutil.copyfile(Path(sys.prefix) / "pyvenv.cfg", folder / "pyvenv.cfg")
    (folder / "lib").symlink_to(Path(sys.prefix) / "lib")
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder / "bin" / "python"


@pytest.mark.slow
@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="the tests run in no virtual environment")
def test_blanks_and_signs_in_paths_change_no_byte(finished, tmp_path):
    home = tmp_path / ODD_NAME
    copy_project(home)
    corpus = home / f"{ODD_NAME}.jsonl"
    shutil.copyfile(finished / "results/simulated/corpus/summeval/embedded.jsonl", corpus)
    # The folder of the interpreter is not in PATH, as with `/a folder/.venv/bin/snakemake`.
    command = [link_environment(home / ".venv"), "-m", "snakemake", "--cores", "2", RUN, FIGURE]
    done = subprocess.run(
        [*command, "--configfile", SMALL, "--config", f"corpus={corpus}"],
        env={**os.environ, "LANG": "C", "HOME": str(tmp_path / "home")},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for path in (RUN, FIGURE):
        assert (home / path).read_bytes() == (finished / path).read_bytes(), path


@pytest.mark.slow
def test_braces_in_the_path_of_the_project_end_with_one_sentence(tmp_path):
    home = tmp_path / "a{x}"
    copy_project(home)
    done = snakemake(home, "--dry-run", RUN)
    printed = done.stdout + done.stderr
    assert done.returncode != 0
    assert f"the path of the project, '{home}', has braces, which Snakemake takes for wildcards; rename it" in printed
    assert "Traceback" not in printed
