import pytest
from tools.measure_deviations import CHANGES, CONFIG, QUANTITIES, RunKey, compare_runs, measure_resampling


def make_runs(change, *values):
    places = (("SSS", "mae", 0), ("SCC", "mae", 0), ("SSS", "mae", 1), ("SSS", "mae", 2))
    return {RunKey(change, *place): value for place, value in zip(places, values, strict=True)}


def test_every_choice_of_a_protocol_is_measured_alone():
    paper = CONFIG["protocols"]["paper"]
    single = [change for name, change in CHANGES.items() if name not in ("paper", "authors")]
    assert all(len(change) == 1 for change in single)
    assert {key for change in single for key in change} == set(paper)
    assert not [key for change in single for key, value in change.items() if value == paper[key]]


def test_differences_are_of_paired_runs_and_undefined_ones_are_counted():
    paper, other = make_runs("paper", 0.1, 0.3, 0.4, 0.3), make_runs("other", 0.3, 0.3, 0.7, float("nan"))
    # The differences of seeds are 0.1 and 0.3: their deviation is 0.2 / sqrt(2), the standard error of their mean half of 0.2.
    assert compare_runs(paper, other) == "0.433 (+0.200 ± 0.100) (1 of 4 undefined)"
    with pytest.raises(ValueError, match="no run"):
        compare_runs(paper, make_runs("other", *[float("nan")] * 4))


def test_resampling_is_the_deviation_between_the_runs_of_a_seed():
    places = {("SSS", 0): 0.1, ("SCC", 0): 0.3, ("SSS", 1): 0.2, ("SCC", 1): 0.2}
    measured = {RunKey("x", mode, "mae", seed): {"initial": value} for (mode, seed), value in places.items()}
    assert QUANTITIES[0] == "initial"
    assert measure_resampling(measured, "x") == pytest.approx(0.1414 / 2, abs=1e-4)
