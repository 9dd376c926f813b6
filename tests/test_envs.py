"""The conda environments: no channel is asked here; their syntax and their agreement with the lock are."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
PACKAGES = {"yaml": "pyyaml", "matplotlib": "matplotlib-base"}
"""The packages of modules that are called otherwise."""
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


def imported(path, seen):
    """Third-party modules that a file needs to be imported, it and all modules of the project that it uses, late ones too."""
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            own, top = ROOT / "scripts" / name.replace(".", "/"), name.partition(".")[0]
            if top == "collide" or (ROOT / "scripts" / f"{top}.py").is_file():
                for module in {own.with_suffix(".py"), own / "__init__.py"} - seen:
                    if module.is_file():
                        seen.add(module)
                        found |= imported(module, seen)
            elif top not in sys.stdlib_module_names and node in tree.body:
                found.add(top)
    return found


def test_each_script_finds_what_it_imports_in_its_environment():
    scripts = {}
    for rules in (ROOT / "rules").glob("*.smk"):
        text = rules.read_text(encoding="utf-8")
        for env, script in re.findall(r'envs/(\w+)\.yaml".*?scripts/(\S+)"', text, re.DOTALL):
            scripts.setdefault(env, []).extend((ROOT / "scripts").glob(re.sub(r"\{.*?\}", "figure?", script)))
    assert sum(map(len, scripts.values())) >= 20
    for env, paths in scripts.items():
        there = {re.split(" ?=", spec)[0] for spec in pinned(ROOT / "envs" / f"{env}.yaml")}
        for path in paths:
            needed = {PACKAGES.get(module, module) for module in imported(path, set())}
            assert needed <= there, f"envs/{env}.yaml lacks {needed - there} for {path.name}"


def test_the_lock_is_hashed_and_names_no_place():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text and "@ " not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", text.strip()) if not block.startswith("#"))
