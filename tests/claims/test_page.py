"""The page links each claim to its exhibit and to the files behind it."""

import html
import re

import pytest

from collide.claims.claim_reader import Claim
from collide.claims.comparison.measurements import Interval, Measurement
from collide.claims.page import format_value, list_links, list_run_links, render_page
from collide.claims.verdicts import VERDICTS, Verdict, check_claims
from tests.claims.paper import CLAIMS, RULES, VALUES, with_spreads


def claim(expression, exhibit="table1"):
    return Claim("c", ("Section 1",), "a claim", None, expression, exhibit)


def agrees(expression, exhibit="table1", runs=3):
    return Verdict(Measurement(claim(expression, exhibit), runs, Interval(1.0, 0.5, 2.0, 0.1), None, 0.01, 1000), "agrees", "")


def addresses(expression, exhibit="table1", runs=3):
    return [address for _, address in list_links(agrees(expression, exhibit, runs), "live")]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("main/SSS/mae/average/gain", "runs/main/SSS/mae/"),
        ("main/single/mae/fluency/best", "runs/main/single-fluency/mae/"),
        ("main/single/mae/average/best", "runs/main/"),
        ("main/SCC/all/consistency/specificity", "diagnostics/main/SCC/"),
        ("main/CCC/none/average/adherence_sd", "diagnostics/main/CCC/none/"),
        ("main/per-task/all/average/specificity", "diagnostics/main/"),
        ("cherrypick:main/off_by_one/none/average/spearman", "cherrypick/main/none-off_by_one/"),
        ("cherrypick:main/balanced-1.5/all/average/spearman", "cherrypick/main/balanced-1.5/"),
        ("cherrypick:main/per-criterion/mae/average/spearman", "cherrypick/main/per-criterion/"),
    ],
)
def test_a_claim_leads_to_the_files_of_its_quantity(name, folder):
    assert addresses(name) == ["tables/table1.csv", folder]


def test_a_claim_leads_to_the_pages_of_its_runs():
    names = [f"main/{mode}/mae/average/gain" for mode in ("SSS", "SSC")]
    assert list_run_links(agrees({"max": names}), "live") == [
        "browse/index.html#/runs/main/SSS/mae",
        "browse/index.html#/runs/main/SSC/mae",
    ]
    assert list_run_links(agrees("cherrypick:main/spearman/mae/fluency/tokens", "table5"), "live") == []


def test_claims_about_lengths_lead_to_the_files_of_lengths():
    assert addresses("cherrypick:main/spearman/mae/fluency/tokens", "table5")[0] == "cherrypick/main/mae-spearman/picked.csv"
    assert addresses("main/SSS/mae/average/tokens_final", "figure2")[0] == "lengths/main.csv"


def test_many_folders_are_replaced_by_the_ones_that_contain_them():
    names = [f"main/{mode}/{gate}/average/gain" for mode in ("SSS", "SSC", "SCC") for gate in ("mae", "none")]
    assert addresses({"max": names[:3]})[1:] == ["runs/main/SSS/mae/", "runs/main/SSS/none/", "runs/main/SSC/mae/"]
    assert addresses({"max": names})[1:] == ["runs/main/SSS/", "runs/main/SSC/", "runs/main/SCC/"]
    assert addresses({"max": [*names, "main/CCC/mae/average/gain"]})[1:] == ["runs/main/"]


def test_a_claim_that_was_not_run_has_no_links():
    assert addresses("main/SSC/mae/average/gain", runs=0) == []
    missing = Verdict(Measurement(claim("main/SSC/mae/average/gain"), was_run=False), "not run", "no estimate")
    page = render_page([missing], "live", False, 0.95, RULES, [])
    assert re.findall('<a href="([^"]*)"', page) == ["browse/index.html"]


def test_the_page_of_simulated_runs_is_headed_and_greyed():
    verdicts = [agrees("main/SSC/mae/average/gain")]
    assert 'class="simulated"' in render_page(verdicts, "simulated", True, 0.95, RULES, [])
    assert "SIMULATED" in render_page(verdicts, "simulated", True, 0.95, RULES, [])
    assert "SIMULATED" not in render_page(verdicts, "live", False, 0.95, RULES, [])


def test_a_rounded_zero_has_no_sign():
    assert format_value(-1e-9, claim("a/b/c/d/e")) == "0.0000"
    assert format_value(-1e-9, claim("a/b/c/d/e"), sign=True) == "+0.0000"
    assert format_value(-0.01, claim("a/b/c/d/e")) == "-0.0100"


@pytest.fixture(scope="module")
def whole():
    found = check_claims(CLAIMS, with_spreads(VALUES), RULES, {})
    return found, render_page(found, "live", False, 0.95, RULES, [])


def test_claims_that_the_paper_contradicts_are_counted_apart_and_say_so(whole):
    found, page = whole
    rows = re.findall(r'id="show-[^"]*">([^<]*)</label></td><td class="number">(\d*)</td><td class="number">(\d+)</td>', page)
    own = sum(claim.contradicted for claim in CLAIMS)
    assert [label for label, *_ in rows] == [*VERDICTS, "contradicted by the paper itself"]
    assert rows[-1] == ("contradicted by the paper itself", "", str(own))
    assert sum(int(count) for _, count, _ in rows[:-1]) == len(found) - own
    assert sum(int(count) for *_, count in rows[:-1]) == own
    assert page.count("<b>Contradicted by the paper itself</b>") == own == len(re.findall(r'<tr class="[a-z-]+ own"', page))


def test_the_page_shows_labels_places_margins_and_reasons(whole):
    _, page = whole
    assert "<td>Single-Task, MAE gate: best step<span" in page
    assert "also Section 1, Section 6.1, Section 7, Limitations" in page
    for margin in RULES.margins:
        assert html.escape(margin.reason, quote=True).replace("&#x27;", "&#39;") in page
    # No name of an estimate or of its parts stands in the text of a claim or in a reason.
    texts = re.findall(r"<td>([^<]*)[<]", page) + re.findall(r'<td class="why">([^<]*)<', page)
    assert not [text for text in texts if "_" in text or re.search(r"\w/\w+/\w", text)]
