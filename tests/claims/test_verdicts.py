"""The checks of claims on the paper's own numbers, on perturbed ones, and on none."""

import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from collide.analysis.estimate_tables import write_part
from collide.analysis.estimates import Estimate
from collide.claims.claim_reader import Claim, expand_braces, list_names
from collide.claims.comparison.margins import Rules
from collide.claims.comparison.measurements import adjust_p_values, measure_claim
from collide.claims.evidence import Evidence, read_evidence
from collide.claims.expressions import compute_expression
from collide.claims.page import render_page
from collide.claims.verdicts import VERDICTS, check_claims, count_verdicts
from collide.common.csv_json import is_simulated, read_csv
from report.check_claims import write_claims
from tests.claims.paper import CLAIMS, DRAWS, PAPER, RULES, VALUES, evidence, name, spread, with_spreads

# Fewer draws, where the number of draws does not matter.
SHORT = evidence({n: draws[:101] for n, draws in PAPER.draws.items()})


def verdicts(found):
    return {v.claim.id: v.verdict for v in check_claims(CLAIMS, found, RULES, {})}


def measured(found):
    return {claim.id: measure_claim(claim, found, RULES) for claim in CLAIMS}


def changed(draws):
    """Return the claims whose value, interval or p value by itself changes."""
    before, after = measured(SHORT), measured(evidence({**SHORT.draws, **draws}))
    return {claim for claim in before if before[claim] != after[claim]}


def test_every_table_cell_and_every_claim_stands_once():
    assert max(Counter(claim.id for claim in CLAIMS).values()) == 1
    assert max(Counter((json.dumps(claim.expression), claim.printed) for claim in CLAIMS).values()) == 1
    cells = Counter(place for claim in CLAIMS for place in claim.places if place.startswith("Table"))
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


def test_a_claim_of_several_places_is_one():
    (drop,) = [claim for claim in CLAIMS if claim.printed == "59"]
    assert drop.places == ("Abstract", "Section 1", "Section 6.1", "Section 7", "Limitations")
    (best,) = [claim for claim in CLAIMS if claim.expression == "main/single/mae/average/best"]
    assert best.places == ("Table 1", "Table 3", "Abstract", "Section 1", "Section 6.3")
    assert "deviation over seeds" in best.at_odds
    assert best.at_odds.count("not printed") == 1


def test_the_papers_own_numbers_agree_but_for_what_it_contradicts_itself():
    for verdict in check_claims(CLAIMS, PAPER, RULES, {}):
        expected = "contradicted" if verdict.claim.contradicted else "agrees"
        assert verdict.verdict == expected, (verdict.claim.id, verdict.why)
    assert all(claim.at_odds for claim in CLAIMS if claim.contradicted)


def test_with_the_spread_of_three_seeds_the_papers_own_numbers_are_mostly_compatible():
    """Three seeds support few numbers to within their margin; they contradict none of them."""
    found = [v for v in check_claims(CLAIMS, with_spreads(VALUES), RULES, {}) if not v.claim.contradicted]
    numbers = count_verdicts([v for v in found if v.claim.printed])
    assert numbers["compatible"] > numbers["agrees"] + numbers["undecided"]
    assert numbers["compatible"] + numbers["agrees"] + numbers["undecided"] == sum(numbers.values())
    statements = count_verdicts([v for v in found if not v.claim.printed])
    assert statements["contradicted"] == statements["compatible"] == 0


def test_swapping_two_modes_changes_the_claims_about_them_and_no_other():
    a, b = name("deepseek/SSC/mae/average/best"), name("deepseek/SSS/mae/average/best")
    moved = changed({a: SHORT.draws[b], b: SHORT.draws[a]})
    about = {claim.id for claim in CLAIMS if {a, b} & set(list_names(claim.expression))}
    assert moved <= about
    assert {"Table 6: deepseek/SSC/mae/average/best", "Table 6: deepseek/SSS/mae/average/best"} <= moved
    assert verdicts(evidence({**SHORT.draws, a: SHORT.draws[b]}))["Table 6: deepseek/SSC/mae/average/best"] == "agrees"
    assert any("Appendix D" in claim for claim in moved)


