"""Every table from estimates made by hand: each cell is in its place, and missing estimates are reported."""

import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from collide.analysis.estimates import EstimateName
from collide.claims.claim_reader import read_printed_numbers
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.report.estimate_reader import Estimates
from collide.report.exhibits.design import Design
from collide.report.exhibits.kind import TableKind
from collide.report.exhibits.registry import read_paper_exhibits
from collide.report.latex import escape
from collide.report.table_notes import list_notes
from report.make_table import make_table

CRITERIA = ["fluency", "relevance"]
STUDY = {"modes": ["single", "SSS", "SCC"], "gates": ["mae", "none"], "seeds": [0, 1], "steps": 12}
VARIANTS = {
    "mae-spearman": {"label": "spearman", "gate": "mae", "ratio": None},
    "balanced-2": {"label": "balanced-2", "gate": "all", "ratio": 2},
    "per-criterion": {"label": "per-criterion", "gate": "mae", "ratio": None},
}
SCALES = {name: [1, 5] for name in CRITERIA}
DESIGN = Design({"main": STUDY}, SCALES, VARIANTS, 0.95, ["paper", "topics"])
EXHIBITS = {exhibit.name: exhibit for exhibit in read_paper_exhibits()}
TABLES = [name for name, exhibit in EXHIBITS.items() if isinstance(exhibit.kind, TableKind)]
PAPER = read_printed_numbers()
ASKED = {"task": "small", "loss": "large", "gradient": "large", "optimizer": "large", "evaluator": "judge"}
COLUMNS = ("study", "mode", "gate", "criterion", "quantity", "value", "low", "high", "runs", "n", "note")


def write_estimates(path, values, simulated=True):
    """Estimates of the given names, each with an interval of 0.1 to both sides."""
    rows = [
        EstimateName(*name)._asdict() | {"value": v, "low": v - 0.1, "high": v + 0.1, "runs": 2, "n": 2, "note": note}
        for name, (v, note) in values.items()
    ]
    write_csv(path, COLUMNS, rows, simulated)
    return path


def names_of(table):
    return EXHIBITS[table].kind.list_estimates(DESIGN)


def make(tmp_path, table, values, simulated=True, usages=(), floating=False):
    """Rows of the CSV, and all LaTeX: the tabular, then caption and notes."""
    exhibit, estimates = EXHIBITS[table], write_estimates(tmp_path / "estimates.csv", values, simulated)
    paths = [tmp_path / f"{table}{form}" for form in (".csv", ".tex", "-caption.tex")]
    make_table(exhibit.kind, DESIGN, (table, exhibit.heading), PAPER, [estimates], usages, ASKED, floating, *paths)
    return read_csv(paths[0]), paths[1].read_text() + paths[2].read_text()


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_shows_its_own_quantity(tmp_path, table):
    names = names_of(table)
    values = {tuple(name): (i / 100, "") for i, name in enumerate(dict.fromkeys(names))}
    rows, tex = make(tmp_path, table, values)
    assert [float(row["value"]) for row in rows] == [values[tuple(name)][0] for name in names]
    assert all(row["runs"] == "2" for row in rows)
    printed = re.sub(r"\[[^]]*\]", "", tex)
    for name in names:
        value = values[tuple(name)][0]
        assert f"{value:.3f}" in printed or f"{value:.2f}" in printed or f"({value:.0f})" in printed


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_any_run_reports_it_and_shows_no_value(tmp_path, table):
    rows, tex = make(tmp_path, table, {})
    assert {row["value"] for row in rows} == {""}
    absences = {cell.absence for _, cells in EXHIBITS[table].kind.build(DESIGN).rows for cell in cells}
    assert {row["note"] for row in rows} <= {*absences, "not defined for Single-Task"}
    assert "Not run: " in tex


def test_table_1_has_a_line_per_mode_and_all_quantities_per_gate(tmp_path):
    names = names_of("table1")
    rows, tex = make(tmp_path, "table1", {tuple(name): (0.3, "") for name in names if name.mode != "single"})
    assert list(dict.fromkeys(row["row"] for row in rows)) == ["Single-Task", "SSS", "SCC"]
    assert len(rows) == 3 * 2 * 9
    assert "MAE validation" in tex
    assert r"\multicolumn{10}{l}{\textit{No validation}}" in tex


