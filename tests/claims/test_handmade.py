"""The claims on runs made by hand: the value of each, and the claims that change when the runs are perturbed."""

import itertools
import statistics

import pytest

from collide.claims.claim_reader import list_names, read_claims
from collide.claims.comparison.margins import read_rules
from collide.common.csv_json import read_csv
from report.check_claims import write_claims
from tests.handmade import ANSWERS, Answers, build, solvers_own

CLAIMS = {claim.id: claim for claim in read_claims()}
RULES = read_rules()
# What the others' rows say may change with the p values of these: all of them are adjusted together.
OVER_ALL = ("p_adjusted", "verdict", "why")


def by_hand(expression, answers):
    """Return the value of an expression or statement, computed number by number."""
    if isinstance(expression, int | float):
        return float(expression)
    if isinstance(expression, str):
        return answers.value(*expression.split("/"))
    if isinstance(expression, list):
        return [by_hand(part, answers) for part in expression]
    ((kind, parts),) = expression.items()
    return NUMBERS[kind](by_hand(parts, answers))


def flat(values):
    return [v for value in values for v in (flat(value) if isinstance(value, list) else [value])]


def spans(values):
    """Highest less lowest of each innermost list."""
    return [span for part in values for span in spans(part)] if isinstance(values[0], list) else [max(values) - min(values)]


def undominated(series):
    """`series` are values by criterion, then step."""
    first, *later = list(zip(*series, strict=True))
    margins = [max(a - b for a, b in zip(first, step, strict=True)) for step in later if list(step) != list(first)]
    return min(margins, default=2.0)


def parts_by_hand(statement, answers):
    """Return the amounts by which the parts of a statement hold."""
    ((kind, parts),) = statement.items()
    if kind == "all":
        return [amount for part in parts for amount in parts_by_hand(part, answers)]
    amounts = STATEMENTS[kind](by_hand(parts, answers))
    return amounts if isinstance(amounts, list) else [amounts]


def trend(values):
    """The slope of the line through the values, times the spread of the places."""
    places = range(len(values))
    middle = statistics.fmean(places)
    return statistics.linear_regression(places, values).slope * sum((place - middle) ** 2 for place in places) - 1e-9


NUMBERS = {
    "difference": lambda v: v[0] - v[1],
    "drop": lambda v: 100 * (v[0] - v[1]) / v[0],
    "mean": lambda v: statistics.fmean(flat(v)),
    "min": lambda v: min(flat(v)),
    "max": lambda v: max(flat(v)),
    "range": lambda v: statistics.fmean(spans(v)),
    "zeros": lambda v: float(sum(abs(x) < 0.0005 for x in flat(v))),
}
STATEMENTS = {
    "ascending": lambda v: [b - a - 1e-9 for a, b in itertools.pairwise(v)],
    "trend": trend,
    "each_above": lambda v: [a - b - 1e-9 for a, b in zip(*map(flat, v), strict=True)],
    "above": lambda v: [v[0] - other for other in flat(v[1])],
    "below": lambda v: [v[1] - other for other in flat(v[0])],
    "positive": flat,
    "improves": flat,
    "zero": lambda v: [0.0005 - abs(x) for x in flat(v)],
    "comparable": lambda v: 2 * min(v) - max(v),
    "undominated": undominated,
}


def check_tree(root):
    write_claims(
        root / "estimates.csv", root / "draws.parquet", {}, [], 0.95, "live", root / "claims.csv", root / "claims.html"
    )
    return {row["id"]: row for row in read_csv(root / "claims.csv")}


@pytest.fixture(scope="module")
def checked(tree):
    return check_tree(tree)


def assert_values(rows, answers):
    for name, row in rows.items():
        if row["ours"] and not any(map(solvers_own, list_names(CLAIMS[name].expression))):
            claim = CLAIMS[name]
            # The row of a statement is about one of its parts; where no interval decides, about the weakest.
            wanted = [by_hand(claim.expression, answers)] if claim.printed else parts_by_hand(claim.expression, answers)
            wanted = wanted if row["p"] else [min(wanted)]
            assert min(abs(float(row["ours"]) - amount) for amount in wanted) < 2e-6, name


def test_every_claim_knows_these_runs(checked):
    assert list(checked) == list(CLAIMS)
    assert_values(checked, ANSWERS)


def adjust(p_values):
    """Benjamini and Hochberg's p values, by their definition."""
    ranked = sorted(p_values)
    return [min(min(1.0, q * len(ranked) / (ranked.index(q) + ranked.count(q))) for q in ranked if q >= p) for p in p_values]


@pytest.mark.parametrize("numbers", [True, False])
def test_p_values_are_adjusted_over_numbers_and_over_statements(checked, numbers):
    rows = [row for row in checked.values() if row["p"] and (row["paper"] != "holds") == numbers]
    assert len(rows) > 20
    expected = adjust([float(row["p"]) for row in rows])
    assert [float(row["p_adjusted"]) for row in rows] == pytest.approx(expected)


