import numpy as np
import pytest

from collide.analysis.quantities.hypervolume import compute_archive_volumes


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
