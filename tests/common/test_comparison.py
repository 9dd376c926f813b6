import math
import random
from pathlib import Path

import pytest

from collide.analysis.metrics import METRICS
from collide.common import comparison
from collide.common.comparison import average_values, is_above, select_highest
from collide.experiment.gates import GATES


def test_values_on_both_sides_of_a_rounding_boundary_are_equal():
    low, high = 0.1234567890125, math.nextafter(0.1234567890125, 1)
    assert round(low, 12) != round(high, 12)
    assert select_highest([low, high, 0.1], float) == [low, high]


def test_what_is_no_number_is_above_nothing():
    assert not is_above(math.nan, 0.0) and not is_above(0.0, math.nan)


def test_an_average_does_not_depend_on_the_order():
    values = [1 / 3, 2 / 3, 1e9, -1e9, 0.1] * 40
    shuffled = random.Random(0).sample(values, len(values))
    assert average_values(values) == average_values(shuffled) == pytest.approx(0.22, abs=1e-15)


def test_the_gate_accepts_equal_errors_whose_last_digits_differ():
    """Human scores are means of three experts. Both prompts are off by 14 thirds of a point in all."""
    human = [7 / 3, 10 / 3, 13 / 3]
    old, new = METRICS["mae"].from_values([5, 2, 5], human).value, METRICS["mae"].from_values([3, 4, 1], human).value
    assert old != new and old == pytest.approx(new, abs=1e-12)
    for first, second in ((old, new), (new, old)):
        assert GATES["mae"].decide({"fluency": first}, {"fluency": second}, "mae").accepted


def test_a_built_in_sum_of_floats_in_the_package_fails_the_test_that_reaches_it():
    module = Path(comparison.__file__).with_name("of_this_test.py")
    assert eval(compile("sum([1, 2])", module, "eval")) == 3
    with pytest.raises(AssertionError, match=r"use math\.fsum for floats"):
        eval(compile("sum([0.5, 0.25])", module, "eval"))
