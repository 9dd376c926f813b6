"""Rules files: what Snakemake loads each time it starts, on the user's machine and in every job of a cluster."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .patience import PATIENCE

ROOT = Path(__file__).parents[1]
SLOW = ("matplotlib", "openai", "pandas", "pyarrow", "scipy")


def test_the_rules_import_nothing_that_is_slow_to_load():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "rules").glob("*.smk")]
    modules = sorted({name for text in texts for name in re.findall(r"^from (collide[\w.]*) import", text, re.MULTILINE)})
    assert len(modules) > 10
    code = f"import importlib, sys; [importlib.import_module(name) for name in {modules}]; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "scripts", timeout=PATIENCE
    )
    assert not set(SLOW) & set(done.stdout.split())


@pytest.mark.parametrize(
    "script", ["optimize/optimize", "evaluate/evaluate", "diagnose/diagnose", "analysis/estimate_agreement"]
)
def test_a_job_that_every_run_needs_imports_no_large_package(script):
    """scipy.stats, pandas and the clients of endpoints take more time to import than a simulated job takes in all."""
    code = f"import runpy, sys; runpy.run_path('{script}.py'); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "scripts", timeout=PATIENCE
    )
    assert not {"scipy.stats", "pandas", "matplotlib", "openai", "aiohttp"} & set(done.stdout.split())
