import copy
from pathlib import Path

import pytest
import yaml

from collide.experiment.datasets import study_criteria
from collide.experiment.jobs import EVALUATED_SPLITS, list_model_jobs
from collide.experiment.paths import (
    appendix_steps_file,
    choose_example,
    initial_prediction_files,
    initial_validation_files,
    rating_files,
    raw_corpus_file,
    retest_files,
    run_files,
    variant_files,
)
from collide.experiment.runs import RunId, list_initial_prompts, list_runs, list_study_runs
from collide.experiment.variants import list_variants

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("suffix", ["", "/steps.jsonl", ".csv", ".usage.json"])
def test_a_runs_path_is_read_back_from_any_of_its_files(suffix):
    for run in list_study_runs(CONFIG, CONFIG["studies"]):
        assert RunId.parse(f"results/live/somewhere/{run.path}{suffix}") == run
        assert RunId.parse(Path(f"{run.path}{suffix}")) == run


@pytest.mark.parametrize("path", ["results/live/corpus/test.parquet", "main/SSS/mae", "main/SSS/mae/seedling", "seed0"])
def test_a_path_that_names_no_run_is_refused(path):
    with pytest.raises(ValueError, match="names no run"):
        RunId.parse(path)


def test_a_study_has_one_run_per_mode_gate_and_seed_and_single_task_one_per_criterion():
    runs = list_runs(CONFIG, "main")
    assert len(runs) == len(set(runs)) == 48
    single = [run for run in runs if run.shown_mode == "single"]
    assert len(single) == 4 * 2 * 3
    assert {run.mode for run in single} == {f"single-{name}" for name in study_criteria(CONFIG, "main")}
    assert {run.shown_mode for run in runs} == set(CONFIG["studies"]["main"]["modes"])


def test_runs_of_the_same_judge_criteria_and_seed_start_from_the_same_prompt():
    by_path = {run.path: list_initial_prompts(CONFIG, run, ("test",)) for run in list_study_runs(CONFIG, CONFIG["studies"])}
    assert by_path["main/SSS/mae/seed0"] == by_path["gradient-swap/SCC/mae/seed0"]
    others = ["main/SSS/mae/seed1", "main/single-fluency/mae/seed0", "deepseek/SSS/mae/seed0"]
    assert all(by_path["main/SSS/mae/seed0"] != by_path[other] for other in others)


def test_each_job_that_calls_models_is_listed_once_with_a_journal_and_a_usage_file_of_its_own():
    jobs = list_model_jobs(CONFIG, "simulated")
    kinds = [job.kind for job in jobs]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "initial": 2 * 3 * 5 * len(EVALUATED_SPLITS),
        "retest": 2 * 3,
        **dict.fromkeys(("optimize", "evaluate", "diagnose"), 78),
        "variant": 13 * 3,
    }
    assert len({job.journal for job in jobs}) == len({job.usage for job in jobs}) == len(jobs)


def test_jobs_of_studies_that_are_not_active_are_left_out():
    jobs = list_model_jobs(CONFIG | {"active_studies": ["deepseek"]}, "simulated")
    assert {job.study for job in jobs} == {"deepseek", "initial", "retest"}


def test_prices_of_models_that_have_none_are_zero():
    jobs = list_model_jobs(CONFIG, "simulated")
    assert all(model["price_in"] == model["price_out"] == 0 for job in jobs for model in job.models.values())
    live = next(job for job in list_model_jobs(CONFIG, "live") if job.kind == "diagnose")
    assert live.models["evaluator"]["price_out"] == CONFIG["models"]["claude-sonnet"]["live"]["price_out"]


def test_variants_pick_from_each_study_with_single_task_runs_that_does_not_decline():
    assert len(list_variants(CONFIG, "main")) == 13
    assert list_variants(CONFIG, "deepseek") == list_variants(CONFIG, "gradient-swap") == {}
    changed = copy.deepcopy(CONFIG)
    changed["studies"]["main"]["modes"] = ["SSS"]
    del changed["studies"]["deepseek"]["cherrypick"]
    assert list_variants(changed, "main") == {}
    picked = list_variants(changed, "deepseek").values()
    assert {variant["study"] for variant in picked} == {"deepseek"}
    assert {gate for variant in picked for gate in variant["gates"]} == {"mae"}
    jobs = [job for job in list_model_jobs(changed, "simulated") if job.kind == "variant"]
    assert len(jobs) == len(picked) * len(CONFIG["studies"]["deepseek"]["seeds"])
    assert all(job.journal.startswith("results/simulated/journal/cherrypick/deepseek/") for job in jobs)


