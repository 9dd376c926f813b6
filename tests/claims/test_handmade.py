"""The claims on runs made by hand: the value of each, and the claims that change when the runs are perturbed."""

import itertools
import statistics

import pytest

from collide.claims.claim_reader import list_names, read_claims
from collide.common.csv_json import read_csv
from report.check_claims import write_claims
from tests.handmade import ANSWERS, Answers, build, solvers_own

CLAIMS = {claim.id: claim for claim in read_claims()}


def by_hand(expression, answers):
    """Return the value of an expression or statement, computed number by number."""
    if isinstance(expression, int | float):
        return float(expression)
    if isinstance(expression, str):
        return answers.value(*expression.split("/"))
    if isinstance(expression, list):
        return [by_hand(part, answers) for part in expression]
    ((kind, parts),) = expression.items()
    values = by_hand(parts, answers)
    return KINDS[kind](values)


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


KINDS = {
    "difference": lambda v: v[0] - v[1],
    "drop": lambda v: 100 * (v[0] - v[1]) / v[0],
    "mean": lambda v: statistics.fmean(flat(v)),
    "min": lambda v: min(flat(v)),
    "max": lambda v: max(flat(v)),
    "range": lambda v: statistics.fmean(spans(v)),
    "zeros": lambda v: float(sum(abs(x) < 0.0005 for x in flat(v))),
    "ascending": lambda v: min(b - a for a, b in itertools.pairwise(v)) - 1e-9,
    "each_above": lambda v: min(a - b for a, b in zip(*map(flat, v), strict=True)) - 1e-9,
    "above": lambda v: min(v[0] - other for other in flat(v[1])),
    "below": lambda v: min(v[1] - other for other in flat(v[0])),
    "positive": lambda v: min(flat(v)),
    "zero": lambda v: 0.0005 - max(abs(x) for x in flat(v)),
    "all": min,
    "comparable": lambda v: 2 * min(v) - max(v),
    "undominated": undominated,
}


def check_tree(root):
    write_claims(root / "estimates.csv", root / "draws.parquet", 0.95, "live", root / "claims.csv", root / "claims.html")
    return {row["id"]: row for row in read_csv(root / "claims.csv")}


@pytest.fixture(scope="module")
def checked(tree):
    return check_tree(tree)


def assert_values(rows, answers):
    for name, row in rows.items():
        if not any(map(solvers_own, list_names(CLAIMS[name].expression))):
            assert float(row["ours"]) == pytest.approx(by_hand(CLAIMS[name].expression, answers), abs=2e-6), name


def test_every_claim_knows_these_runs(checked):
    assert list(checked) == list(CLAIMS)
    assert_values(checked, ANSWERS)


def test_every_verdict_follows_from_the_interval_by_the_stated_rule(checked):
    seen = set()
    for name, row in checked.items():
        claim, value, low, high = CLAIMS[name], *(float(row[part]) for part in ("ours", "low", "high"))
        names = list_names(claim.expression)
        if int(row["runs"]) < 2 and {n.quantity for n in names} != {"tokens"}:
            expected = "undecided"
        elif claim.printed is None:
            by_sample = all(n.quantity.endswith(("_min", "_max")) for n in names)
            least, most = (value, value) if by_sample else (low, high)
            expected = "reproduced" if least > 0 else "not reproduced" if most <= 0 else "undecided"
        else:
            printed, half = float(claim.printed), 0.5 * 10.0 ** -len(claim.printed.partition(".")[2]) + 1e-6
            assert float(row["difference"]) == pytest.approx(value - printed, abs=2e-6)
            signed = "gain" in str(claim.expression) or next(iter(claim.expression), "") in ("difference", "drop")
            if low - half <= printed <= high + half:
                expected = "undecided" if signed and printed and low < 0 < high else "reproduced"
            else:
                same = signed and printed and value * printed > 0 and low * high > 0
                expected = "same direction" if same else "not reproduced"
        assert row["verdict"] == expected, name
        seen.add(row["verdict"])
    assert seen == {"reproduced", "same direction", "not reproduced", "undecided"}


def about(name, test):
    return any(test(quantity) for quantity in list_names(CLAIMS[name].expression))


def assert_moved(before, after, answers, mentioned):
    """Assert that claims about the perturbed runs have the new values, and that no other claim changes in any character."""
    assert_values(after, answers)
    others = {name for name in before if not about(name, mentioned)}
    assert len(others) > 50
    assert all(before[name] == after[name] for name in others)
    changed = {name for name in before if before[name]["verdict"] != after[name]["verdict"]}
    assert changed
    assert changed <= set(before) - others


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