def test_shifting_a_criterion_changes_its_own_claims_and_no_other():
    shifted = name("main/SCC/all/consistency/specificity")
    moved = changed({shifted: SHORT.draws[shifted] + 2})
    about = {claim.id for claim in CLAIMS if shifted in list_names(claim.expression)}
    assert moved == about


def test_without_runs_no_claim_is_checked():
    assert set(verdicts(Evidence({}, {}, {}, 0.95)).values()) == {"not run"}


def verdict_on(printed, values, expression="main/SSS/mae/average/gain", of_runs=None, runs=3, partial=(), rules=RULES):
    """`of_runs` are the draws of the runs alone; without them all spread is that of the documents."""
    draws = dict.fromkeys(list_names(expression), values)
    run_draws = dict.fromkeys(draws, np.full(len(values), values[0]) if of_runs is None else of_runs)
    found = Evidence(draws, run_draws, dict.fromkeys(draws, runs), 0.95, partial)
    (verdict,) = check_claims([Claim("x", ("Table 9",), "x", printed, expression, "table1")], found, rules, {})
    return verdict


@pytest.mark.parametrize(
    ("printed", "centre", "width", "expected"),
    [
        ("+0.031", 0.030, 0.001, "agrees"),
        ("+0.031", 0.030, 0.005, "compatible"),
        ("+0.031", 0.030, 0.030, "undecided"),
        ("+0.031", 0.010, 0.002, "same direction"),
        ("+0.031", -0.010, 0.002, "contradicted"),
        ("+0.000", 0.001, 0.001, "agrees"),
        ("+0.000", 0.010, 0.020, "compatible"),
        ("+0.000", 0.050, 0.001, "contradicted"),
        # Within the margin, although the interval of the difference does not cover 0.
        ("+0.031", 0.028, 0.0001, "agrees"),
    ],
)
def test_a_gain_is_checked_by_the_interval_of_its_difference(printed, centre, width, expected):
    assert verdict_on(printed, spread(centre, width)).verdict == expected


def test_rounding_of_the_printed_number_is_allowed_for():
    rules = Rules((replace(RULES.find_margin("main/SSS/mae/average/best"), value=0.0),), 3, 0.5)
    exact = np.full(DRAWS + 1, 0.2746)
    assert verdict_on("0.275", exact, "main/SSS/mae/average/best", rules=rules).verdict == "agrees"
    assert verdict_on("0.274", exact, "main/SSS/mae/average/best", rules=rules).verdict == "contradicted"


def test_a_wide_interval_is_no_agreement():
    """The wider the interval, the less is said: agrees, compatible, undecided."""
    best = "main/SSS/mae/average/best"
    assert verdict_on("0.284", spread(0.284, 0.002), best).verdict == "agrees"
    assert verdict_on("0.284", spread(0.284, 0.03), best).verdict == "compatible"
    assert verdict_on("0.284", spread(0.284, 0.3), best).verdict == "undecided"


def test_the_papers_own_error_counts():
    """Ours lies 2.5 deviations of ours from the paper's number, and 1.8 of the difference's."""
    verdict = verdict_on("0.290", spread(0.32, 0.012), "main/SSS/mae/average/best")
    assert verdict.verdict == "compatible"
    ours, difference = verdict.measured.ours, verdict.measured.difference
    assert ours.low > 0.2905
    assert difference.half == pytest.approx(np.sqrt(2) * ours.half, rel=0.05)


def test_more_runs_of_ours_do_not_make_the_papers_error_smaller():
    drawn = spread(0.32, 0.01)
    few, many = (verdict_on("0.290", drawn, "main/SSS/mae/average/best", drawn, runs).measured for runs in (30, 300))
    assert few.ours.half == pytest.approx(many.ours.half, rel=0.1)
    # With ten times the runs, the same error of ours means ten times the variance of a run, and of the paper's three.
    assert many.difference.half == pytest.approx(np.sqrt(101 / 11) * few.difference.half, rel=0.1)


