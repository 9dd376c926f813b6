"""Checks of the authors' logs: made-up folders with each fault, and without it."""

import pytest

from collide.analysis.prediction_groups import read_prediction_groups
from collide.analysis.scores import read_scored_run
from collide.common.csv_json import read_json_lines
from collide.published.checks import LoggedStudy, check_logs, index_picked
from collide.published.corpus import collect_pairs
from collide.published.files import write_predictions
from collide.published.folders import find_runs
from collide.published.logs import read_evaluation

from .made import CRITERIA, make_rows, write_evaluation, write_run
from .test_import import import_all, name


def check(base, target, cells=(("SSS", "mae"),), picked=()):
    """Return the checks of the runs of a base by name; `picked` are evaluations by cherry-picked prompts."""
    imported = import_all(base, target)
    found = find_runs(base, CRITERIA)
    pairs = collect_pairs([folder.files for folder in found.list_runs()]).pairs
    groups = {}
    for variant, path in picked:
        write_predictions(target / f"{variant}.parquet", {"prompt": read_evaluation(path, list(CRITERIA)).pairs})
        groups[variant] = index_picked(read_prediction_groups(target / f"{variant}.parquet").groups)
    study = LoggedStudy(
        "main",
        [read_scored_run(files["steps"], files["predictions"]) for files in imported.values()],
        [read_json_lines(files["steps"]) for files in imported.values()],
        [pair for pair in pairs if pair.split == "train"],
        [pair for pair in pairs if pair.split == "test"],
        found.folders,
        cells,
        groups,
        dict.fromkeys(groups, True),
    )
    return {found.check: found for found in check_logs(study)}


def test_the_form_of_the_reply_after_a_rewrite(tmp_path):
    write_run(tmp_path, name(), gate="mae", accepted=(False, True))
    found = check(tmp_path, tmp_path)["output format"]
    assert (found.answer, found.value, found.n) == ("no", 0.0, 1)
    assert found.meaning.endswith("before it, 2 of 2 state it")
    assert found.effect == "ratings that are missing or no whole number: 0.00% with it, 0.00% without it"


@pytest.mark.parametrize(("whole", "answer"), [((True, True), "yes"), ((False, False), "no"), ((True, False), "in some runs")])
def test_whole_human_scores_are_those_of_one_expert(tmp_path, whole, answer):
    for number, is_whole in enumerate(whole, start=1):
        rows = make_rows(gold=lambda d, s, c, part=0 if is_whole else 1 / 3: 1 + (d + s + c) % 4 + part)
        write_run(tmp_path, name(number=number), gate="mae", rows=rows)
    found = check(tmp_path, tmp_path)["human score"]
    assert found.answer == answer
    assert found.effect == ("averages mix both kinds in SSS mae" if answer == "in some runs" else "")


def test_pairs_of_batches_in_the_test_set_and_pairs_with_other_scores(tmp_path):
    rows = make_rows()
    rows.append((*rows[0][:2], {**rows[0][2], "fluency": 3.5}))
    write_run(tmp_path, name(), gate="mae", rows=rows)
    found = check(tmp_path, tmp_path)
    assert (found["training pairs in the test set"].answer, found["training pairs in the test set"].value) == ("yes", 1.0)
    assert found["training pairs in the test set"].effect.startswith(
        "without their documents, the initial correlation moves by"
    )
    assert (found["repeated pairs"].answer, found["repeated pairs"].value) == ("yes", pytest.approx(1 / 12))


def test_batches_of_several_runs(tmp_path):
    write_run(tmp_path, name(number=1), gate="mae")
    write_run(tmp_path, name(number=2), gate="mae")
    assert check(tmp_path, tmp_path / "a")["batches"].answer == "yes"
    write_run(tmp_path, name(number=3), gate="mae", rows=make_rows()[::-1])
    found = check(tmp_path, tmp_path / "b")["batches"]
    assert (found.value, found.effect) == (2.0, "other batches than most runs: main/SSS/mae/seed3")


def test_an_unchanged_prompt_that_is_judged_again(tmp_path):
    def rate(text, summary, gold, criterion, step):
        return 6 - gold[criterion] if step == 1 else gold[criterion]

    write_run(tmp_path, name(), gate="mae", accepted=(False, True), rate=rate)
    found = check(tmp_path, tmp_path)["judged again"]
    assert (found.answer, found.n) == ("yes", 1)
    assert found.value == pytest.approx(2)


def test_runs_that_are_missing_or_ended_early(tmp_path):
    write_run(tmp_path, name(number=1), gate="mae")
    write_run(tmp_path, name(number=2), gate="mae", summary={"completed_at": None})
    found = check(tmp_path, tmp_path, [("SSS", "mae"), ("CCC", "mae")])["missing runs"]
    assert (found.answer, found.value, found.n) == ("yes", 5.0, 6)
    assert found.effect == "averages are over fewer runs: SSS mae 2, CCC mae 3"


def test_the_drop_needs_rewritten_prompts_that_state_the_form(tmp_path):
    for criterion in CRITERIA:
        write_run(tmp_path, name(f"CCC-val=mae-task={criterion}"), "CCC", "mae", [criterion])
    path = tmp_path / "picked.parquet"
    write_evaluation(path, 0, make_rows(), rate=lambda *_: 3)
    found = check(tmp_path, tmp_path, picked=[("mae-spearman", path)])["drop with the same skeleton"]
    assert (found.answer, found.value, found.n) == ("not known", None, 0)
    # The cherry-picked prompt rates all pairs alike, so that its correlation counts as 0.
    assert found.effect.startswith("against Single-Task prompts that do not state it, as in the paper, the drop is +")
