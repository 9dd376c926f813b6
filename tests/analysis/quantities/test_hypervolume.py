import numpy as np
import pytest

from collide.analysis.quantities import hypervolume
from collide.analysis.quantities.hypervolume import compute_archive_volumes, describe_precision, is_exact
from tests.handmade import volume


def volumes(points):
    """HVI after each point, by one row of draws."""
    return [float(by_row[0]) for by_row in compute_archive_volumes(np.array(points)[:, :, None])]


def test_hypervolume_by_hand():
    assert volumes([[0.285] * 4]) == [pytest.approx(2.726544000625, abs=1e-9)]
    # Two boxes of 1.5 x 1 and 1 x 1.2 above (-1, -1) share 1 x 1.
    assert volumes([[0.5, 0.0], [0.0, 0.2]]) == pytest.approx([1.5, 1.5 + 1.2 - 1.0])
    assert volumes([[0.5, 0.5], [0.1, 0.1]]) == pytest.approx([2.25, 2.25])


def test_an_undefined_step_does_not_join_the_archive():
    found = volumes([[np.nan, 0.5], [0.5, 0.5], [np.nan, 0.9]])
    assert np.isnan(found[0])
    assert found[1:] == pytest.approx([2.25, 2.25])


def draw_points(steps, criteria):
    return np.random.default_rng(criteria).uniform(-0.2, 0.6, (steps, criteria)).tolist()


@pytest.mark.parametrize("criteria", [1, 2, 5, 8, 12])
def test_one_to_twelve_criteria_are_exact_with_the_default_number_of_steps(criteria):
    assert is_exact(13, criteria)
    assert describe_precision(13, criteria) == []
    points = draw_points(7, criteria)
    assert volumes(points)[-1] == pytest.approx(volume([tuple(point) for point in points]), rel=1e-9)


def test_more_criteria_or_steps_are_approximated_and_say_so(monkeypatch):
    assert not is_exact(14, 12)
    assert not is_exact(13, 13)
    assert describe_precision(31, 12) == ["approximate, mostly within 3%"]
    points = draw_points(13, 12)
    exact = volumes(points)
    monkeypatch.setattr(hypervolume, "MOST_EXACT", 0)
    found = volumes(points)
    assert found == pytest.approx(exact, rel=0.04)
    # The same directions in every run.
    assert found == volumes(points) != exact


def test_the_lowest_kappa_is_the_reference_point():
    assert volumes([[-1.0, 0.5], [0.0, -1.0], [0.0, 0.0]]) == pytest.approx([0, 0, 1])
