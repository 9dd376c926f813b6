import subprocess

from collide.provenance.code_version import digest_code, find_code_version


def make_project(folder):
    for path, text in (("Snakefile", "rule all:\n"), ("rules/a.smk", "# a\n"), ("scripts/b.py", "b = 1\n")):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    return folder


def run_git(folder, *arguments):
    names = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True)


def test_the_digest_depends_on_names_and_contents_and_on_nothing_else(tmp_path):
    project = make_project(tmp_path)
    before = digest_code(project)
    (project / "notes.txt").write_text("not code")
    (project / "scripts/__pycache__").mkdir()
    (project / "scripts/__pycache__/b.pyc").write_bytes(b"cached")
    (project / "scripts/b.py").write_bytes(b"b = 1\r\n")
    assert digest_code(project) == before
    (project / "scripts/b.py").rename(project / "scripts/c.py")
    assert digest_code(project) != before


def test_outside_of_a_checkout_there_is_a_digest_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    project = make_project(tmp_path)
    assert find_code_version(project) == {"commit": None, "changed": None, "digest": digest_code(project)}


def test_a_checkout_has_its_commit_and_tells_of_changed_code(tmp_path):
    project = make_project(tmp_path)
    run_git(project, "init", "--quiet")
    run_git(project, "add", ".")
    run_git(project, "commit", "--quiet", "--message", "first")
    version = find_code_version(project)
    assert len(version["commit"]) == 40 and version["changed"] is False
    (project / "config.yaml").write_text("seed: 1\n")
    find_code_version.cache_clear()
    assert find_code_version(project)["changed"] is False
    (project / "rules/a.smk").write_text("# b\n")
    find_code_version.cache_clear()
    assert find_code_version(project)["changed"] is True
