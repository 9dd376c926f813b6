"""The conda environments: no channel is asked here; their syntax and their agreement with the lock are."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
LOCKED = set(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))


def pinned(path):
    dependencies = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    by_pip = [spec for item in dependencies if isinstance(item, dict) for spec in item["pip"]]
    return [spec for item in [*dependencies, *by_pip] if isinstance(item, str) and (spec := item) != "pip"]


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.stem)
def test_versions_agree_with_the_lock(path):
    specs = pinned(path)
    assert specs[0] == "python =3.12"
    for spec in specs[1:]:
        name, version = re.fullmatch(r"([a-z0-9.-]+) =?=(\S+)", spec).groups()
        assert (CONDA_NAMES.get(name, name), version) in LOCKED, spec


def test_each_rule_with_a_script_names_an_environment_that_exists():
    for rules in (ROOT / "rules").glob("*.smk"):
        text = rules.read_text(encoding="utf-8")
        named = re.findall(r'"\.\./envs/(\w+\.yaml)"', text)
        assert len(named) == text.count("script:"), rules.name
        for name in named:
            assert (ROOT / "envs" / name).is_file()


def test_the_lock_is_hashed_and_names_no_place():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text and "@ " not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", text.strip()) if not block.startswith("#"))
