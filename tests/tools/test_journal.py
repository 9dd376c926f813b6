"""Commands of tools/journal.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools.journal import main

from collide.llm.journal import Journal
from collide.llm.request import CallOrigin, Reply

A, B, C, D = (letter * 32 for letter in "abcd")
CONFIG = "studies: {main: {modes: [single, SSS], gates: [mae], seeds: [0]}}"
RUN = "main/SSS/mae/seed0"
JOURNALS = (
    f"{RUN}/optimize",
    "main/single-fluency/mae/seed0/optimize",
    "main/SSS/mae/seed9/optimize",
    "cherrypick/main/mae-spearman/seed0",
    "cherrypick/main/none-spearman/seed0",
)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "journal"
    for place in JOURNALS:
        with Journal(root / f"{place}.journal") as journal:
            journal.append(A, Reply("rating 4", "m", "stop", 10, 2), "task", CallOrigin(1, "d/M0", ("fluency",)), 1)
            journal.append(B, Reply("be exact", "m"), "gradient", CallOrigin(2, "d/M0", ("relevance",)), 1)
            journal.append(C, "too long", "task", CallOrigin(2, "d/M1", ("fluency",)), 1)
    return root


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


def use(path, *keys):
    """Open a journal, use only these replies, and end without an error."""
    with Journal(path) as journal:
        for key in keys:
            assert journal.get(key)


def test_list_counts_replies_by_role(folder, capsys):
    assert main(["list", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("1 gradient, 2 task") == 5
    assert "5 journals" in shown


def test_size_adds_up_replies_and_bytes_by_study_and_role(folder, capsys):
    assert main(["size", str(folder)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:3] for row in rows] == [
        ["study", "role", "replies"],
        ["cherrypick", "gradient", "2"],
        ["cherrypick", "task", "4"],
        ["main", "gradient", "3"],
        ["main", "task", "6"],
        ["total", "15", rows[-1][2]],
    ]
    held = sum(path.stat().st_size for path in folder.rglob("*.journal"))
    assert rows[-1][2] == f"{held:,}"
    assert sum(int(row[3].replace(",", "")) for row in rows[1:-1]) == held


def test_show_selects_by_role_step_and_criterion(folder, capsys):
    main(["show", str(folder / RUN), "--role", "task", "--criterion", "fluency"])
    shown = capsys.readouterr().out
    assert "rating 4" in shown
    assert "refused: too long" in shown
    assert "be exact" not in shown
    main(["show", str(folder), "--step", "1"])
    assert "too long" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("run", "count"), [(RUN, 1), ("main/SSS", 2), ("cherrypick/main/mae-spearman/seed0", 1), ("main/SS", 0)]
)
def test_a_run_is_selected_by_its_name_or_the_first_parts_of_it(folder, capsys, run, count):
    assert main(["show", str(folder), "--run", run, "--role", "gradient"]) == (0 if count else 1)
    shown = capsys.readouterr()
    assert shown.out.count("be exact") == count
    assert ("no journal of the run" in shown.err) == (count == 0)


def test_show_escapes_control_characters(tmp_path, capsys):
    with Journal(tmp_path / "a.journal") as journal:
        journal.append(A, Reply("a\x1b[2J\r\u202e\tä\n", "m"), "task", CallOrigin(1, "d\x07", ("fluency",)), 1)
        journal.append(B, "no\x9b\ud800", "task", CallOrigin(1, "d", ("fluency",)), 1)
    assert main(["show", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "a\\x1b[2J\\r\\u202e\tä\n\n" in shown
    assert "d\\x07" in shown
    assert "refused: no\\x9b\\ud800" in shown


def test_export_is_json_lines_of_all_records(folder, capsys):
    main(["export", str(folder / RUN / "optimize.journal")])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["text"] for row in rows] == ["rating 4", "be exact", None]
    assert rows[0]["tokens_in"] == 10
    assert rows[2]["refused"] == "too long"


def test_a_closed_pipe_ends_the_tool_without_an_error(tmp_path):
    with Journal(tmp_path / "a.journal") as journal:
        for number in range(2000):
            journal.append(f"{number:032}", Reply("a long reply " * 9, "m"), "task", CallOrigin(1, "d", ("fluency",)), 1)
    tool = subprocess.Popen(
        [sys.executable, str(Path(__file__).parents[2] / "tools" / "journal.py"), "export", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    tool.stdout.readline()
    tool.stdout.close()
    assert (tool.stderr.read(), tool.wait()) == (b"", 0)
    tool.stderr.close()


def test_verify_reports_an_incomplete_end_and_fails_on_a_damaged_middle(folder, capsys):
    path = folder / RUN / "optimize.journal"
    sound = path.read_bytes()
    path.write_bytes(sound[:-5])
    assert main(["verify", str(path)]) == 0
    assert "incomplete reply" in capsys.readouterr().out
    assert path.read_bytes() == sound[:-5]
    path.write_bytes(sound[:20] + b"X" + sound[21:])
    assert main(["verify", str(path)]) == 1
    assert "line 1: the checksum does not match" in capsys.readouterr().out


def test_prune_deletes_nothing_by_default_and_selects_journals_that_no_job_writes(folder, config, capsys):
    gone = [folder / f"{place}.journal" for place in (JOURNALS[2], JOURNALS[4])]
    spent = gone[0].with_suffix(".spent")
    spent.write_text("1.5")
    assert main(["prune", str(folder), "--config", str(config)]) == 0
    shown = capsys.readouterr().out
    for path in gone:
        assert f"{path}: 3 of 3 replies, {path.stat().st_size} bytes: no job of the configuration writes it" in shown
    held = sum(path.stat().st_size for path in gone)
    assert f"unneeded: 6 replies, {held:,} bytes in 2 of 5 journals" in shown
    assert "nothing was deleted" in shown
    assert len(list(folder.rglob("*.journal"))) == 5
    assert main(["prune", str(folder), "--config", str(config), "--delete"]) == 0
    assert "deleted: 6 replies" in capsys.readouterr().out
    assert not any(path.exists() for path in gone)
    assert not spent.exists()
    assert len(list(folder.rglob("*.journal"))) == 3


def test_prune_selects_the_replies_that_the_job_did_not_use_and_no_others(folder, config, capsys):
    optimize = folder / RUN / "optimize.journal"
    lines = optimize.read_bytes().splitlines(keepends=True)
    use(optimize, A, C)
    assert main(["prune", str(folder), "--config", str(config)]) == 0
    assert f"{optimize}: 1 of 3 replies, {len(lines[1])} bytes: not used by its job" in capsys.readouterr().out
    assert optimize.read_bytes() == b"".join(lines)
    main(["prune", str(folder), "--config", str(config), "--delete"])
    assert optimize.read_bytes() == lines[0] + lines[2]
    use(optimize, A, C)
    capsys.readouterr()
    main(["prune", str(folder), "--config", str(config), "--delete"])
    assert "deleted: 0 replies" in capsys.readouterr().out


def test_prune_leaves_a_journal_alone_while_its_job_has_not_ended_without_an_error(folder, config, capsys):
    optimize = folder / RUN / "optimize.journal"
    use(optimize, A)
    with pytest.raises(KeyError), Journal(optimize):
        raise KeyError
    before = optimize.read_bytes()
    assert main(["prune", str(folder / RUN), "--config", str(config), "--delete"]) == 0
    assert optimize.read_bytes() == before
    assert "left alone: 1 journals" in capsys.readouterr().out


def test_prune_refuses_a_journal_that_is_being_written_and_continues(folder, config, capsys):
    first, second = (folder / f"{place}.journal" for place in (JOURNALS[2], JOURNALS[4]))
    with Journal(second):
        assert main(["prune", str(folder), "--config", str(config), "--delete"]) == 1
    assert "another process is writing this journal" in capsys.readouterr().err
    assert (first.exists(), second.exists()) == (False, True)


def test_an_interrupted_prune_leaves_the_journal_as_it_was(folder, config, monkeypatch):
    optimize = folder / RUN / "optimize.journal"
    use(optimize, A)
    before = optimize.read_bytes()

    def ended(*_):
        raise KeyboardInterrupt

    for moment in ("fsync", "replace"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(*((os, "fsync") if moment == "fsync" else (Path, "replace")), ended)
            main(["prune", str(folder), "--config", str(config), "--delete"])
        assert optimize.read_bytes() == before


def test_runs_that_any_of_several_configurations_adds_are_kept(folder, config, tmp_path, capsys):
    more = tmp_path / "more.yaml"
    more.write_text("studies: {main: {seeds: [0, 9]}}")
    assert main(["prune", str(folder), "--config", str(config), str(more)]) == 0
    assert JOURNALS[2] not in capsys.readouterr().out
    # By config.yaml alone, whose main study has the gate none and no seed 9.
    assert main(["prune", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert JOURNALS[2] in shown
    assert JOURNALS[4] not in shown


def test_the_small_configuration_of_the_tests_is_accepted(folder, capsys):
    assert main(["prune", str(folder), "--config", str(Path(__file__).parents[1] / "config.yaml")]) == 0
    assert "in 1 of 5 journals" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("studies: {main: {sedes: [1]}}", "did you mean 'seeds'"),
        ("[1", "cannot be read as YAML"),
        ("1", "expected keys as in config.yaml"),
    ],
)
def test_an_invalid_configuration_is_reported_and_nothing_is_deleted(folder, config, capsys, text, sentence):
    config.write_text(text)
    assert main(["prune", str(folder), "--config", str(config), "--delete"]) == 1
    assert sentence in capsys.readouterr().err
    assert len(list(folder.rglob("*.journal"))) == 5


def test_prune_works_from_within_a_folder_of_journals(folder, config, monkeypatch, capsys):
    monkeypatch.chdir(folder / "main" / "SSS")
    for place in (".", "mae/seed9", "mae/seed9/optimize.journal"):
        assert main(["prune", place, "--config", str(config)]) == 0
        assert "unneeded: 3 replies" in capsys.readouterr().out


@pytest.mark.parametrize("place", ["copy", "journal/copy"])
def test_a_journal_in_an_unexpected_place_is_reported_and_kept(tmp_path, config, capsys, place):
    path = tmp_path / f"{place}.journal"
    with Journal(path):
        pass
    assert main(["prune", str(tmp_path), "--config", str(config), "--delete"]) == 1
    assert "belongs to no run" in capsys.readouterr().err
    assert path.exists()


def test_a_folder_without_journals_is_reported(tmp_path, capsys):
    assert main(["list", str(tmp_path)]) == 1
    assert "no journal here" in capsys.readouterr().err


def test_evaluations_of_the_initial_prompt_belong_to_the_runs_that_start_from_it(folder, config, capsys):
    for place in (f"summeval/paper/qwen3-8b/{rest}" for rest in ("together/seed0", "single-fluency/seed0", "together/seed9")):
        with Journal(folder / "initial" / place / "test.journal") as journal:
            journal.append(A, Reply("4", "m"), "task", CallOrigin(None, "d/M0", ("fluency",)), 1)
    main(["prune", str(folder / "initial"), "--config", str(config)])
    shown = capsys.readouterr().out
    assert "in 1 of 3 journals" in shown
    assert "together/seed9/test.journal: 1 of 1 replies" in shown


def test_further_evaluations_beyond_the_configured_repeats_are_unneeded(folder, config, capsys):
    for repeat in (1, 9):
        with Journal(folder / f"retest/summeval/paper/qwen3-8b/together/seed0/repeat{repeat}.journal") as journal:
            journal.append(A, Reply("4", "m"), "task", CallOrigin(None, "d/M0", ("fluency",)), 1)
    main(["prune", str(folder / "retest"), "--config", str(config)])
    shown = capsys.readouterr().out
    assert "in 1 of 2 journals" in shown
    assert "repeat9.journal: 1 of 1 replies" in shown