def test_paths_lie_below_the_folder_of_the_source():
    runs = list_runs(CONFIG, "gradient-swap")
    assert run_files(runs, "steps.jsonl", "live")[0] == "results/live/runs/gradient-swap/SSC/mae/seed0/steps.jsonl"
    assert rating_files(runs, "live")[0] == "results/live/diagnostics/gradient-swap/SSC/mae/seed0.csv"
    assert variant_files(CONFIG, "main", "usage.json", "live", ["mae-spearman"]) == [
        f"results/live/cherrypick/main/mae-spearman/seed{seed}/usage.json" for seed in (0, 1, 2)
    ]


def test_the_raw_corpus_is_written_downloaded_or_the_users_own():
    assert raw_corpus_file(CONFIG, "summeval", "simulated") == "results/simulated/corpus/summeval/embedded.jsonl"
    assert raw_corpus_file(CONFIG, "summeval", "live") == "results/live/corpus/summeval/download"
    assert raw_corpus_file(CONFIG | {"corpus": "my.jsonl"}, "summeval", "live") == "my.jsonl"


@pytest.mark.parametrize(("key", "value"), [("study", "deepseek"), ("gate", "spearman"), ("seed", 7), ("step", 99)])
def test_an_example_that_is_not_run_gives_way_to_a_run_of_an_active_study(key, value):
    other = CONFIG | {"appendix_example": CONFIG["appendix_example"] | {"mode": "SCC", "step": 3}, "active_studies": ["main"]}
    assert choose_example(other) == {"study": "main", "mode": "SCC", "gate": "mae", "seed": 0, "step": 3}
    first = {"study": "main", "mode": "SSS", "gate": "mae", "seed": 0, "step": 1}
    assert choose_example(other | {"appendix_example": other["appendix_example"] | {key: value}}) == first
    assert appendix_steps_file(other, "live") == "results/live/runs/main/SCC/mae/seed0/steps.jsonl"


def test_the_initial_prompts_predictions_are_shared_by_runs_of_its_model_scope_and_seed():
    first, second, third = (
        RunId("main", "SSS", "mae", 1),
        RunId("gradient-swap", "SCC", "mae", 1),
        RunId("deepseek", "SSS", "mae", 1),
    )
    files = initial_prediction_files(CONFIG, first, ("test", "validation"), "live")
    assert files == [
        f"results/live/initial/summeval/paper/qwen3-8b/together/seed1/{split}.parquet" for split in ("test", "validation")
    ]
    assert initial_prediction_files(CONFIG, second, ("test", "validation"), "live") == files
    assert not set(initial_prediction_files(CONFIG, third, ("test", "validation"), "live")) & set(files)


def test_an_optimization_reads_the_initial_validation_where_it_rates_validation_pairs():
    gated, free = RunId("main", "single-fluency", "mae", 0), RunId("main", "single-fluency", "none", 0)
    file = "results/live/initial/summeval/paper/qwen3-8b/single-fluency/seed0/validation.parquet"
    assert initial_validation_files(CONFIG, gated, "live") == [file]
    assert initial_validation_files(CONFIG, free, "live") == []
    from_train = copy.deepcopy(CONFIG)
    from_train["protocols"]["paper"]["validation_from"] = "train"
    assert initial_validation_files(from_train, free, "live") == [file]


def test_runs_whose_steps_have_ratings_of_their_own_share_no_initial_prompt():
    run = RunId("authors-protocol", "SSS", "mae", 0)
    assert initial_prediction_files(CONFIG, run, ("test",), "live") == initial_validation_files(CONFIG, run, "live") == []
    config = CONFIG | {"active_studies": ["authors-protocol"]}
    assert {job.kind for job in list_model_jobs(config, "live")} == {"optimize", "evaluate", "diagnose"}


def test_only_prompts_over_all_criteria_are_evaluated_again_as_often_as_the_configuration_says():
    files = retest_files(CONFIG, "gradient-swap", "live")
    assert files == [f"results/live/retest/summeval/paper/qwen3-8b/together/seed{seed}/repeat1.parquet" for seed in (0, 1, 2)]
    assert retest_files(CONFIG | {"retest": {"repeats": 0}}, "gradient-swap", "live") == []
    assert len(retest_files(CONFIG | {"retest": {"repeats": 4}}, "main", "live")) == 12
    alone = copy.deepcopy(CONFIG)
    alone["studies"]["main"]["modes"] = ["single"]
    assert retest_files(alone, "main", "live") == []
