"""The tree of runs made by hand, with known answers, through estimates, tables and figures to every cell, bar and point."""

import re
import statistics

import numpy as np
import pyarrow.parquet as pq
import pytest
from matplotlib import pyplot as plt

from analysis.measure_lengths import write_lengths
from collide.analysis.estimate_files import list_parts, part_of
from collide.analysis.estimates import EstimateName
from collide.common.csv_json import read_csv, read_json_lines
from collide.experiment.runs import RunId
from collide.report.estimate_reader import Estimates, read_specificity
from collide.report.exhibits.registry import list_all_exhibits, plan_design
from collide.report.figures.specificity import BASELINE, FULL_BAR
from report.make_table import make_table
from tests.handmade import (
    ANSWERS,
    CONFIG,
    CRITERIA,
    METRICS,
    MODES,
    PICKED,
    SEEDS,
    STEPS,
    STUDIES,
    VARIANTS,
    build,
    solvers_own,
)

NAMES = {"single": "Single-Task"}
GATES = {"mae": "MAE validation", "none": "No validation"}
DESIGNED = CONFIG | {"studies": CONFIG["studies"] | STUDIES}
EXHIBITS = list_all_exhibits(DESIGNED)


def key(row):
    return EstimateName(*(row[part] for part in EstimateName._fields))


def test_every_estimate_is_what_can_be_worked_out_by_hand(tree):
    found = {key(row): row for row in read_csv(tree / "estimates.csv")}
    assert len(found) > 5000
    for name, row in found.items():
        # A p value depends on the drawn documents; the next test compares it with the interval.
        if not solvers_own(name) and name.quantity != "validation_gain_p":
            assert float(row["value"]) == pytest.approx(ANSWERS.value(*name), abs=1e-9), name
            same_picks = row["note"].startswith("same picks as balanced-") and name.mode.startswith("balanced-")
            assert same_picks or row["note"] in ("", "always 2", "without single, SSS", "without SSS", "without CCC"), name
        if name.study == PICKED and name.quantity in ("tokens", "length_ratio"):
            continue
        assert int(row["runs"]) >= 1, name


def test_a_gain_is_significant_where_its_interval_is_clear_of_zero(tree):
    found = {key(row): row for row in read_csv(tree / "estimates.csv")}
    gains = {name: row for name, row in found.items() if name.quantity == "validation_gain"}
    assert gains
    for name, row in gains.items():
        p_value = float(found[name._replace(quantity="validation_gain_p")]["value"])
        low, high = float(row["low"]), float(row["high"])
        # Percentiles of these 40 draws blur the ends of the interval.
        if abs(p_value - 0.05) > 0.02:
            assert (p_value < 0.05) == (low > 0 or high < 0), name


def test_every_estimate_is_in_the_part_of_its_name(tree):
    places = {}
    for path in (tree / "estimates").rglob("*.csv"):
        places |= {key(row): str(path.relative_to(tree)) for row in read_csv(path)}
    assert set(places.values()) == {part.csv_path("live").removeprefix("results/live/") for part in list_parts(CONFIG)}
    merged = {key(row) for row in read_csv(tree / "estimates.csv")}
    assert {name.mode for name in merged - set(places)} >= {"SCC-SSC", "spearman-single", "balanced-2-balanced-inf"}
    for name, place in places.items():
        assert part_of(name, VARIANTS).csv_path("live") == f"results/live/{place}", name


def test_merged_draws_are_those_of_the_parts_to_the_digits_of_a_float(tree):
    merged = {key(row): row["draws"] for row in pq.read_table(tree / "draws.parquet").to_pylist()}
    part = pq.read_table(tree / "estimates" / "main" / "SSC" / "mae" / "agreement.parquet").to_pylist()
    assert part
    for row in part:
        assert merged[key(row)] == [float(np.float32(value)) for value in row["draws"]]


def test_every_interval_holds_its_value_or_says_why_not(tree):
    """Percentile intervals of a bootstrap need not hold the sample's value where that is a maximum over steps, or a spread."""
    for row in read_csv(tree / "estimates.csv"):
        name = key(row)
        low, high = float(row["low"]), float(row["high"])
        assert low <= high, name
        if name.quantity in ("initial", "final", "spearman", "specificity", "adherence"):
            assert low - 1e-9 <= float(row["value"]) <= high + 1e-9, name


