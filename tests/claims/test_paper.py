"""The claims against the paper's own text, where it is at hand: nothing mistyped, misplaced or left out."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from collide.analysis.bootstrap import draw_resamples
from collide.analysis.estimates import EstimateName
from collide.analysis.formulas.counts import count_pairs
from collide.analysis.quantities.agreement import Trajectory, estimate_agreement
from collide.analysis.quantities.diagnostics import RunRatings, estimate_cell_diagnostics, estimate_study_diagnostics
from collide.analysis.quantities.run_dynamics import COMBINE_RUNS, RunDynamics, estimate_dynamics
from collide.analysis.quantities.variants import estimate_lengths, estimate_variant
from collide.claims.claim_reader import CLAIMS as FILE
from collide.claims.claim_reader import list_names
from collide.experiment.scales import Scale
from tests.claims.paper import CLAIMS, CRITERIA, GATES, MODES

TEXT = Path(__file__).parents[2] / "../shared/paper/paper.txt"
HEADING = re.compile(
    r"(?:(Abstract|Limitations|Ethics Statement|References)$|(\d(?:\.\d)?) [A-Z]|Appendix ([A-F])\b|([A-F]\.\d) [A-Z])"
)
NUMBER = r"(?<![\w.§+-]){}(?![\d]|\.\d)"
with_text = pytest.mark.skipif(not TEXT.exists(), reason="the paper's text is not there")


def lines():
    return TEXT.read_text(encoding="utf-8").splitlines()


def sections():
    """The running text by place, without tables and references."""
    found, place = {}, "Title"
    for line in lines():
        if heading := HEADING.match(line):
            named, number, appendix, part = heading.groups()
            place = named or (f"Section {number}" if number else f"Appendix {appendix or part}")
        if not line.startswith("|"):
            found[place] = found.get(place, "") + line + "\n"
    del found["References"], found["Title"]
    return found


def tables():
    """The rows of each table, in the paper's order: label and the numbers after it."""
    found, inside = [], False
    for line in lines():
        if line.startswith("|"):
            if not inside:
                found.append([])
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            numbers = re.findall(r"[+-]?\d+(?:\.\d+)?", " ".join(c for c in cells if not re.search(r"[A-Za-z]", c)))
            if numbers:
                found[-1].append((" ".join(c for c in cells if re.search(r"[A-Za-z]", c)), numbers))
        inside = line.startswith("|")
    return {f"Table {place}": rows for place, rows in enumerate(found, start=1)}


def mode(label):
    return "single" if label.startswith("Single") else label


def optimized(study, label, gate):
    """The quantities of a mode and gate in Tables 1 and 6, in the order of their columns; Single-Task has no hypervolume."""
    quantities = ["initial", "best", "best_step", "gain", *(["hvi"] if mode(label) != "single" else [])]
    return [f"{study}/{mode(label)}/{gate}/average/{quantity}" for quantity in quantities]


def by_criterion(first, last):
    return [f"{first}/{criterion}/{last}" for criterion in (*CRITERIA, "average")]


ROWS_OF_TABLE_3 = {
    "Initial": by_criterion("main/SSS/mae", "initial"),
    "Single-Task": by_criterion("main/single/mae", "best"),
    "Cherry-pick": by_criterion("cherrypick:main/spearman/mae", "spearman"),
}
ROWS_OF_TABLE_5 = {
    "Initial prompt (generic)": "main/SSS/mae/average/initial",
    "MAE Spearman": "cherrypick:main/spearman/mae/average/spearman",
    "MAE Off-by-one": "cherrypick:main/off_by_one/mae/average/spearman",
    "MAE MAE": "cherrypick:main/mae/mae/average/spearman",
    "None Spearman": "cherrypick:main/spearman/none/average/spearman",
    "None Off-by-one": "cherrypick:main/off_by_one/none/average/spearman",
    "None MAE": "cherrypick:main/mae/none/average/spearman",
}
LAYOUT = {
    "Table 1": lambda label: optimized("main", label, "mae") + optimized("main", label, "none"),
    "Table 2": lambda label: [f"main/{mode(label)}/{gate}/average/adherence{of}" for gate in GATES for of in ("", "_sd")],
    "Table 3": lambda label: ROWS_OF_TABLE_3[label],
    "Table 4": lambda label: by_criterion(f"main/{mode(label)}/all", "specificity"),
    "Table 5": lambda label: [ROWS_OF_TABLE_5[label]],
    "Table 6": lambda label: optimized("deepseek", label, "mae"),
}


@with_text
def test_every_cell_of_the_papers_tables_is_a_claim_as_printed():
    found = tables()
    assert list(found) == list(LAYOUT)
    for table, rows in found.items():
        cells = [cell for label, numbers in rows for cell in zip(LAYOUT[table](label), numbers, strict=True)]
        assert len(cells) == len(dict(cells))
        assert dict(cells) == {c.expression: c.printed for c in CLAIMS if table in c.places}, table


