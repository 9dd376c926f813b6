"""The design of source `published` follows from what the folder holds."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from collide.errors import InputError
from collide.experiment.jobs import list_model_jobs
from collide.experiment.runs import list_runs
from collide.experiment.variants import list_variant_seeds, list_variants
from collide.published.design import describe_run, fill_design, list_inventory

from .made import CRITERIA, write_evaluation, write_run

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
NAME = "TextGrad-SummEval-02Apr2026-{}-run_{}"


def configure(folder, **changes):
    return deepcopy(CONFIG) | {"source": "published", "published": str(folder)} | changes


@pytest.fixture
def folder(tmp_path):
    write_run(tmp_path, NAME.format("SSS-val=none", 1), "SSS", "none")
    write_run(tmp_path, NAME.format("SSS-val=mae", 2), "SSS", "mae")
    write_run(tmp_path, NAME.format("CCC-val=mae-task=fluency", 1), "CCC", "mae", ["fluency"])
    write_run(tmp_path / "4", NAME.format("SSC-val=mae", 1), "SSC", "mae")
    return tmp_path


def test_a_study_has_the_runs_that_were_found_and_no_others(folder):
    config = configure(folder)
    fill_design(config)
    assert config["active_studies"] == ["main"]
    study = config["studies"]["main"]
    assert (study["modes"], study["gates"], study["seeds"]) == (["single", "SSS"], ["mae", "none"], [1, 2])
    assert (study["steps"], study["batch_size"], study["protocol"]) == (2, 3, "authors")
    found = ["main/single-fluency/mae/seed1", "main/SSS/mae/seed2", "main/SSS/none/seed1"]
    assert [run.path for run in list_runs(config, "main")] == found
    assert not list_model_jobs(config, "published")


def test_a_subfolder_is_a_study_only_when_the_configuration_says_so(folder):
    config = configure(folder, published_studies={"main": ".", "deepseek": "4"})
    found = fill_design(config)
    assert config["active_studies"] == ["main", "deepseek"]
    (run,) = list_runs(config, "deepseek")
    assert run.path == "deepseek/SSC/mae/seed1"
    assert describe_run(found, run)["path"].endswith("4/" + NAME.format("SSC-val=mae", 1))
    problems = {row["folder"]: row["problem"] for row in list_inventory(found) if row["study"] == "main"}
    assert problems["4"] == "the folder of study deepseek"


def test_the_variants_are_those_that_the_authors_judged(folder):
    path = folder / "TextGrad-SummEval-02Apr2026-cherrypick-val=mae-pick=ob1" / "run" / "eval_cherrypick.parquet"
    write_evaluation(path, 0, [("A.", "S.", dict.fromkeys(CRITERIA, 3.0))])
    config = configure(folder)
    fill_design(config)
    assert list(list_variants(config, "main")) == ["mae-off_by_one"]
    assert list_variant_seeds(config, "main") == [1]


def test_other_sources_keep_their_design(folder):
    config = configure(folder) | {"source": "simulated"}
    before = deepcopy(config)
    assert fill_design(config) == {}
    assert config == before


@pytest.mark.parametrize("place", [".", "results/published"])
def test_a_folder_that_the_workflow_writes_to_is_refused(folder, place, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="holds or lies in the folder results"):
        fill_design(configure(folder / place))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"published_studies": {"main": "5"}}, r"published_studies\.main is '5'"),
        ({"active_studies": ["gradient-swap"]}, "no run of an active study"),
        ({"published": None}, "published is null"),
    ],
)
def test_a_folder_without_the_study_is_one_sentence(folder, changes, message, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))
    with pytest.raises(InputError, match=message):
        fill_design(configure(folder, **changes))
