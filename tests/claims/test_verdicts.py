"""The checks of claims on the paper's own numbers, on perturbed ones, and on none."""

import re
from collections import Counter

import numpy as np
import pytest

from collide.analysis.estimate_tables import write_part
from collide.analysis.estimates import Estimate
from collide.claims.claim_reader import Claim, expand_braces, list_names
from collide.claims.evidence import Evidence, read_evidence
from collide.claims.expressions import compute_expression
from collide.claims.page import render_page
from collide.claims.verdicts import VERDICTS, check_claim, check_claims, count_verdicts
from collide.common.csv_json import is_simulated, read_csv
from report.check_claims import write_claims
from tests.claims.paper import CLAIMS, PAPER, name, spread


def verdicts(evidence):
    return {v.claim.id: v.verdict for v in check_claims(CLAIMS, evidence)}


def changed(evidence, draws):
    new = {**evidence.draws, **draws}
    before, after = verdicts(PAPER), verdicts(Evidence(new, new, evidence.runs, evidence.level))
    return {claim for claim in before if before[claim] != after[claim]}


def test_every_table_cell_and_every_claim_stands_once():
    assert max(Counter(claim.id for claim in CLAIMS).values()) == 1
    cells = Counter(claim.place for claim in CLAIMS if ":" in claim.id)
    # Rows times printed columns, less the hypervolume that Single-Task does not have.
    assert cells == {
        "Table 1": 10 * 5 - 2,
        "Table 2": 10 * 2,
        "Table 3": 3 * 5,
        "Table 4": 5 * 5,
        "Table 5": 7,
        "Table 6": 5 * 5 - 1,
    }
    assert all(re.fullmatch(r"[+-]?\d+(\.\d+)?", claim.printed) for claim in CLAIMS if claim.printed)


def test_the_papers_own_numbers_are_reproduced_but_for_what_it_contradicts_itself():
    for verdict in check_claims(CLAIMS, PAPER):
        expected = "not reproduced" if verdict.claim.contradicted else "reproduced"
        assert verdict.verdict == expected, (verdict.claim.id, verdict.why)
    assert all(claim.at_odds for claim in CLAIMS if claim.contradicted)


def test_swapping_two_modes_changes_the_claims_about_them_and_no_other():
    a, b = name("deepseek/SSC/mae/average/best"), name("deepseek/SSS/mae/average/best")
    moved = changed(PAPER, {a: PAPER.draws[b], b: PAPER.draws[a]})
    about = {claim.id for claim in CLAIMS if {a, b} & set(list_names(claim.expression))}
    assert moved <= about
    assert {"Table 6: deepseek/SSC/mae/average/best", "Table 6: deepseek/SSS/mae/average/best"} <= moved
    assert any("Appendix D" in claim for claim in moved)


def test_shifting_a_criterion_changes_its_own_claims_and_no_other():
    shifted = name("main/SCC/all/consistency/specificity")
    moved = changed(PAPER, {shifted: PAPER.draws[shifted] + 2})
    about = {claim.id for claim in CLAIMS if shifted in list_names(claim.expression)}
    assert moved == about


def test_without_runs_no_claim_is_checked():
    assert set(verdicts(Evidence({}, {}, {}, 0.95)).values()) == {"not run"}


def verdict_on(printed, values, expression="main/SSS/mae/average/gain", of_runs=None, runs=3, partial=()):
    draws = dict.fromkeys(list_names(expression), values)
    run_draws = draws if of_runs is None else dict.fromkeys(draws, of_runs)
    evidence = Evidence(draws, run_draws, dict.fromkeys(draws, runs), 0.95, partial)
    return check_claim(Claim("x", "Table 9", "x", printed, expression, "table1"), evidence)


@pytest.mark.parametrize(
    ("printed", "centre", "width", "expected"),
    [
        ("+0.031", 0.030, 0.001, "reproduced"),
        ("+0.031", 0.030, 0.030, "undecided"),
        ("+0.031", 0.010, 0.002, "same direction"),
        ("+0.031", -0.010, 0.002, "not reproduced"),
        ("+0.000", 0.010, 0.020, "reproduced"),
        ("+0.000", 0.050, 0.001, "not reproduced"),
    ],
)
def test_a_gain_is_checked_by_its_interval(printed, centre, width, expected):
    assert verdict_on(printed, spread(centre, width)).verdict == expected


