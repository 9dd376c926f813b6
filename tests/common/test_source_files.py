"""Digest of a script: of the modules that shape its output, and no others."""

import ast

import pytest

from collide.common import source_files
from collide.common.source_files import NOT_TRACKED, SCRIPTS, digest_files, list_source_files


def names(script):
    return {str(path.relative_to(SCRIPTS / "collide")) for path in list_source_files(script)}


@pytest.mark.parametrize(
    ("script", "there", "not_there"),
    [
        (
            "optimize/optimize.py",
            {"optimize/loop/textgrad.py", "experiment/gates.py", "optimize/prompts.py", "common/csv_json.py", "llm/parsing.py"},
            {"report/table.py", "analysis/bootstrap.py"},
        ),
        (
            "report/make_figure.py",
            {"report/figures/style.py", "report/estimate_reader.py", "common/simulated_notice.py"},
            {"optimize/loop/textgrad.py", "optimize/judge.py", "report/figures/trajectories.py"},
        ),
        (
            "cherrypick/pick_instructions.py",
            {"analysis/instructions/picking.py", "common/csv_json.py"},
            {"optimize/loop/textgrad.py", "report/table.py"},
        ),
        ("corpus/split_corpus.py", {"corpus/split.py", "corpus/pairs.py"}, {"corpus/files/formats.py", "optimize/prompts.py"}),
    ],
)
def test_an_edit_reaches_what_imports_it_and_no_more(script, there, not_there):
    assert there <= names(script)
    assert not not_there & names(script)


def test_what_carries_replies_shapes_none():
    assert all((SCRIPTS / name).is_file() for name in NOT_TRACKED)
    assert not {f"collide/{name}" for name in names("evaluate/evaluate.py")} & NOT_TRACKED


def test_a_digest_depends_on_names_and_contents_and_on_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(source_files, "SCRIPTS", tmp_path)
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_bytes(b"a\n")
    second.write_bytes(b"b\n")
    before = digest_files([first, second])
    first.write_bytes(b"a\r\n")
    assert digest_files([second, first, first]) == before
    first.write_bytes(b"a\nb\n")
    second.write_bytes(b"")
    assert digest_files([first, second]) != before


def test_every_import_of_a_module_is_found():
    """The regular expression finds what Python's own parser finds, in all files."""
    for path in sorted(SCRIPTS.rglob("*.py")):
        assert source_files._find_imports(path) == parse_imports(path), path


def parse_imports(path):
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    names = [name for node in nodes for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))]
    files = {f"{name.replace('.', '/')}.py" for name in names if name.startswith("collide.")}
    return {SCRIPTS / file for file in files - NOT_TRACKED if (SCRIPTS / file).is_file()}
