import base64
import json
import re
import shutil
from collections import Counter

import pyarrow.parquet as pq
import pytest

from collide.analysis.estimates import EstimateName
from collide.common.csv_json import is_simulated, read_csv

from .conftest import planned, snakemake, succeed

RUN = "results/simulated/runs/main/SSS/mae/seed0"


def test_all_makes_scores_table_and_figure(finished):
    for study in ("main", "deepseek", "gradient-swap"):
        assert (finished / f"results/simulated/scores/{study}.csv").stat().st_size > 1000
    assert "SIMULATED" in (finished / "results/simulated/tables/table1.tex").read_text()
    assert is_simulated(finished / "results/simulated/tables/table1.csv")
    assert (finished / "paper_figures/simulated/figure2.pdf").read_bytes().startswith(b"%PDF")
    assert (finished / "paper_figures/simulated/figure2.png").read_bytes().startswith(b"\x89PNG")


def test_a_second_run_has_nothing_to_do(finished):
    done = succeed(finished, "all")
    assert "Nothing to be done" in done.stdout + done.stderr


def test_each_run_records_all_its_steps(finished):
    records = [json.loads(line) for line in (finished / RUN / "steps.jsonl").read_text().splitlines()]
    assert [record["step"] for record in records] == [0, 1, 2]
    assert len(records[1]["critiques"]) == len(records[1]["gradients"]) == 3 * 4
    usage = json.loads((finished / RUN / "usage.json").read_text())
    assert usage["optimize"]["roles"]["gradient"]["calls"] >= 2 * 12
    assert usage["evaluate"]["roles"]["task"]["calls"] >= 60


def test_runs_differ_by_mode_and_by_seed(finished):
    def last(mode, seed):
        path = finished / f"results/simulated/runs/main/{mode}/none/seed{seed}/steps.jsonl"
        return json.loads(path.read_text().splitlines()[-1])["instructions"]

    assert last("SSS", 0) != last("SSS", 1)
    assert last("SSS", 0) != last("SCC", 0)


def test_the_test_pairs_are_no_input_of_an_optimization(finished):
    name = base64.urlsafe_b64encode(f"{RUN}/steps.jsonl".encode()).decode()
    record = next(path for path in (finished / ".snakemake/metadata").rglob("*") if path.name in (name, name.rstrip("=")))
    inputs = json.loads(record.read_text())["input"]
    assert any(path.endswith("corpus/summeval/paper/train.parquet") for path in inputs)
    assert not [path for path in inputs if "test" in path or "pairs.parquet" in path or "split.csv" in path]


@pytest.mark.parametrize("target", ["table1", "figure2", "scores", "runs", "results/simulated/tables/table1.tex"])
def test_targets_are_reached_by_rule_and_by_file(finished, target):
    done = succeed(finished, "--dry-run", target)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_rerun_is_answered_by_the_journal_and_ends_in_the_same_bytes(finished, tmp_path):
    """An edit of the optimization's code has this effect: the run is made again, without a call."""
    before = (finished / RUN / "steps.jsonl").read_bytes()
    succeed(finished, "--force", f"{RUN}/steps.jsonl")
    assert (finished / RUN / "steps.jsonl").read_bytes() == before
    usage = json.loads((finished / RUN / "optimize.json").read_text())["roles"]
    assert {role: facts["sent"] for role, facts in usage.items()} == dict.fromkeys(usage, 0)
    done = succeed(finished, "--dry-run", "all")
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--config", "sorce=live"), ["unknown key 'sorce'", "did you mean 'source'?"]),
        (("--config", "corpus=nowhere.jsonl"), ["corpus is 'nowhere.jsonl', which is no file"]),
        (
            ("--sdm", "apptainer"),
            ["--sdm apptainer needs the image collide.sif in the working directory", "docs/containers.md"],
        ),
        (("--config", "human_score=median"), ["'human_score' is now called 'protocols.paper.human_score'"]),
    ],
)
def test_a_wrong_setting_ends_with_one_sentence_and_no_traceback(tmp_path, arguments, says):
    done = snakemake(tmp_path, "--dry-run", "all", *arguments)
    assert done.returncode != 0
    for words in says:
        assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_tied_to_a_place(finished):
    """No file names the folder in which it was made."""
    for path in (finished / "results").rglob("*"):
        if path.is_file():
            assert str(finished).encode() not in path.read_bytes(), path


def test_an_edited_figure_reruns_the_figures_that_share_its_builder_alone(finished, edited):
    edited("scripts/collide/report/figures/trajectories.py", "# edited\n")
    jobs = planned(finished, "all")
    assert {name: n for name, n in jobs.items() if name not in ("make_document", "write_manifest")} == {"make_figure": 4}