def test_rounding_of_the_printed_number_is_allowed_for():
    exact = np.full(201, 0.2746)
    assert verdict_on("0.275", exact, "main/SSS/mae/average/best").verdict == "reproduced"
    assert verdict_on("0.274", exact, "main/SSS/mae/average/best").verdict == "not reproduced"


def test_undecided_says_how_many_more_runs_it_would_take():
    verdict = verdict_on("+0.031", spread(0.030, 0.030))
    more = int(re.search(r"about (\d+) more runs", verdict.why)[1])
    # Half an interval of twice its value shrinks to it with four times the runs.
    assert 4 <= more <= 15


def test_what_the_documents_make_wide_more_runs_do_not_narrow():
    verdict = verdict_on("+0.031", spread(0.030, 0.030), of_runs=spread(0.030, 0.001))
    assert verdict.verdict == "undecided"
    assert "only more test pairs can decide it" in verdict.why


def test_one_run_is_too_few_to_tell_but_for_a_count():
    verdict = verdict_on("0.284", np.full(201, 0.284), "main/SSS/mae/average/best", runs=1)
    assert (verdict.verdict, verdict.value) == ("undecided", 0.284)
    assert "at least 2 are needed" in verdict.why
    assert verdict_on("4", np.full(201, 4.0), "cherrypick/spearman/mae/relevance/tokens", runs=1).verdict == "reproduced"


STATEMENT = {"positive": ["main/SSS/mae/average/gain"]}


@pytest.mark.parametrize(
    ("centre", "width", "expected"),
    [(1.0, 0.1, "reproduced"), (-1.0, 0.1, "not reproduced"), (0.17, 0.1, "undecided"), (0.0, 0.0, "not reproduced")],
)
def test_a_statement_is_checked_by_the_interval_of_its_margin(centre, width, expected):
    assert verdict_on(None, spread(centre, width), STATEMENT).verdict == expected


def test_what_was_seen_of_extremes_is_no_matter_of_chance():
    overlap = {"above": ["main/per-task/all/average/specificity_min", ["main/cross-task/all/average/specificity_max"]]}
    lowest, highest = list_names(overlap)
    # Most draws miss the one overlapping rating; it was seen all the same.
    draws = {lowest: np.concatenate([[3.0], np.full(200, 8.0)]), highest: np.full(201, 4.0)}
    verdict = check_claim(
        Claim("x", "Table 9", "x", None, overlap, "table4"), Evidence(draws, draws, dict.fromkeys(draws, 3), 0.95)
    )
    assert verdict.verdict == "not reproduced"


def test_a_group_that_lacks_a_mode_is_not_checked():
    group = "main/cross-task/all/average/specificity"
    verdict = verdict_on("3.7", spread(3.7), group, partial={name(group)})
    assert (verdict.verdict, verdict.why) == ("not run", f"{group} lacks modes of its group")


def test_a_value_that_is_undefined_is_undecided():
    assert verdict_on("0.47", np.full(201, np.nan), "main/SSS/mae/average/adherence_sd").verdict == "undecided"


@pytest.mark.parametrize(
    ("statement", "margin"),
    [
        ({"above": ["s/a/g/c/q", ["s/b/g/c/q"]]}, 1.0),
        ({"below": [["s/a/g/c/q"], "s/b/g/c/q"]}, -1.0),
        ({"ascending": ["s/b/g/c/q", "s/a/g/c/q"]}, 1.0),
        ({"all": [{"positive": ["s/a/g/c/q"]}, {"above": ["s/b/g/c/q", ["s/a/g/c/q"]]}]}, -1.0),
        ({"drop": ["s/a/g/c/q", "s/b/g/c/q"]}, 50.0),
        ({"mean": ["s/a/g/c/q", "s/b/g/c/q"]}, 1.5),
        ({"range": ["s/a/g/c/q", "s/b/g/c/q"]}, 1.0),
        ({"range": [["s/a/g/c/q", "s/b/g/c/q"], ["s/a/g/c/q", "s/a/g/c/q"]]}, 0.5),
        ({"above": ["s/a/g/c/q", [1.8, "s/b/g/c/q"]]}, 0.2),
        ({"each_above": [["s/a/g/c/q", "s/a/g/c/q"], ["s/b/g/c/q", 1.5]]}, 0.5),
        ({"comparable": ["s/a/g/c/q", 1.5]}, 1.0),
        ({"comparable": ["s/a/g/c/q", -1.5]}, -5.0),
        ({"min": [["s/a/g/c/q", "s/b/g/c/q"], ["s/a/g/c/q", "s/a/g/c/q"]]}, 1.0),
    ],
)
def test_expressions_by_hand(statement, margin):
    draws = {name("s/a/g/c/q"): np.array([2.0]), name("s/b/g/c/q"): np.array([1.0])}
    assert compute_expression(statement, draws)[0] == pytest.approx(margin)


