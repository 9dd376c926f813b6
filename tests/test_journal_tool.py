"""The tool that looks after journals, as it is called."""

import json

import pytest

from collide.llm.journal import Journal
from collide.llm.request import Labels, Reply
from journal import main

CONFIG = """
criteria: {fluency: {}}
studies: {main: {modes: [single, SSS], gates: [mae], seeds: [0]}}
"""


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "journal"
    for place in ("main/SSS/mae/seed0", "main/single-fluency/mae/seed0", "main/SSS/mae/seed9", "cherrypick/mae-spearman"):
        with Journal(root / place / "optimize.journal") as journal:
            journal.append("a", Reply("rating 4", "m", "stop", 10, 2), "task", Labels(1, "d/M0", ("fluency",)), 1)
            journal.append("b", Reply("be exact", "m"), "gradient", Labels(2, "d/M0", ("relevance",)), 1)
            journal.append("c", "too long", "task", Labels(2, "d/M1", ("fluency",)), 1)
    return root


def test_list_counts_replies_by_role(folder, capsys):
    assert main(["list", str(folder)]) == 0
    told = capsys.readouterr().out
    assert told.count("1 gradient, 2 task") == 4
    assert "4 journals" in told


def test_show_selects_by_role_step_and_criterion(folder, capsys):
    main(["show", str(folder / "main/SSS/mae/seed0"), "--role", "task", "--criterion", "fluency"])
    told = capsys.readouterr().out
    assert "rating 4" in told
    assert "refused: too long" in told
    assert "be exact" not in told
    main(["show", str(folder), "--step", "1"])
    assert "too long" not in capsys.readouterr().out


def test_export_is_json_lines_of_all_records(folder, capsys):
    main(["export", str(folder / "main/SSS/mae/seed0/optimize.journal")])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["text"] for row in rows] == ["rating 4", "be exact", None]
    assert rows[0]["tokens_in"] == 10
    assert rows[2]["refused"] == "too long"


def test_verify_tells_a_torn_end_and_fails_on_a_damaged_middle(folder, capsys):
    path = folder / "main/SSS/mae/seed0/optimize.journal"
    sound = path.read_bytes()
    path.write_bytes(sound[:-5])
    assert main(["verify", str(path)]) == 0
    assert "torn" in capsys.readouterr().out
    assert path.read_bytes() == sound[:-5]
    path.write_bytes(sound[:20] + b"X" + sound[21:])
    assert main(["verify", str(path)]) == 1
    assert "line 1: damaged" in capsys.readouterr().out


def test_prune_is_dry_by_default_and_spares_what_is_used(folder, tmp_path, capsys):
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    gone = folder / "main/SSS/mae/seed9/optimize.journal"
    main(["prune", str(folder), "--config", str(config)])
    assert f"would delete {gone}" in capsys.readouterr().out
    assert gone.exists()
    main(["prune", str(folder), "--config", str(config), "--delete"])
    assert not gone.exists()
    assert len(list(folder.rglob("*.journal"))) == 3


def test_a_folder_without_journals_is_told(tmp_path, capsys):
    assert main(["list", str(tmp_path)]) == 1
    assert "no journal here" in capsys.readouterr().err