@pytest.mark.parametrize(
    ("printed", "path"), [("9", "main/CCC/mae/average/best_step"), ("6", {"zeros": ["main/CCC/mae/average/best_step"] * 10})]
)
def test_a_step_or_count_that_could_be_any_is_undecided(printed, path):
    anything = np.concatenate([[0.0], np.tile(np.arange(13.0) if printed == "9" else [0.0, 7.0], DRAWS)])
    verdict = verdict_on(printed, anything, path)
    assert verdict.verdict == "undecided"
    assert "of all possible values" in verdict.why


def test_steps_and_counts_have_no_rounding():
    step = np.full(DRAWS + 1, 1.0)
    for printed, expected in (("1", "agrees"), ("0", "contradicted")):
        assert verdict_on(printed, step, "main/CCC/mae/average/best_step").verdict == expected
        assert verdict_on(printed, step - 1, {"zeros": ["main/CCC/mae/average/best_step"]}).verdict == expected


def test_undecided_says_how_many_more_runs_it_would_take():
    drawn = spread(0.030, 0.030)
    verdict = verdict_on("+0.031", drawn, of_runs=drawn, runs=20)
    more = int(re.search(r"about (\d+) more runs", verdict.why)[1])
    # Half an interval of twice its value shrinks to it with four times the runs.
    assert 50 <= more <= 70
    # Student's t of three runs shrinks as well: the root alone would ask for 80 more.
    assert 10 < int(re.search(r"about (\d+) more runs", verdict_on("+0.031", drawn, of_runs=drawn).why)[1]) < 25


def test_documents_make_an_interval_wide_that_more_runs_do_not_narrow():
    verdict = verdict_on("+0.031", spread(0.030, 0.030), of_runs=spread(0.030, 0.001))
    assert verdict.verdict == "undecided"
    assert "more runs alone cannot decide it" in verdict.why


def test_one_run_is_too_few_to_tell_but_for_a_count():
    verdict = verdict_on("0.284", np.full(201, 0.284), "main/SSS/mae/average/best", runs=1)
    assert (verdict.verdict, verdict.measured.ours.value) == ("undecided", 0.284)
    assert "at least 2 are needed" in verdict.why
    tokens = "cherrypick:main/spearman/mae/relevance/tokens"
    assert verdict_on("4", np.full(201, 5.0), tokens, runs=1).verdict == "agrees"
    assert verdict_on("800", np.full(201, 45.0), tokens, runs=1).verdict == "contradicted"


STATEMENT = {"positive": ["main/SSS/mae/average/final"]}


@pytest.mark.parametrize(
    ("centre", "width", "expected"),
    [(1.0, 0.1, "agrees"), (-1.0, 0.1, "contradicted"), (0.17, 0.1, "undecided"), (0.0, 0.0, "undecided")],
)
def test_a_statement_is_checked_by_the_interval_of_its_amount(centre, width, expected):
    assert verdict_on(None, spread(centre, width), STATEMENT).verdict == expected


@pytest.mark.parametrize(("p", "expected"), [(0.01, "agrees"), (0.2, "undecided"), (np.nan, "undecided")])
def test_an_improvement_must_pass_its_own_test(p, expected):
    gain, test = list_names(statement := {"improves": ["main/SSS/mae/average/validation_gain"]})
    assert test.quantity == "validation_gain_p"
    found = evidence({gain: spread(0.03, 0.005), test: np.full(DRAWS + 1, p)})
    (verdict,) = check_claims([Claim("x", ("Table 9",), "x", None, statement, "table1")], found, RULES, {})
    assert verdict.verdict == expected