def test_picks_are_those_of_brute_force(tree):
    for variant, facts in VARIANTS.items():
        rows = {row["criterion"]: row for row in read_csv(tree / "cherrypick" / "main" / variant / "picked.csv")}
        assert list(rows) == CRITERIA
        expected = ANSWERS.picked(variant)
        if facts["ratio"] is None:
            assert {name: (row["gate"], int(row["seed"]), int(row["step"])) for name, row in rows.items()} == expected
        else:
            best = sum(METRICS["spearman"][ANSWERS.quality("main", "single", *place, name)] for name, place in expected.items())
            assert sum(float(row["value"]) for row in rows.values()) == pytest.approx(best)
            lengths = [int(row["tokens"]) for row in rows.values()]
            assert max(lengths) <= facts["ratio"] * min(lengths)
        prompts = read_json_lines(tree / "cherrypick" / "main" / variant / "prompts.jsonl")
        assert len(prompts) == (1 if facts["together"] else len(CRITERIA))


def test_lengths_are_those_of_the_instructions(tree, tmp_path):
    steps = sorted((tree / "runs" / "main" / "SSC" / "mae").rglob("steps.jsonl"))
    write_lengths(steps, tree / "main.csv", tmp_path / "lengths.csv", tmp_path / "asymmetry.csv")
    rows = read_csv(tmp_path / "lengths.csv")
    assert len(rows) == len(SEEDS) * (STEPS + 1) * len(CRITERIA)
    for row in rows:
        assert int(row["tokens"]) == ANSWERS.tokens("mae", int(row["seed"]), int(row["step"]), row["criterion"])
    for row in read_csv(tmp_path / "asymmetry.csv"):
        seed, step = int(row["seed"]), int(row["step"])
        lengths = [ANSWERS.tokens("mae", seed, step, c) for c in CRITERIA]
        assert float(row["ratio"]) == pytest.approx(max(lengths) / min(lengths))
        agreement = ANSWERS.by_seed("main", "SSC", "mae", "average", step)[SEEDS.index(seed)]
        assert float(row["spearman"]) == pytest.approx(agreement)


def optimized(study):
    """Tables 1 and 6: (row, group, column) -> name, and how it is printed."""
    columns = {
        "Initial": ("initial", "{:.3f}"),
        "Best": ("best", "{:.3f}"),
        "best_step": ("best_step", "({:.0f})"),
        "sd": ("best_sd", "±{:.3f}"),
        "Gain": ("gain", "{:+.3f}"),
        "HVI": ("hvi", "{:.3f}"),
        "Val. gain": ("validation_gain", "{:+.3f}"),
        "by_validation_step": ("by_validation_step", "({:.0f})"),
        "p": ("validation_gain_p", "{:.3f}"),
    }
    return {
        (NAMES.get(mode, mode), GATES[gate], column): (EstimateName(study, mode, gate, "average", quantity), form)
        for gate in STUDIES[study]["gates"]
        for mode in MODES
        for column, (quantity, form) in columns.items()
    }


def by_criterion(label, study, mode, gate, quantity, form):
    return {(label, "", c): (EstimateName(study, mode, gate, c, quantity), form) for c in (*CRITERIA, "average")}


def our_label(variant):
    facts = VARIANTS[variant]
    if facts["ratio"]:
        return f"balanced, r = {facts['ratio']:g}"
    if not facts["together"]:
        return "one prompt per criterion"
    metric = {"spearman": "Spearman", "off_by_one": "Off-by-one", "mae": "MAE"}[facts["metric"]]
    return f"{GATES[facts['gate']]}, {metric}"


CELLS = {
    "table1": optimized("main"),
    "table2": {
        (NAMES.get(mode, mode), GATES[gate], column): (EstimateName("main", mode, gate, "average", quantity), form)
        for mode in MODES
        for gate in GATES
        for column, quantity, form in (("Mean", "adherence", "{:.2f}"), ("sd", "adherence_sd", "±{:.2f}"))
    },
    "table3": by_criterion("Initial", "main", "SSS", "mae", "initial", "{:.3f}")
    | by_criterion("Single-Task", "main", "single", "mae", "best", "{:.3f}")
    | by_criterion("Cherry-pick", PICKED, "spearman", "mae", "spearman", "{:.3f}"),
    "table4": {
        place: cell
        for mode, label, quantity in [
            *((m, NAMES.get(m, m), "specificity") for m in MODES),
            ("per-task", "per-task gradient", "specificity"),
            ("per-task", "SSS, SSC: joined over criteria", "specificity_joined"),
            ("cross-task", "cross-task gradient", "specificity"),
            ("cross-task", "SCC, CCC: part about the criterion", "specificity_part"),
        ]
        for place, cell in {
            **by_criterion(label, "main", mode, "all", quantity, "{:.2f}"),
            (label, "", "average, topics"): (EstimateName("main", mode, "all", "average", f"{quantity}_topics"), "{:.2f}"),
        }.items()
    },
    "table5": {("Initial prompt", "", "Spearman"): (EstimateName("main", "SSS", "mae", "average", "initial"), "{:.3f}")}
    | {
        (our_label(variant), "", "Spearman"): (
            EstimateName(PICKED, facts["label"], facts["gate"], "average", "spearman"),
            "{:.3f}",
        )
        for variant, facts in VARIANTS.items()
    },
    "table6": optimized("deepseek"),
}


