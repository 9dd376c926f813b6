"""Items of a run: the texts that the evaluator saw, under an identifier that tells nothing."""

from __future__ import annotations

from collide.annotation.items import list_items
from collide.experiment.runs import RunId
from tests.annotation.samples import make_item, make_records

RUN = RunId("main", "SSS", "none", 0)
BOTH = {(1, "fluency", "specificity"), (1, "fluency", "adherence")}


def test_a_step_has_the_joined_gradients_and_the_candidate_though_it_was_rejected():
    specificity, adherence = list_items(RUN, make_records(["A.", "B."]), BOTH)
    assert (specificity.gradient, specificity.old, specificity.new) == ("A.\n\nB.", "", "")
    assert (adherence.gradient, adherence.old, adherence.new) == ("A.\n\nB.", "Rate.", "Better.")


def test_what_the_evaluator_did_not_rate_is_no_item():
    records = make_records(["A.", None], rewritten=None)
    assert [item.diagnostic for item in list_items(RUN, records, {(1, "fluency", "specificity")})] == ["specificity"]
    assert not list(list_items(RUN, records, {(2, "fluency", "specificity")}))


def test_the_identifier_depends_on_texts_and_seed_and_names_no_mode():
    item = make_item()
    assert item.identify(0) == make_item().identify(0)
    assert (
        len({item.identify(0), item.identify(1), make_item(gradient="Other.").identify(0), make_item("SCC").identify(0)}) == 4
    )
    assert set(item.identify(0)) <= set("0123456789abcdef")


def test_half_a_character_in_a_gradient_is_no_error():
    assert make_item(gradient="\ud83d").identify(0)


def test_single_task_runs_of_all_criteria_are_one_stratum():
    assert (
        make_item("single-fluency").stratum == make_item("single-relevance").stratum == ("main", "single", "mae", "specificity")
    )