def test_a_comparison_of_a_prompt_with_itself_decides_nothing():
    """Such as the initial prompt where validation chooses it, or a balanced choice that no limit changes."""
    same, better, worse = (name(f"main/SSS/mae/c{i}/final") for i in range(3))
    draws = {same: np.zeros(DRAWS + 1), better: spread(0.1, 0.01), worse: spread(-0.1, 0.01)}
    for parts, expected in (([same], "undecided"), ([same, better], "undecided"), ([same, worse], "contradicted")):
        claim = Claim("x", ("Table 9",), "x", None, {"positive": ["/".join(part) for part in parts]}, "table1")
        (verdict,) = check_claims([claim], evidence(draws), RULES, {})
        assert verdict.verdict == expected
        assert ("no difference in any draw" in verdict.why) == (expected == "undecided")


def test_the_interval_of_a_gain_on_validation_is_not_widened_twice():
    gain, test = list_names(statement := {"improves": ["main/SSS/mae/average/validation_gain"]})
    draws = {gain: spread(0.03, 0.01), test: np.full(DRAWS + 1, 0.01)}
    ours = measure_claim(Claim("x", ("Table 9",), "x", None, statement, "table1"), evidence(draws, draws), RULES).ours
    assert (ours.low, ours.high) == pytest.approx(np.quantile(draws[gain][1:], [0.025, 0.975]))
    assert ours.of_runs == pytest.approx(ours.half)


def test_a_statement_that_holds_in_all_parts_is_not_lost_to_their_minimum():
    """The lowest of many parts that hold is lower in the draws than in truth."""
    names = [f"main/SSS/mae/c{i}/final" for i in range(40)]
    found = evidence({name(path): spread(0.03, 0.012) for path in names})
    claim = Claim("x", ("Table 9",), "x", None, {"positive": names}, "table1")
    assert measure_claim(claim, found, RULES).p < 0.05
    lowest = np.stack(list(found.draws.values())).min(axis=0)[1:]
    assert np.quantile(lowest, 0.975) < 0.03


def test_one_of_many_parts_that_fails_by_chance_does_not_contradict():
    parts = {name(f"main/SSS/mae/c{i}/final"): spread(0.1, 0.01) for i in range(20)}
    parts[name("main/SSS/mae/c0/final")] = spread(-0.022, 0.01)
    claim = Claim("x", ("Table 9",), "x", None, {"positive": ["/".join(part) for part in parts]}, "table1")
    (verdict,) = check_claims([claim], evidence(parts), RULES, {})
    assert verdict.verdict == "undecided"


def test_a_statement_that_holds_alone_does_not_survive_among_many_that_do_not():
    one, others = name("main/SSS/mae/average/final"), [name(f"main/SSS/mae/c{i}/final") for i in range(30)]
    draws = {one: spread(0.022, 0.01)} | {other: spread(0.001, 0.01) for other in others}
    found = Evidence(draws, draws, dict.fromkeys(draws, 300), 0.95)
    claims = [Claim(path, ("Section 1",), path, None, {"positive": [path]}, "table1") for path in map("/".join, found.draws)]
    assert check_claims(claims[:1], found, RULES, {})[0].verdict == "agrees"
    verdict = check_claims(claims, found, RULES, {})[0]
    assert verdict.verdict == "undecided"
    assert verdict.measured.p < 0.05 < verdict.p_adjusted
    assert re.search(r"does not survive the adjustment .*about \d+ more runs? per cell", verdict.why)


def test_few_draws_cannot_carry_one_statement_through_the_adjustment():
    alone = [spread(0.5, 0.01)[:201], *(spread(0.0, 0.01)[:201] for _ in range(30))]
    draws = {name(f"main/SSS/mae/c{i}/final"): values for i, values in enumerate(alone)}
    claims = [Claim(path, ("Section 1",), path, None, {"positive": [path]}, "table1") for path in map("/".join, draws)]
    first = check_claims(claims, evidence(draws), RULES, {})[0]
    assert first.measured.p == pytest.approx(2 / 201)
    assert "more draws (bootstrap.resamples) can decide it" in first.why


