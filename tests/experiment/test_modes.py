import pytest

from collide.errors import InputError
from collide.experiment.modes import expand_modes, overlapping_groups, parse_mode

CRITERIA = ("fluency", "relevance")
SEPARATE = (("fluency",), ("relevance",))
COMBINED = (("fluency", "relevance"),)


@pytest.mark.parametrize(
    ("name", "loss", "gradient", "optimizer"),
    [
        ("SSS", SEPARATE, SEPARATE, SEPARATE),
        ("SSC", SEPARATE, SEPARATE, COMBINED),
        ("SCC", SEPARATE, COMBINED, COMBINED),
        ("CCC", COMBINED, COMBINED, COMBINED),
    ],
)
def test_each_letter_groups_its_stage(name, loss, gradient, optimizer):
    mode = parse_mode(name, CRITERIA)
    assert (mode.loss, mode.gradient, mode.optimizer) == (loss, gradient, optimizer)
    assert mode.criteria == CRITERIA


def test_a_single_task_run_knows_one_criterion_only():
    mode = parse_mode("single-relevance", CRITERIA)
    assert mode.criteria == ("relevance",)
    assert {mode.loss, mode.gradient, mode.optimizer} == {(("relevance",),)}


@pytest.mark.parametrize("name", ["SCS", "CSS", "SS", "single-style", "single", "sss", ""])
def test_other_names_are_refused_with_what_there_is(name):
    with pytest.raises(InputError, match="SSS, SSC, SCC, CCC"):
        parse_mode(name, CRITERIA)


def test_single_stands_for_one_run_per_criterion():
    assert expand_modes(["single", "CCC"], CRITERIA) == ["single-fluency", "single-relevance", "CCC"]


def test_a_combined_gradient_reads_the_critiques_of_all_its_criteria():
    assert overlapping_groups(SEPARATE, COMBINED[0]) == list(SEPARATE)
    assert overlapping_groups(SEPARATE, ("relevance",)) == [("relevance",)]
    assert overlapping_groups(COMBINED, ("relevance",)) == list(COMBINED)