def test_an_edited_rubric_reruns_diagnostics_and_no_optimization(finished, edited):
    edited("scripts/collide/optimize/prompts/specificity.jinja", "Be exact.\n")
    jobs = planned(finished, "all")
    runs = len(list((finished / "results/simulated/runs").rglob("steps.jsonl")))
    assert jobs["diagnose"] == runs
    assert {"merge_estimates", "make_table", "check_claims"} <= set(jobs)
    assert not {"optimize", "evaluate", "read_corpus", "split_corpus", "score_study"} & set(jobs)


def test_an_edited_optimization_step_reruns_the_runs(finished, edited):
    edited("scripts/collide/optimize/loop/textgrad.py", "# edited\n")
    jobs = planned(finished, "runs")
    assert jobs["optimize"] == len(list((finished / "results/simulated/runs").rglob("steps.jsonl")))
    assert set(jobs) <= {"optimize", "runs"}


def test_a_deleted_figure_is_made_again_by_one_job(finished):
    path = finished / "paper_figures/simulated/figure3.pdf"
    before = path.read_bytes()
    path.unlink()
    assert {name: n for name, n in planned(finished, "figure3").items() if name != "figure3"} == {"make_figure": 1}
    succeed(finished, "all")
    assert path.read_bytes() == before


def test_an_example_that_is_not_run_costs_no_run(tmp_path):
    """Appendix E's example is a run of the main study, which this configuration leaves out."""
    jobs = planned(tmp_path, "all", "document", "--config", "active_studies=[deepseek]")
    assert jobs["optimize"] == 2
    assert jobs["make_appendix"] == 1


def test_the_report_holds_tables_figures_and_claims(finished, tmp_path):
    report = tmp_path / "report.html"
    succeed(finished, "--report", str(report), "all")
    text = report.read_text(encoding="utf-8")
    for category in ("Tables", "Figures", "Claims"):
        assert category in text


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="LaTeX is not there")
def test_the_document_is_set(finished):
    assert (finished / "paper_figures/simulated/artifact.pdf").read_bytes().startswith(b"%PDF")


def test_the_forecast_of_a_finished_project_is_the_calls_that_it_made(finished):
    printed = succeed(finished, "forecast").stdout
    assert "Remaining time" in printed
    made = {(row["study"], row["role"]): row for row in read_csv(finished / "results/simulated/cost.csv")}
    forecast = Counter()
    for row in read_csv(finished / "results/simulated/forecast.csv")[:-1]:
        forecast[row["study"], row["role"]] += float(row["calls_middle"])
        assert float(row["calls_left_high"]) == 0
    assert forecast == {key: float(row["replies"]) for key, row in made.items() if key[0] != "total"}


def test_a_study_of_another_protocol_has_rows_and_prompts_of_its_own(finished):
    rows = read_csv(finished / "results/simulated/corpus/summeval/authors/split.csv")
    assert all(re.fullmatch(r".*/expert[123]", row["pair"]) for row in rows)
    assert not (finished / "results/simulated/initial/authors").exists()
    path = finished / "results/simulated/runs/authors-protocol/SSC/mae/seed0/steps.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({record["prompt"] for record in records}) == len(records) == 3
    accepted = [record["gate"]["accepted"] for record in records[1:]]
    assert [not record["output_format"] for record in records] == [False, accepted[0], any(accepted)]
    assert read_csv(finished / "results/simulated/estimates/authors-protocol/SSC/mae/agreement.csv")


def test_the_judge_evaluation_has_the_correlations_of_the_tables(finished):
    results = finished / "results/simulated"
    estimates = {tuple(row[name] for name in EstimateName._fields): row for row in read_csv(results / "estimates.csv")}
    rows = read_csv(results / "quality/main.csv")
    pooled = [row for row in rows if (row["level"], row["metric"]) == ("pooled", "spearman") and row["prompt"] != "expert"]
    assert len(pooled) == 3 * 2 * 3 * 5
    for row in pooled:
        name = ("main", row["mode"], row["gate"], row["criterion"], row["prompt"])
        for number in ("value", "low", "high"):
            assert float(row[number]) == pytest.approx(float(estimates[name][number]), abs=1e-9), name


def test_a_retest_asks_for_new_replies(finished):
    results = finished / "results/simulated"
    first = pq.read_table(results / "initial/summeval/paper/qwen3-8b/together/seed0/test.parquet")
    again = pq.read_table(results / "retest/summeval/paper/qwen3-8b/together/seed0/repeat1.parquet")
    assert first.select(["prompt", "pair", "criterion"]).equals(again.select(["prompt", "pair", "criterion"]))
    changed = [a != b for a, b in zip(first["score"].to_pylist(), again["score"].to_pylist(), strict=True)]
    assert 0 < sum(changed) < len(changed) / 2