def test_numbers_and_statements_are_adjusted_apart():
    path = "main/SSS/mae/average/final"
    found = evidence({name(path): spread(0.1, 0.045)})
    statement = measure_claim(Claim("s", ("Section 1",), "s", None, {"positive": [path]}, "table1"), found, RULES)
    number = measure_claim(Claim("n", ("Section 1",), "n", "0.100", path, "table1"), found, RULES)
    assert adjust_p_values([statement, number, number, number]) == [statement.p, number.p, number.p, number.p]


def test_extremes_that_were_seen_are_no_matter_of_chance():
    overlap = {"above": ["main/per-task/all/average/specificity_min", ["main/cross-task/all/average/specificity_max"]]}
    lowest, highest = list_names(overlap)
    # Most draws miss the one overlapping rating; it was seen all the same.
    draws = {lowest: np.concatenate([[3.0], np.full(200, 8.0)]), highest: np.full(201, 4.0)}
    (verdict,) = check_claims([Claim("x", ("Table 9",), "x", None, overlap, "table4")], evidence(draws), RULES, {})
    assert verdict.verdict == "contradicted"


def test_a_group_that_lacks_a_mode_is_not_checked():
    group = "main/cross-task/all/average/specificity"
    verdict = verdict_on("3.7", spread(3.7), group, partial={name(group)})
    assert verdict.verdict == "not run"
    assert verdict.why == "modes of the group were not run: cross-task gradient: specificity"


def test_a_value_that_is_undefined_is_undecided():
    assert verdict_on("0.47", np.full(201, np.nan), "main/SSS/mae/average/adherence_sd").verdict == "undecided"


def test_every_number_has_a_margin_and_a_reason():
    for claim in CLAIMS:
        if claim.printed:
            margin = RULES.find_margin(claim.expression)
            assert margin.compute_width(float(claim.printed)) > 0
            assert margin.reason
    with pytest.raises(LookupError, match="no margin for gain_of_nothing"):
        RULES.find_margin("main/SSS/mae/average/gain_of_nothing")


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
        ({"trend": [1.0, "s/b/g/c/q", "s/a/g/c/q"]}, 1.0),
        ({"trend": ["s/a/g/c/q", 1.5, 1.5, "s/b/g/c/q"]}, -1.5),
        ({"improves": ["s/a/g/c/q", "s/b/g/c/q"]}, 1.0),
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
    estimates = [Estimate(n, draws, draws, 3, 3) for n, draws in SHORT.draws.items()]
    write_part(estimates, 0.95, tmp_path / "estimates.csv", tmp_path / "draws.parquet", simulated)
    return tmp_path / "estimates.csv", tmp_path / "draws.parquet"


def test_estimates_survive_their_files(tmp_path):
    found = read_evidence(*written(tmp_path, True), 0.95)
    assert count_verdicts(check_claims(CLAIMS, found, RULES, {})) == count_verdicts(check_claims(CLAIMS, SHORT, RULES, {}))


@pytest.mark.parametrize("simulated", [True, False])
def test_the_list_of_claims_is_a_table_and_a_page(tmp_path, simulated):
    table, page = tmp_path / "claims.csv", tmp_path / "claims.html"
    write_claims(*written(tmp_path, simulated), {}, [], 0.95, "simulated", table, page)
    rows = read_csv(table)
    assert [row["id"] for row in rows] == [claim.id for claim in CLAIMS]
    assert {row["verdict"] for row in rows} <= set(VERDICTS)
    text = page.read_text()
    assert ('class="simulated"' in text) == simulated == is_simulated(table) == ("no evidence about the paper" in text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)
    assert len(re.findall(f'<tr class="({"|".join(VERDICTS)})', text)) == len(CLAIMS)


def test_hostile_text_is_shown_and_not_run():
    claim = Claim("x", ("<script>alert(1)</script>",), "<img src=x onerror=alert(1)>", "0.1", "a/b/c/d/best", "table1")
    verdicts = check_claims([claim], Evidence({}, {}, {}, 0.95), RULES, {})
    text = render_page(verdicts, "live", False, 0.95, RULES, [])
    assert "<script>alert" not in text
    assert "<img" not in text
