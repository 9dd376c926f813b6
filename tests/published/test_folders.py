"""Discovery: the runs of a folder are found by their names and summaries, and nothing is guessed."""

import json

import pytest

from collide.errors import InputError
from collide.published.folders import find_base, find_runs, list_run_files, number_files

from .made import CRITERIA, write_run

NAME = "TextGrad-SummEval-02Apr2026-{}-run_{}"


def describe(base):
    found = find_runs(base, CRITERIA)
    return {(folder.mode, folder.gate, folder.number): folder for folder in found.list_runs()}, found


def test_runs_are_found_by_mode_gate_criterion_and_number(tmp_path):
    write_run(tmp_path, NAME.format("SSC-val=mae", 1), "SSC", "mae")
    write_run(tmp_path, NAME.format("SSC-val=ob1", 12), "SSC", "off_by_one")
    write_run(tmp_path, NAME.format("CCC-val=none-task=fluency", 2), "CCC", "none", ["fluency"])
    runs, _ = describe(tmp_path)
    assert list(runs) == [("single-fluency", "none", 2), ("SSC", "mae", 1), ("SSC", "off_by_one", 12)]
    assert {run.status for run in runs.values()} == {"finished"}


def test_the_summary_decides_where_the_name_differs(tmp_path):
    write_run(tmp_path, NAME.format("SSC-val=mae", 1), "CCC", "spearman")
    assert list(describe(tmp_path)[0]) == [("CCC", "spearman", 1)]


def test_a_run_without_a_summary_is_what_its_name_says(tmp_path):
    run = write_run(tmp_path, "TextGrad-SummEval-29May2026-SCC-val=mae-run-3", "SSS")
    (run / "run_summary.json").unlink()
    runs, _ = describe(tmp_path)
    assert list(runs) == [("SCC", "mae", 3)]
    assert runs["SCC", "mae", 3].status == "stopped after step 2"


@pytest.mark.parametrize(
    ("summary", "status"),
    [
        ({"completed_at": None, "error": "no reply", "error_step": 2}, "failed at step 2"),
        ({"completed_at": None}, "stopped after step 2"),
    ],
)
def test_runs_that_ended_early_are_told_apart(tmp_path, summary, status):
    write_run(tmp_path, NAME.format("SSS-val=mae", 1), "SSS", "mae", summary=summary)
    assert describe(tmp_path)[0]["SSS", "mae", 1].status == status


def test_unknown_folders_are_listed_with_the_reason(tmp_path):
    write_run(tmp_path, NAME.format("SSS-val=mae", 1), "SSS", "mae")
    write_run(tmp_path / "4", NAME.format("SSS-val=mae", 2), "SSS", "mae")
    write_run(tmp_path, NAME.format("CCC-val=mae-task=style", 1), "CCC", "mae", ["style"], rate=lambda *_: 3)
    write_run(tmp_path, NAME.format("SCC-val=f1", 1), "SCC", "f1")
    write_run(tmp_path, NAME.format("SCC-val=mae", 1), "SCC", "mae", evaluations=[])
    (tmp_path / "textgrad_mode_plots").mkdir()
    runs, found = describe(tmp_path)
    assert list(runs) == [("SSS", "mae", 1)]
    problems = {folder.path.name: folder.problem for folder in found.folders if folder.problem}
    assert problems == {
        "4": "1 runs of no study",
        NAME.format("CCC-val=mae-task=style", 1): "unknown criteria style",
        NAME.format("SCC-val=f1", 1): "unknown gate f1",
        NAME.format("SCC-val=mae", 1): "no predictions of test pairs",
        "textgrad_mode_plots": "not a folder of a run",
    }


def test_two_folders_that_claim_the_same_run_are_both_left_out(tmp_path):
    for date in ("02Apr2026", "29May2026"):
        write_run(tmp_path, f"TextGrad-SummEval-{date}-SSS-val=mae-run_1", "SSS", "mae")
    runs, found = describe(tmp_path)
    assert not runs
    assert [folder.problem for folder in found.folders] == [
        "the same run as TextGrad-SummEval-29May2026-SSS-val=mae-run_1",
        "the same run as TextGrad-SummEval-02Apr2026-SSS-val=mae-run_1",
    ]


def test_the_base_may_lie_one_folder_deeper(tmp_path):
    write_run(tmp_path / "unified", NAME.format("SSS-val=mae", 1))
    assert find_base(tmp_path) == find_base(tmp_path / "unified") == tmp_path / "unified"
    write_run(tmp_path / "other", NAME.format("SSS-val=mae", 1))
    with pytest.raises(InputError, match="2 subfolders hold runs"):
        find_base(tmp_path)


def test_a_folder_without_runs_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no run found"):
        find_base(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        find_base(tmp_path / "absent")


def test_files_are_ordered_by_number_not_by_name(tmp_path):
    for number in (0, 2, 10):
        (tmp_path / f"eval_step_{number}.parquet").touch()
    assert list(number_files(tmp_path, "eval_step_*.parquet")) == [0, 2, 10]


def test_the_files_of_a_run_are_listed(tmp_path):
    run = write_run(tmp_path, NAME.format("SSS-val=mae", 1))
    (run / "steps_summary.jsonl").write_text(json.dumps({"step": 1}))
    names = [path.removeprefix(f"{run}/") for path in list_run_files(run)]
    evaluations = [f"eval_step_{step}.parquet" for step in range(3)]
    assert names == ["run_summary.json", *evaluations, "run_logs/step_0001.parquet", "run_logs/step_0002.parquet"]