def design(name):
    return plan_design(DESIGNED, EXHIBITS[name])


def table(root, name, out):
    exhibit, files = EXHIBITS[name], [out / f"{name}{form}" for form in (".csv", ".tex", "-caption.tex")]
    make_table(exhibit.kind, design(name), (name, exhibit.heading), {}, [root / "estimates.csv"], [], {}, False, *files)
    return {(r["row"], r["group"], r["column"]): r for r in read_csv(out / f"{name}.csv")}


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_of_a_table(tree, tmp_path, name):
    rows, estimates = table(tree, name, tmp_path), {key(row): row for row in read_csv(tree / "estimates.csv")}
    assert set(rows) == set(CELLS[name])
    printed = (tmp_path / f"{name}.tex").read_text()
    for command, text in ((r"$\pm$", "±"), ("$-$", "-"), (r"\textless{}", "<")):
        printed = printed.replace(command, text)
    printed = re.sub(r"\\textbf\{(.*?)\}", r"\1", printed)
    for place, (quantity, form) in CELLS[name].items():
        row = rows[place]
        if quantity.mode == "single" and quantity.quantity == "hvi":
            assert (row["value"], row["note"]) == ("", "not defined for Single-Task")
            continue
        value = float(estimates[quantity]["value"])
        if quantity.quantity != "validation_gain_p":
            value = ANSWERS.value(*quantity)
        assert float(row["value"]) == pytest.approx(value, abs=1e-9), place
        assert (row["low"], row["high"]) == (estimates[quantity]["low"], estimates[quantity]["high"]), place
        shown = "<0.001" if quantity.quantity == "validation_gain_p" and value < 0.001 else form.format(value)
        assert any(line.startswith(place[0]) and f" {shown} " in f" {line} " for line in printed.splitlines()), place


def draw(tree, name):
    """A figure from the tree's estimates and the ratings of the cells that its entry names."""
    kind = EXHIBITS[name].kind
    cells = kind.ratings(design(name))
    paths = [path for path in sorted((tree / "diagnostics").rglob("*.csv")) if cell_of(path) in cells]
    return kind.draw(design(name), Estimates([tree / "estimates.csv"]), read_specificity(paths))


def cell_of(path):
    run = RunId.parse(path)
    return run.study, run.shown_mode, run.gate


@pytest.mark.parametrize(("name", "study"), [("figure2", "main"), ("figure5", "deepseek")])
def test_every_point_of_the_trajectories(tree, name, study):
    figure = draw(tree, name)
    gates = STUDIES[study]["gates"]
    axes = np.array(figure.axes).reshape(len(CRITERIA) + 1, len(MODES))
    for row, criterion in zip(axes, ("average", *CRITERIA), strict=True):
        for axis, mode in zip(row, MODES, strict=True):
            lines = [line for line in axis.lines if line.get_label() != "initial prompt"]
            for line, gate in zip(lines, gates, strict=True):
                expected = [ANSWERS.value(study, mode, gate, criterion, f"step{step}") for step in range(STEPS + 1)]
                assert line.get_label() == GATES[gate]
                assert line.get_ydata() == pytest.approx(expected, abs=1e-9)
    plt.close(figure)


def shares(axis):
    """The height of every rating's bar, as a part of the highest one, by row from the top."""
    drawn = {}
    for bar in axis.patches:
        place = round(BASELINE - bar.get_y())
        drawn.setdefault(place, {})[round(bar.get_x() + bar.get_width() / 2)] = bar.get_height() / FULL_BAR
    return drawn


def assert_distributions(axis, study, rows, gates):
    """Each row (label, mode or group, diagnostic) has the share of every rating, and its mean as text."""
    labels, numbers = ([label.get_text() for label in found.get_yticklabels()] for found in (axis, axis.child_axes[0]))
    assert labels == [label for label, _, _ in rows]
    expected, drawn = {}, shares(axis)
    for place, (_, mode, diagnostic) in enumerate(rows):
        ratings = [r for gate in gates for r in ANSWERS.ratings(study, mode, gate, "average", diagnostic)]
        expected[place] = {rating: ratings.count(rating) / len(ratings) for rating in set(ratings)}
        assert numbers[place].splitlines()[0] == f"{statistics.fmean(ratings):.2f}"
    highest = max(share for row in expected.values() for share in row.values())
    for place, row in expected.items():
        assert drawn[place] == pytest.approx({rating: share / highest for rating, share in row.items()})


