"""Conda environments: their syntax, their agreement with requirements.txt, and the packages that their scripts import.

No conda channel is contacted.
"""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

from collide.report.document.typeset import PACKAGES

ROOT = Path(__file__).parents[1]
LOCKED = set(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))

# Conda packages that are no Python packages, so that requirements.txt does not name them.
PROGRAMS = {"tectonic"}
# Conda packages with another name than the Python package or module.
PYTHON_NAMES = {"matplotlib-base": "matplotlib"}
CONDA_NAMES = {"yaml": "pyyaml", "matplotlib": "matplotlib-base", "json_repair": "json-repair"}


def list_pinned(path):
    """Return the conda and pip requirements of an environment, without pip itself."""
    dependencies = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    by_pip = [spec for item in dependencies if isinstance(item, dict) for spec in item["pip"]]
    return [spec for spec in [*dependencies, *by_pip] if isinstance(spec, str) and spec != "pip"]


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.stem)
def test_versions_are_those_of_the_lock_file(path):
    specs = list_pinned(path)
    assert specs[0] == "python =3.12"
    for spec in specs[1:]:
        name, equals, version = re.fullmatch(r"([a-z0-9.-]+) ([=>]?=)(\S+)", spec).groups()
        if name in PROGRAMS:
            assert equals == ">=", spec
        else:
            assert equals != ">=" and (PYTHON_NAMES.get(name, name), version) in LOCKED, spec


def test_each_rule_with_a_script_names_an_environment_that_exists():
    for rules in (ROOT / "rules").glob("*.smk"):
        text = rules.read_text(encoding="utf-8")
        named = re.findall(r'"\.\./envs/(\w+\.yaml)"', text)
        assert len(named) == text.count("script:"), rules.name
        for name in named:
            assert (ROOT / "envs" / name).is_file()


def is_for_type_checkers(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def list_imports(tree):
    """Return the names of all modules that a file imports, in functions too, but not those for type checkers only."""
    names, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif not is_for_type_checkers(node):
            waiting += ast.iter_child_nodes(node)
    return names


def list_packages(path, seen):
    """Return the third-party modules that a script imports, directly or through modules of the project."""
    packages = set()
    for name in list_imports(ast.parse(path.read_text(encoding="utf-8"))):
        top = name.partition(".")[0]
        if top == "collide":
            own = ROOT / "scripts" / name.replace(".", "/")
            for module in {own.with_suffix(".py"), own / "__init__.py"} - seen:
                if module.is_file():
                    seen.add(module)
                    packages |= list_packages(module, seen)
        elif top not in sys.stdlib_module_names:
            packages.add(CONDA_NAMES.get(top, top))
    return packages


def test_each_script_finds_its_imports_in_its_environment():
    uses = {
        (env, script)
        for rules in (ROOT / "rules").glob("*.smk")
        for env, script in re.findall(r'envs/(\w+)\.yaml".*?"\.\./scripts/(\S+)"', rules.read_text(encoding="utf-8"), re.DOTALL)
    }
    assert {script for _, script in uses} == {
        str(path.relative_to(ROOT / "scripts")) for path in (ROOT / "scripts").glob("*/*.py") if path.parent.name != "collide"
    }
    for env, script in uses:
        present = {spec.split()[0] for spec in list_pinned(ROOT / "envs" / f"{env}.yaml")}
        missing = list_packages(ROOT / "scripts" / script, set()) - present
        assert not missing, f"envs/{env}.yaml lacks imports of {script}"


def test_the_image_has_the_python_of_the_environments_the_requirements_and_latex():
    text = (ROOT / "envs/Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^FROM python:([\d.]+)-", text, re.MULTILINE)[1] == "3.12"
    assert "--require-hashes --requirement" in text
    assert set(PACKAGES.split()) <= set(text.split())
    kept = (ROOT / "envs/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert [line[1:] for line in kept if line.startswith("!")] == re.findall(r"^COPY (\S+) ", text, re.MULTILINE)


def test_the_lock_file_has_hashes_and_no_addresses():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text and "@ " not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", text.strip()) if not block.startswith("#"))
