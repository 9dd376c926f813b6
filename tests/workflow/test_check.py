"""`snakemake check` prints what will be run, and runs nothing."""

from .conftest import snakemake, succeed


def test_the_check_prints_data_sets_studies_and_prompts_without_a_call(finished):
    before = sorted(path.relative_to(finished) for path in finished.rglob("*.journal"))
    shown = succeed(finished, "check").stdout
    assert "Data set summeval: embedded" in shown and "128 pairs of 8 documents" in shown
    row = next(line.split() for line in shown.splitlines() if line.startswith("deepseek"))
    assert row[1:4] == ["summeval", "SSC", "CCC"]
    for role in ("task, system", "task, user", "loss, user", "gradient, user", "optimizer, user", "adherence, user"):
        assert f"----- {role} message -----" in shown
    assert "[the critique]" in shown and "Rate from 1 to 5." in shown
    assert sorted(path.relative_to(finished) for path in finished.rglob("*.journal")) == before


def test_a_fault_of_an_overlay_names_its_file(tmp_path):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text("studies: {main: {stps: 1}}\n")
    done = snakemake(tmp_path, "check", configs=[overlay])
    assert done.returncode != 0
    assert f"{overlay}: unknown key 'studies.main.stps', did you mean 'steps'?" in done.stderr