@pytest.mark.parametrize(("name", "study"), [("figure3", "main"), ("figure6", "deepseek")])
def test_every_bar_of_the_specificity_figures(tree, name, study):
    figure = draw(tree, name)
    rows = [
        *((NAMES.get(m, m), m, "specificity") for m in ("single", "SSS", "SSC")),
        ("SSS, SSC:\njoined over criteria", "per-task", "specificity_joined"),
        *((m, m, "specificity") for m in ("SCC", "CCC")),
        ("SCC, CCC:\npart about the criterion", "cross-task", "specificity_part"),
    ]
    assert_distributions(figure.axes[0], study, rows, STUDIES[study]["gates"])
    plt.close(figure)


def test_every_bar_of_the_swap_figure(tree):
    figure = draw(tree, "figure4")
    rows = [
        ("SSC", "SSC", "specificity"),
        ("SSC:\njoined over criteria", "SSC", "specificity_joined"),
        ("SCC", "SCC", "specificity"),
        ("SCC:\npart about the criterion", "SCC", "specificity_part"),
    ]
    for axis, study in zip(figure.axes, ("gradient-swap", "main"), strict=True):
        assert_distributions(axis, study, rows, ["mae"])
    plt.close(figure)


def test_every_point_of_the_balance_figure(tree):
    figure = draw(tree, "balance")
    balanced = sorted((facts["ratio"], name) for name, facts in VARIANTS.items() if facts["ratio"])
    texts = {
        name: tuple(row["instruction"] for row in read_csv(tree / "cherrypick" / "main" / name / "picked.csv"))
        for _, name in balanced
    }
    # The narrowest limit of each choice.
    distinct = {texts[name]: name for _, name in reversed(balanced)}
    names = [name for _, name in balanced if name in distinct.values()]
    assert 1 < len(names) < len(balanced)
    curve = figure.axes[0].containers[0].lines[0]
    assert curve.get_ydata() == pytest.approx([ANSWERS.value(PICKED, n, "all", "average", "spearman") for n in names])
    tokens = {name: [len(text.split()) for text in texts[name]] for name in names}
    assert curve.get_xdata() == pytest.approx([max(tokens[name]) / min(tokens[name]) for name in names])
    lines = {line.get_label(): line.get_ydata()[0] for line in figure.axes[0].lines}
    references = {
        "one prompt per criterion": ("per-criterion", "mae"),
        "any lengths (r = inf)": ("balanced-inf", "all"),
    }
    for label, (variant, gate) in references.items():
        assert lines[label] == pytest.approx(ANSWERS.value(PICKED, variant, gate, "average", "spearman"))
    plt.close(figure)


def test_missing_runs_are_reported_and_have_no_value(tmp_path):
    gone = {("main", "SSS", "mae", 1), *(("main", "SCC", "none", seed) for seed in SEEDS)}
    root = build(tmp_path, ANSWERS, leave_out=gone)
    rows = table(root, "table1", tmp_path)
    assert rows["SSS", GATES["mae"], "Best"]["runs"] == "1"
    assert rows["SSS", GATES["mae"], "sd"]["value"] == ""
    assert rows["SCC", GATES["none"], "Best"]["value"] == ""
    assert rows["SCC", GATES["none"], "Best"]["note"] == "no run"
    assert "Not run: SCC" in (root / "table1-caption.tex").read_text()


def test_a_run_without_predictions_is_left_out_and_reported(tree, tmp_path):
    root = build(tmp_path, ANSWERS, empty={("main", "SSC", "mae", 1)})
    rows = table(root, "table1", tmp_path)
    best = rows["SSC", GATES["mae"], "Best"]
    assert (best["runs"], best["note"]) == ("1", "seed 1 left out, no predictions of every criterion")
    assert "seed 1 left out" in (tmp_path / "table1-caption.tex").read_text()
    whole = table(tree, "table1", tmp_path)
    assert rows["SSS", GATES["mae"], "Best"] == whole["SSS", GATES["mae"], "Best"]


def test_the_same_tree_gives_the_same_bytes(tree, tmp_path):
    again = build(tmp_path, ANSWERS)
    for name in ("estimates.csv", "draws.parquet"):
        assert (again / name).read_bytes() == (tree / name).read_bytes()