def line_of(tex, label, below=0):
    """The cells of a row's line of values, or of a line below it."""
    lines = tex.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"{label} &"))
    return [cell.strip() for cell in lines[start + below].partition(r"\\")[0].split("&")]


def test_the_papers_numbers_stand_below_ours_and_in_the_csv(tmp_path):
    rows, tex = make(tmp_path, "table1", {tuple(name): (0.2, "") for name in names_of("table1")})
    paper = {row["column"]: row["paper"] for row in rows if (row["row"], row["group"]) == ("Single-Task", "MAE validation")}
    shown = {"Initial": "0.274", "Best": "0.305", "best_step": "2", "Gain": "+0.031"}
    assert paper == dict.fromkeys(["sd", "HVI", "Val. gain", "by_validation_step", "p"], "") | shown
    printed = [cell.removeprefix(r"\scriptsize\itshape ") for cell in line_of(tex, "Single-Task", below=2)]
    assert printed == [r"\scriptsize\itshape\quad paper", "0.274", "0.305", "(2)", "", "+0.031", "", "", "", ""]
    assert "Italics: the number that the paper prints." in tex


def test_the_form_of_a_cell_is_kept_around_the_papers_number(tmp_path):
    _, tex = make(tmp_path, "table2", {tuple(name): (7.0, "") for name in names_of("table2")})
    assert line_of(tex, "Single-Task", below=2)[1:3] == [r"\scriptsize\itshape 8.70", r"\scriptsize\itshape $\pm$0.47"]


def test_rows_that_the_paper_does_not_have_show_no_number_of_it(tmp_path):
    rows, _ = make(tmp_path, "table5", {tuple(name): (0.2, "") for name in names_of("table5")})
    assert {row["row"]: row["paper"] for row in rows} == {
        "Initial prompt": "0.284",
        "MAE validation, Spearman": "0.220",
        "balanced, r = 2": "",
        "one prompt per criterion": "",
    }


def test_the_highest_best_of_all_rows_is_bold_and_nothing_else(tmp_path):
    values = {tuple(name): (0.2, "") for name in names_of("table1")}
    values["main", "SCC", "none", "average", "best"] = (0.3001, "")
    _, tex = make(tmp_path, "table1", values)
    assert re.findall(r"\\textbf\{(.*?)\}", tex) == ["0.300"]
    # Equal as printed, so both are the highest to a reader.
    values["main", "SSS", "mae", "average", "best"] = (0.2999, "")
    _, tex = make(tmp_path, "table1", values)
    assert re.findall(r"\\textbf\{(.*?)\}", tex) == ["0.300"] * 2
    assert line_of(tex, "SSS")[2] == r"\textbf{0.300}"


def test_a_p_value_is_never_printed_as_zero(tmp_path):
    values = {tuple(name): (0.0001, "") for name in names_of("table1")}
    _, tex = make(tmp_path, "table1", values)
    assert line_of(tex, "SSS")[-1] == r"\textless{}0.001"
    # A correlation may be small.
    assert line_of(tex, "SSS")[1] == "0.000"


def test_notes_on_undefined_values_reach_the_reader(tmp_path):
    cell = ("main", "SSS", "mae", "average")
    note = "1 of 8 undefined, counted as 0"
    rows, tex = make(tmp_path, "table1", {(*cell, quantity): (0.2, note) for quantity in ("best", "step0")})
    assert "1 of 8 undefined, counted as 0" in tex
    assert "1 of 8 undefined, counted as 0" in {row["note"] for row in rows}
    assert "Undefined correlations, counted as 0 in averages: 1." in tex


def test_an_undefined_correlation_is_counted_once_however_often_it_is_shown(tmp_path):
    cell, note = ("main", "SSS", "mae", "average"), "1 of 8 undefined, counted as 0"
    shown = {(*cell, quantity): (0.2, note) for quantity in ("initial", "best", "validation_gain", "step0")}
    _, tex = make(tmp_path, "table1", shown | {(*cell, "step1"): (0.1, "")})
    assert "counted as 0 in averages: 1." in tex


