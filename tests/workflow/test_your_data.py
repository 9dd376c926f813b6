"""The tutorial docs/your-data.md: its commands, run in order with its configuration, make the table that it names."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ..patience import PATIENCE
from .conftest import ROOT, copy_project

PAGE = (ROOT / "docs/your-data.md").read_text(encoding="utf-8")
[BLOCK] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line.strip() for line in PAGE.splitlines() if line.startswith("    snakemake")]


def test_the_page_has_the_steps_from_the_file_to_the_table():
    assert [shlex.split(command)[1:] for command in COMMANDS] == [
        ["check", "--configfile", "support.yaml"],
        ["--cores", "1", "corpus", "--configfile", "support.yaml"],
        ["--cores", "1", "support-optimization", "--configfile", "support.yaml"],
    ]
    scales = [criterion["scale"] for criterion in yaml.safe_load(BLOCK)["datasets"]["support"]["criteria"].values()]
    assert scales == [[1, 5], {"low": 0, "high": 1, "step": 0.5}, {"classes": ["friendly", "neutral", "rude"]}]


@pytest.mark.slow
def test_the_tutorial_runs_as_it_is_written(tmp_path):
    copy_project(tmp_path)
    shutil.copytree(ROOT / "docs/example", tmp_path / "docs/example")
    (tmp_path / "support.yaml").write_text(BLOCK, encoding="utf-8")
    for command in COMMANDS:
        arguments = shlex.split(command)[1:]
        program = str(Path(sys.executable).with_name("snakemake"))
        done = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, command + done.stdout + done.stderr
    manifest = json.loads((tmp_path / "results/simulated/corpus/support/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["pairs"], manifest["documents"], manifest["systems"]) == (32, 8, ["Ada", "Ben", "Cleo", "Dan"])
    assert manifest["criteria"]["tone"]["raters"] == [2, 3]
    assert manifest["incomplete_ratings"] == 2
    table = (tmp_path / "results/simulated/tables/support-optimization.csv").read_text(encoding="utf-8")
    assert "Single-Task,MAE / Error rate validation,Best," in table and "simulated" in table
    caption = (tmp_path / "results/simulated/tables/support-optimization-caption.tex").read_text(encoding="utf-8")
    assert "Spearman correlation for clarity, solution, and Cohen's kappa for tone" in caption
