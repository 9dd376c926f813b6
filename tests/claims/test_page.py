"""The page links each claim to its exhibit and to the files behind it."""

import re

import pytest

from collide.claims.claim_reader import Claim
from collide.claims.page import list_links, render_page
from collide.claims.verdicts import Verdict


def claim(expression, exhibit="table1"):
    return Claim("c", "Section 1", "a claim", None, expression, exhibit)


def addresses(expression, exhibit="table1", runs=3):
    return [
        address
        for _, address in list_links(Verdict(claim(expression, exhibit), "reproduced", "", 1.0, 0.5, 2.0, runs=runs), "live")
    ]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("main/SSS/mae/average/gain", "runs/main/SSS/mae/"),
        ("main/single/mae/fluency/best", "runs/main/single-fluency/mae/"),
        ("main/single/mae/average/best", "runs/main/"),
        ("main/SCC/all/consistency/specificity", "diagnostics/main/SCC/"),
        ("main/CCC/none/average/adherence_sd", "diagnostics/main/CCC/none/"),
        ("main/per-task/all/average/specificity", "diagnostics/main/"),
        ("cherrypick/off_by_one/none/average/spearman", "cherrypick/none-off_by_one/"),
        ("cherrypick/balanced-1.5/all/average/spearman", "cherrypick/balanced-1.5/"),
        ("cherrypick/per-criterion/mae/average/spearman", "cherrypick/per-criterion/"),
    ],
)
def test_a_claim_leads_to_the_files_of_its_quantity(name, folder):
    assert addresses(name) == ["tables/table1.csv", folder]


def test_claims_about_lengths_lead_to_the_files_of_lengths():
    assert addresses("cherrypick/spearman/mae/fluency/tokens", "table5")[0] == "cherrypick/mae-spearman/picked.csv"
    assert addresses("main/SSS/mae/average/tokens_final", "figure2")[0] == "lengths/main.csv"


def test_many_folders_are_replaced_by_the_ones_that_contain_them():
    names = [f"main/{mode}/{gate}/average/gain" for mode in ("SSS", "SSC", "SCC") for gate in ("mae", "none")]
    assert addresses({"max": names[:3]})[1:] == ["runs/main/SSS/mae/", "runs/main/SSS/none/", "runs/main/SSC/mae/"]
    assert addresses({"max": names})[1:] == ["runs/main/SSS/", "runs/main/SSC/", "runs/main/SCC/"]
    assert addresses({"max": [*names, "main/CCC/mae/average/gain"]})[1:] == ["runs/main/"]


def test_a_claim_that_was_not_run_has_no_links():
    assert addresses("main/SSC/mae/average/gain", runs=0) == []
    page = render_page([Verdict(claim("main/SSC/mae/average/gain"), "not run", "no estimate")], "live", False, 0.95)
    assert not re.search("<a ", page)


def test_the_page_of_simulated_runs_is_headed_and_greyed():
    verdicts = [Verdict(claim("main/SSC/mae/average/gain"), "reproduced", "", 1.0, 0.5, 2.0, runs=3)]
    assert 'class="simulated"' in render_page(verdicts, "simulated", True, 0.95)
    assert "SIMULATED" in render_page(verdicts, "simulated", True, 0.95)
    assert "SIMULATED" not in render_page(verdicts, "live", False, 0.95)