def test_undefined_correlations_of_hidden_steps_count_where_a_cell_is_computed_from_them(tmp_path):
    cell, note = ("main", "SSS", "mae", "average"), "2 of 8 undefined, counted as 0"
    shown = {(*cell, quantity): (0.2, "") for quantity in ("initial", "best", "hvi", "step0")}
    _, tex = make(tmp_path, "table1", shown | {(*cell, "step1"): (0.1, note)})
    assert "counted as 0 in averages: 2." in tex


def test_a_table_that_mae_decides_on_shows_the_error_of_a_constant_judge(tmp_path):
    values = {
        ("corpus", "constant", "all", "fluency", "mae"): (0.33, "always 5"),
        ("main", "SSS", "mae", "average", "best"): (0.3, ""),
        ("main", "SSS", "mae", "average", "step0"): (0.3, ""),
    }
    _, tex = make(tmp_path, "table1", values)
    assert "best constant rating, which MAE can favour: fluency 0.33." in tex
    assert "No correlation was undefined." in tex


def write_usage(path, **roles):
    """A usage file of a run's two jobs; `roles` are the replies by model that was served."""
    optimize = {role: {"models": models} for role, models in roles.items()}
    path.write_text(json.dumps({"optimize": {"roles": optimize}, "evaluate": {"roles": {"task": {"models": {"small": 30}}}}}))
    return path


def test_a_model_that_was_not_requested_is_reported_with_its_replies(tmp_path):
    usages = [
        write_usage(tmp_path / "a.json", task={"small": 5, "small-0423": 2}, loss={"large": 9}),
        write_usage(tmp_path / "b.json", task={"small-0423": 1, "tiny": 1}, loss={"large": 9}),
    ]
    _, tex = make(tmp_path, "table1", {}, usages=usages)
    assert "Task model: asked for small, served small-0423 in 3 and tiny in 1 of 69 replies." in tex
    assert "Loss model" not in tex


def test_models_that_were_requested_are_not_reported(tmp_path):
    _, tex = make(tmp_path, "table1", {}, usages=[write_usage(tmp_path / "a.json", task={"small": 5})])
    assert "asked for" not in tex


def test_the_notice_is_in_all_forms_or_in_none(tmp_path):
    values = {names_of("table2")[0]: (7.0, "")}
    _, tex = make(tmp_path, "table2", values)
    assert tex.startswith("% SIMULATED")
    printed = tex.partition(r"\bottomrule")[2].partition(r"\end{tabular}")[0]
    words = " ".join(re.findall(r"\\bfseries (.*)\}", printed))
    assert words == f"{SIMULATED_NOTICE}."
    assert is_simulated(tmp_path / "table2.csv")
    _, tex = make(tmp_path, "table2", values, simulated=False)
    assert "SIMULATED" not in tex
    assert not is_simulated(tmp_path / "table2.csv")


def test_text_is_never_run_as_latex():
    hostile = r"\input{/etc/passwd} $x$ %& #_^~ {" + "\x07é"
    assert escape(hostile) == (
        r"\textbackslash{}input\{/etc/passwd\} \$x\$ \%\& \#\_\textasciicircum{}\textasciitilde{} \{[U+0007]é"
    )


def test_a_note_on_a_whole_row_is_printed_once(tmp_path):
    names = names_of("table4")
    group = [tuple(name) for name in names if name.mode == "per-task" and "joined" not in name.quantity]
    values = dict.fromkeys(group, (9.0, "without SSC")) | {("main", "SCC", "all", "fluency", "specificity"): (3.0, "1 missing")}
    _, tex = make(tmp_path, "table4", values)
    assert tex.count("without SSC") == 1
    assert "per-task gradient: without SSC." in tex
    assert "SCC, fluency: 1 missing." in tex


def test_groups_of_modes_are_listed_with_the_modes_that_the_study_has(tmp_path):
    _, tex = make(tmp_path, "table4", {})
    assert "over the gates mae, none, all steps and 2 seeds" in tex
    assert "per-task gradient is all ratings of Single-Task, SSS; cross-task gradient is all ratings of SCC." in tex


def test_a_trajectory_ends_at_the_first_missing_step(tmp_path):
    values = {("main", "SSS", "mae", "average", f"step{i}"): (i / 10, "") for i in (0, 1, 3)}
    found = Estimates([write_estimates(tmp_path / "e.csv", values)])
    cell = EstimateName("main", "SSS", "mae", "average", "")
    assert [shown.value for shown in found.find_trajectory(cell)] == [0.0, 0.1]