@pytest.mark.parametrize(
    ("fluency", "relevance", "margin"),
    [
        ([0.3, 0.4, 0.5], [0.3, 0.2, 0.1], 0.1),
        ([0.3, 0.4, 0.4], [0.3, 0.2, 0.3], 0.0),
        ([0.3, 0.4, 0.4], [0.3, 0.2, 0.5], -0.1),
        ([0.3, 0.3, 0.2], [0.3, 0.3, 0.4], 0.1),
        ([0.3, 0.3, 0.3], [0.3, 0.3, 0.3], 2.0),
    ],
)
def test_a_step_dominates_the_first_when_it_is_another_and_as_good_on_all_criteria(fluency, relevance, margin):
    series = {"fluency": fluency, "relevance": relevance}
    draws = {name(f"s/m/g/{c}/step{k}"): np.array([v]) for c, values in series.items() for k, v in enumerate(values)}
    statement = expand_braces({"undominated": "s/m/g/{fluency,relevance}/step{0..2}"})
    assert compute_expression(statement, draws)[0] == pytest.approx(margin)


@pytest.mark.parametrize("statement", [{"ascending": [1.0, 1.0 + 1e-15]}, {"each_above": [[1.0 + 1e-15], [1.0]]}])
def test_a_standstill_is_no_growth(statement):
    assert compute_expression(statement, {name("s/a/g/c/q"): np.zeros(3)})[0] < 0


def test_braces_are_written_out_as_lists_of_lists():
    assert expand_braces({"above": ["a", "{b,c}/step{9..10}"]}) == {
        "above": ["a", [["b/step9", "b/step10"], ["c/step9", "c/step10"]]]
    }


def written(tmp_path, simulated):
    estimates = [Estimate(n, draws, draws, 3, 3) for n, draws in PAPER.draws.items()]
    write_part(estimates, 0.95, tmp_path / "estimates.csv", tmp_path / "draws.parquet", simulated)
    return tmp_path / "estimates.csv", tmp_path / "draws.parquet"


def test_estimates_survive_their_files(tmp_path):
    evidence = read_evidence(*written(tmp_path, True), 0.95)
    assert count_verdicts(check_claims(CLAIMS, evidence)) == count_verdicts(check_claims(CLAIMS, PAPER))


@pytest.mark.parametrize("simulated", [True, False])
def test_the_list_of_claims_is_a_table_and_a_page(tmp_path, simulated):
    table, page = tmp_path / "claims.csv", tmp_path / "claims.html"
    write_claims(*written(tmp_path, simulated), 0.95, "simulated", table, page)
    rows = read_csv(table)
    assert [row["id"] for row in rows] == [claim.id for claim in CLAIMS]
    assert {row["verdict"] for row in rows} <= set(VERDICTS)
    text = page.read_text()
    assert ('class="simulated"' in text) == simulated == is_simulated(table) == ("no evidence about the paper" in text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)
    assert text.count("<tr class=") == len(CLAIMS)


def test_hostile_text_is_shown_and_not_run():
    claim = Claim("x", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "0.1", "a/b/c/d/e", "table1")
    text = render_page([check_claim(claim, Evidence({}, {}, {}, 0.95))], "live", False, 0.95)
    assert "<script>alert" not in text
    assert "<img" not in text