def sentences():
    """Each place of the running text with each claim that it states."""
    return [(place, claim) for claim in CLAIMS for place in claim.places if not place.startswith("Table")]


@with_text
@pytest.mark.parametrize(("place", "claim"), [pair for pair in sentences() if pair[1].printed], ids=str)
def test_a_sentences_number_stands_at_its_place(place, claim):
    # A sentence may print fewer digits than the table.
    shown = "|".join(re.escape(digits) for digits in {claim.printed, claim.printed.rstrip("0").rstrip(".") or "0"})
    assert re.search(NUMBER.format(f"(?:{shown})"), sections()[place])


@with_text
def test_every_sentence_is_of_a_place_that_the_paper_has():
    assert {place for place, _ in sentences()} <= set(sections())


# Decimals and percentages in the running text that are no result: the evaluator's name.
NO_RESULTS = {"4.6"}


@with_text
def test_no_decimal_or_percentage_of_the_text_is_left_out():
    for place, text in sections().items():
        text = re.sub(r"(?m)^[\dA-F]\.\d |§+\d\.\d", "", text)
        printed = {float(claim.printed) for at, claim in sentences() if at == place and claim.printed}
        found = set(re.findall(r"\d+\.\d+|\d+(?=%)", text)) - NO_RESULTS
        left_out = {number for number in found if float(number) not in printed}
        assert not left_out, (place, left_out)


def test_what_cannot_be_checked_is_listed_with_its_place_and_reason():
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))["not_checkable"]
    assert listed
    for entry in listed:
        assert set(entry) == {"place", "claim", "reason"}
        assert all(isinstance(value, str) and value for value in entry.values())
    assert len({(entry["place"], entry["claim"]) for entry in listed}) == len(listed)


@with_text
def test_what_cannot_be_checked_is_of_a_place_that_the_paper_has():
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))["not_checkable"]
    assert {entry["place"] for entry in listed} <= set(sections())


def test_claims_of_59_per_cent_explain_its_rounding():
    assert all("58.9%" in claim.at_odds for claim in CLAIMS if claim.printed == "59")


def test_every_quantity_of_a_claim_is_one_that_estimates_make():
    """A misspelt name would pass for a quantity that was not run."""
    documents = [f"d{i}" for i in range(6)]
    resamples = draw_resamples(documents, draws=2, seed=0)
    humans = np.arange(6) % 5 + 1.0
    places = resamples.locate_documents(documents)
    counts = dict.fromkeys(CRITERIA, count_pairs(places, humans, humans, resamples.weights))
    steps = [counts] * 13
    cells = [("main", mode, gate) for mode in MODES for gate in GATES]
    cells += [("deepseek", mode, "mae") for mode in MODES] + [("gradient-swap", mode, "mae") for mode in ("SSC", "SCC")]
    picks = [(metric, gate) for metric in ("spearman", "off_by_one", "mae") for gate in GATES]
    picks += [("per-criterion", "mae"), ("balanced-2", "all"), ("balanced-inf", "all")]
    variants = [EstimateName("cherrypick:main", *pick, "", "") for pick in picks]
    ratings = [
        RunRatings(*cell, 0, criterion, diagnostic, (5, 6))
        for cell in cells
        for criterion in CRITERIA
        for diagnostic in ("specificity", "adherence")
    ]
    scales, runs = dict.fromkeys(CRITERIA, Scale((1, 2, 3, 4, 5))), [Trajectory(0, steps, steps)]
    made = [estimate.name for cell in cells for estimate in estimate_agreement(*cell, runs, resamples, scales)]
    for variant in variants:
        made += [estimate.name for estimate in estimate_variant(variant, {0: counts}, resamples, scales)]
        made += [estimate.name for estimate in estimate_lengths(variant, dict.fromkeys(CRITERIA, 6), resamples)]
    for estimate_diagnostics in (estimate_cell_diagnostics, estimate_study_diagnostics):
        made += [estimate.name for estimate in estimate_diagnostics(ratings, resamples.run_picker)]
    for cell in cells:
        # Without a gate nothing is refused or validated.
        values = {quantity: 0.0 for quantity in COMBINE_RUNS if cell[2] == "mae" or quantity.startswith("tokens")}
        made += [estimate.name for estimate in estimate_dynamics(*cell, [RunDynamics(0, values)], resamples.run_picker)]
    wanted = {name for claim in CLAIMS for name in list_names(claim.expression)}
    assert wanted <= set(made)
    assert all(isinstance(name, EstimateName) for name in wanted)