def test_estimates_are_read_from_all_files(tmp_path):
    one, other = ("main", "SSS", "mae", "average", "best"), ("main", "SCC", "mae", "average", "best")
    paths = [write_estimates(tmp_path / f"{i}.csv", {name: (i, "")}, bool(i)) for i, name in enumerate((one, other))]
    found = Estimates(paths)
    assert [found.find(EstimateName(*name)).value for name in (one, other)] == [0, 1]
    assert found.simulated and not Estimates(paths[:1]).simulated


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_a_bare_tabular(tmp_path, table):
    """It uses commands of LaTeX and booktabs alone, so that a paper can input it where it likes."""
    make(tmp_path, table, {tuple(name): (0.3, "") for name in names_of(table)})
    tex = (tmp_path / f"{table}.tex").read_text()
    body = [line for line in tex.splitlines() if not line.startswith("%")]
    assert body[0].startswith(r"\begin{tabular}") and body[-1] == r"\end{tabular}"
    used = set(re.findall(r"\\([A-Za-z]+)", tex))
    fonts = {"scriptsize", "bfseries", "itshape", "textit", "textbf"}
    booktabs = {"toprule", "midrule", "bottomrule", "cmidrule", "addlinespace"}
    assert used <= booktabs | fonts | {"begin", "end", "multicolumn", "quad", "pm"}
    assert "{document}" not in tex


def test_a_float_holds_caption_and_label(tmp_path):
    make(tmp_path, "table2", {}, floating=True)
    tex = (tmp_path / "table2.tex").read_text()
    assert tex.startswith(r"\begin{table}") and tex.endswith("\\end{table}\n")
    assert r"\caption[{Table 2: feedback adherence}]{Feedback adherence, 1 to 10" in tex
    assert r"\label{tab:table2}" in tex
    assert tex.count(r"\begin{tabular}") == 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
@pytest.mark.parametrize("floating", [False, True])
def test_a_document_with_booktabs_alone_can_input_every_table(tmp_path, floating):
    for table in TABLES:
        make(tmp_path, table, {tuple(name): (0.3, "") for name in names_of(table)}, floating=floating)
    inputs = "\n".join(rf"\input{{{table}}}\par\input{{{table}-caption}}\clearpage" for table in TABLES)
    latex = "\n".join([r"\documentclass{article}\usepackage{booktabs}\begin{document}", inputs, r"\end{document}"])
    (tmp_path / "paper.tex").write_text(latex)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]


def test_the_judge_evaluation_names_the_documents_and_raters_behind_its_intervals(tmp_path):
    path, rows = tmp_path / "quality.csv", []
    cells = [("SSS", "mae", "initial", 2), ("SCC", "mae", "by_validation", 2), ("humans", "all", "expert", 3)]
    for mode, gate, prompt, runs in cells:
        name = EstimateName("main", mode, gate, "average", f"{prompt}/pooled/spearman")
        row = {"value": 0.3, "low": 0.2, "high": 0.4, "documents": 96, "runs": runs, "note": ""}
        rows.append(name._asdict() | row)
    write_csv(path, tuple(rows[0]), rows, False)
    kind, paths = EXHIBITS["quality"].kind, [tmp_path / f"quality{form}" for form in (".csv", ".tex", "-caption.tex")]
    make_table(kind, DESIGN, ("quality", "Quality"), PAPER, [path], [], ASKED, False, *paths)
    notes = paths[2].read_text()
    assert "Behind the intervals: 96 documents and 2 seeds (Initial, SCC); 96 documents and 3 experts (Experts)." in notes


