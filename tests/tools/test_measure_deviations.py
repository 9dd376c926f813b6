import pytest
from tools.measure_deviations import CHANGES, compare_runs, make_config, measure_resampling

from collide.experiment.config import check_config


def test_each_study_differs_from_the_paper_in_its_choice_alone():
    config = make_config(seeds=2)
    check_config(config)
    paper = config["protocols"]["paper"]
    for name, change in CHANGES.items():
        assert {key: value for key, value in config["protocols"][name].items() if value != paper[key]} == change
    changed = {key for change in CHANGES.values() for key in change}
    assert changed == set(paper)
    assert config["active_studies"] == [*CHANGES, "authors"]


def test_differences_are_of_paired_runs_and_undefined_ones_are_counted():
    keys = [("SSS", "mae", "0"), ("SCC", "mae", "0"), ("SSS", "mae", "1"), ("SSS", "mae", "2")]
    paper = dict(zip(keys, (0.1, 0.3, 0.4, 0.3), strict=True))
    other = dict(zip(keys, (0.3, 0.3, 0.7, float("nan")), strict=True))
    # The differences of seeds are 0.1 and 0.3: their deviation is 0.2 / sqrt(2), the standard error of their mean half of 0.2.
    assert compare_runs(paper, other) == "0.267 | 0.433 | +0.200 ± 0.100 (1 of 4 undefined)"


def test_resampling_is_the_deviation_between_the_runs_of_a_seed():
    values = {("SSS", "mae", "0"): 0.1, ("SCC", "mae", "0"): 0.3, ("SSS", "mae", "1"): 0.2, ("SCC", "mae", "1"): 0.2}
    assert measure_resampling({"initial": values}).endswith(": 0.1414, 0.0000")


def test_a_study_without_defined_runs_says_so():
    key = ("SSS", "mae", "0")
    with pytest.raises(ValueError, match="no run"):
        compare_runs({key: float("nan")}, {key: 0.1})
