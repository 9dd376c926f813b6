"""`snakemake check` prints what will be run, and runs nothing."""

from .conftest import planned, snakemake, succeed


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


def test_a_changed_data_set_is_refused_where_tables_of_the_old_one_would_stay(finished, tmp_path):
    other = tmp_path / "other.jsonl"
    embedded = finished / "results/simulated/corpus/summeval/embedded.jsonl"
    other.write_text(embedded.read_text(encoding="utf-8").replace("council", "board"), encoding="utf-8")
    table = finished / "results/simulated/tables/table1.csv"
    before = table.read_bytes()
    done = snakemake(finished, "table6", "--config", f"corpus={other}")
    assert done.returncode != 0
    assert "the file of the data set summeval has changed, but" in done.stderr
    assert "describe the new file under another name in `datasets`" in done.stderr
    assert table.read_bytes() == before
    assert not planned(finished, "all")