NAMES = [
    "C++ (style)",
    "R&D_100%",
    "*[starred]",
    "Überzeugung",
    "流畅",
    "a very long name of a criterion that needs lines",
    *"ghijkl",
]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
@pytest.mark.parametrize("table", ["table3", "table4"])
def test_a_table_of_twelve_criteria_with_any_names_is_turned_and_fits_a_page(tmp_path, table):
    wide = Design({"main": STUDY}, dict.fromkeys(NAMES, SCALES["fluency"]), VARIANTS, rubrics=["paper", "topics"])
    kind, paths = EXHIBITS[table].kind, [tmp_path / f"{table}{form}" for form in (".csv", ".tex", "-caption.tex")]
    values = {tuple(name): (3.0, "") for name in kind.list_estimates(wide)}
    estimates = write_estimates(tmp_path / "estimates.csv", values)
    make_table(kind, wide, (table, "Heading"), {}, [estimates], [], ASKED, False, *paths)
    assert {row["column"] for row in read_csv(paths[0])} >= set(NAMES)
    assert paths[1].read_text().count("3.00" if table == "table4" else "3.000") == len(values)
    assert r"C++ (style) & " in paths[1].read_text()
    packages = r"\usepackage{booktabs}\usepackage[T1]{fontenc}\usepackage[landscape,a4paper,margin=1cm]{geometry}"
    body = rf"\begin{{document}}\footnotesize\noindent\input{{{table}}}\end{{document}}"
    (tmp_path / "paper.tex").write_text(rf"\documentclass{{article}}{packages}{body}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
    assert "Overfull" not in done.stdout


CLASSES = {"classes": ["angry", "calm"]}


def test_the_judge_evaluation_has_the_measures_that_the_scales_and_levels_allow():
    def label(**changes):
        return [label for label, _ in EXHIBITS["quality"].kind.build(replace(DESIGN, **changes)).rows]

    assert label() == label(scale_configs={"tone": [1, 3]})
    assert label().count("Spearman") == 3
    rows = label(unit="rows", has_systems=False)
    assert (rows.count("Spearman"), rows.count("Pairwise accuracy")) == (1, 1)
    nominal = label(scale_configs={"tone": CLASSES})
    assert nominal[:4] == ["Cohen's kappa", "Macro-F1", "Error rate", "Accuracy"]
    assert "sd of Cohen's kappa" in nominal
    assert not {"Bias", "Weighted kappa", "Pairwise accuracy", "Spearman"} & set(nominal)
    mixed = label(scale_configs=SCALES | {"tone": CLASSES})
    assert mixed[:2] == ["Spearman / Cohen's kappa", "Kendall (tau-b) / Macro-F1"]
    assert {"Bias", "Accuracy"} <= set(mixed)


@pytest.mark.parametrize(
    ("scales", "words"),
    [
        ({"tone": CLASSES}, "Error rate of the best constant rating, which Error rate can favour"),
        (
            {"a": [0, 100], "b": [0, 1]},
            "Mean absolute error, in widths of the scales, of the best constant rating, which MAE can",
        ),
        ({"a": [1, 3], "b": [2, 4]}, "Mean absolute error of the best constant rating, which MAE can favour"),
    ],
)
def test_the_error_of_a_constant_judge_is_in_the_metric_and_unit_of_the_criteria(tmp_path, scales, words):
    constant = {("corpus:talk", "constant", "all", name, "mae"): (0.25, "") for name in scales}
    estimates = Estimates([write_estimates(tmp_path / "e.csv", constant)])
    design = replace(DESIGN, scale_configs=scales, unit="rows")
    notes = list_notes(EXHIBITS["table1"].kind.build(design), estimates, {}, design)
    assert notes[0] == "Brackets: 95% bootstrap intervals over rows and seeds or, for diagnostics, over runs."
    assert notes[-1].startswith(words)


def test_notes_on_the_metrics_of_single_criteria_stand_in_the_caption_alone(tmp_path):
    note = "mean of spearman (a, b) and kappa (tone); without tone: classes have no order; 1 of 8 undefined, counted as 0"
    names = {("main", "SSS", "mae", "average", f"initial/pooled/{metric}"): (0.2, note) for metric in ("spearman", "mae")}
    names[("main", "SSS", "mae", "average", "initial/pooled/accuracy")] = (0.2, "without a, b")
    names[("main", "SSS", "mae", "average", "initial/pooled/kendall")] = (0.2, "macro_f1")
    design = replace(DESIGN, scale_configs={"a": [1, 3], "b": [1, 3], "tone": CLASSES})
    table = EXHIBITS["quality"].kind.build(design)
    notes = list_notes(table, Estimates([write_estimates(tmp_path / "e.csv", names)]), {}, design)
    assert sum("1 of 8 undefined, counted as 0." in text for text in notes) == 2
    assert not [text for text in notes if "mean of" in text or "no order" in text or "without a" in text or "macro_f1" in text]
    assert "tone: classes without an order" in table.caption
