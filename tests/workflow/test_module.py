"""The workflow as a module of another one: the example in docs/extending.md."""

import re
import subprocess
import sys

import pytest
import yaml

from .conftest import PATIENCE, ROOT, SMALL

NAME = "/path/to/when-gradients-collide"


@pytest.mark.slow
def test_another_workflow_imports_this_one_from_its_own_folder_with_its_own_configuration(tmp_path):
    text = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    snakefile, settings = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("snakemake", "yaml"))
    assert NAME in snakefile
    (tmp_path / "Snakefile").write_text(snakefile.replace(NAME, str(ROOT)))
    small = yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    judges = {**small, **yaml.safe_load(settings)["judges"]}
    (tmp_path / "judges.yaml").write_text(yaml.safe_dump({"judges": judges}))
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert int((tmp_path / "rows.txt").read_text()) > 1
    made = (tmp_path / "results").rglob("steps.jsonl")
    assert [str(path.relative_to(tmp_path)) for path in made] == ["results/simulated/runs/main/SSS/mae/seed0/steps.jsonl"]