def expected_of_number(claim, row):
    value, low, high, below, above = (float(row[c]) for c in ("ours", "low", "high", "difference_low", "difference_high"))
    whole = "best_step" in str(claim.expression)
    printed, half = float(claim.printed), 1e-6 if whole else 0.5 * 10.0 ** -len(claim.printed.partition(".")[2]) + 1e-6
    margin, widest = float(row["margin"]), RULES.widest_share * (RULES.find_margin(claim.expression).span or 1e9)
    assert float(row["difference"]) == pytest.approx(value - printed, abs=2e-6)
    if not row["p"]:
        return "agrees" if abs(value - printed) <= margin else "contradicted"
    signed = ("gain" in str(claim.expression) or next(iter(claim.expression), "") in ("difference", "drop")) and printed
    if high - low > widest:
        return "undecided"
    if -margin - half <= below and above <= margin + half:
        return "agrees"
    if below - half <= 0 <= above + half:
        return "undecided" if signed and low < 0 < high else "compatible"
    if float(row["p_adjusted"]) > 0.05:
        return "undecided"
    return "same direction" if signed and value * printed > 0 and low * high > 0 else "contradicted"


def expected_of_statement(row):
    if not row["p"]:
        return "agrees" if float(row["ours"]) > 0 else "contradicted"
    if float(row["low"]) == float(row["high"]) == 0:
        return "undecided"
    if float(row["low"]) <= 0 < float(row["high"]) or float(row["p_adjusted"]) > 0.05:
        return "undecided"
    return "agrees" if float(row["low"]) > 0 else "contradicted"


def test_every_verdict_follows_from_the_intervals_by_the_stated_rule(checked):
    seen = set()
    for name, row in checked.items():
        if row["verdict"] == "not run":
            assert "not estimated" in row["why"]
            continue
        claim = CLAIMS[name]
        if int(row["runs"]) < 2 and not all(n.quantity == "tokens" for n in list_names(claim.expression)):
            expected = "undecided"
        else:
            expected = expected_of_number(claim, row) if claim.printed else expected_of_statement(row)
        assert row["verdict"] == expected, name
        seen.add(row["verdict"])
    assert seen >= {"agrees", "compatible", "contradicted", "undecided"}


def about(name, test):
    return any(test(quantity) for quantity in list_names(CLAIMS[name].expression))


def assert_moved(before, after, answers, mentioned):
    """Assert that claims about the perturbed runs have the new values, and that other claims keep their value and interval."""
    assert_values(after, answers)
    others = {name for name in before if not about(name, mentioned)}
    assert len(others) > 50
    for name in others:
        assert {key: before[name][key] for key in before[name] if key not in OVER_ALL} == {
            key: after[name][key] for key in after[name] if key not in OVER_ALL
        }
    assert any(before[name]["verdict"] != after[name]["verdict"] for name in set(before) - others)


def test_swapping_two_modes_changes_the_claims_about_them_and_no_other(tree, checked, tmp_path):
    swapped = Answers(renamed={"SSS": "SCC", "SCC": "SSS"})
    rows = check_tree(build(tmp_path, swapped))

    def mentioned(name):
        return name.study == "main" and name.mode in ("SSS", "SCC") and name.quantity not in ("specificity", "adherence")

    assert_moved(checked, rows, swapped, mentioned)
    for one, other in (("SSS", "SCC"), ("SCC", "SSS")):
        mine = rows[f"Table 1: main/{one}/mae/average/initial"]
        assert mine["ours"] == checked[f"Table 1: main/{other}/mae/average/initial"]["ours"]


def test_shifting_a_criterion_changes_the_claims_about_it_and_no_other(tree, checked, tmp_path):
    shifted = Answers(shifted=("SCC", "consistency", 5))
    rows = check_tree(build(tmp_path, shifted))

    def mentioned(name):
        rated = name.quantity.startswith(("specificity", "adherence")) and name.study == "main"
        return rated and name.mode in ("SCC", "cross-task") and name.criterion in ("consistency", "average")

    assert_moved(checked, rows, shifted, mentioned)
    cell = "Table 4: main/SCC/all/consistency/specificity"
    assert float(rows[cell]["ours"]) > float(checked[cell]["ours"]) + 3


def test_claims_of_missing_runs_are_not_run_or_undecided(tmp_path):
    gone = {("main", "SSS", "mae", 1), *(("main", "SCC", "none", seed) for seed in (0, 1))}
    rows = check_tree(build(tmp_path, ANSWERS, leave_out=gone))
    assert rows["Table 1: main/SCC/none/average/best"]["verdict"] == "not run"
    assert rows["Table 1: main/SSS/mae/average/best"]["verdict"] == "undecided"
    assert "only one run per cell" in rows["Table 1: main/SSS/mae/average/best"]["why"]
