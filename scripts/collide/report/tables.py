"""The paper's tables as data: which quantity stands in which cell. One path prints them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collide.analysis.estimates import ALL_GATES, AVERAGE, CROSS_TASK, GROUPS, PER_TASK, EstimateName
from collide.analysis.instructions.tokens import TOKENIZER
from collide.experiment.variants import choose_shown_gate
from collide.report.estimate_reader import Estimates, Shown
from collide.report.latex import document, escape

MODE_NAMES = {"single": "Single-Task", PER_TASK: "per-task gradient", CROSS_TASK: "cross-task gradient"}
GATE_NAMES = {
    "mae": "MAE validation",
    "none": "No validation",
    "off_by_one": "Off-by-one validation",
    "spearman": "Spearman validation",
}
METRIC_NAMES = {"spearman": "Spearman", "off_by_one": "Off-by-one", "mae": "MAE"}
CORRELATIONS = {"initial", "best", "by_validation", "hvi", "spearman"}
COLUMNS = ("row", "group", "column", "value", "low", "high", "runs", "note")


@dataclass(frozen=True, slots=True)
class Cell:
    """A quantity and how it is printed, e.g. "{:.3f}"; `group` and `column` are the heads over it."""

    name: EstimateName
    form: str
    column: str
    group: str = ""
    interval: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, with a rule or a heading above some of them; headings stand for the groups of the cells."""

    caption: str
    rows: list[tuple[str, list[Cell]]]
    rules: set[int] = field(default_factory=set)
    headings: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def mode_name(mode: str) -> str:
    """A mode as the paper writes it."""
    return MODE_NAMES.get(mode, mode)


def _seeds(facts: Mapping[str, Any]) -> str:
    return f"{len(facts['seeds'])} seed{'s' * (len(facts['seeds']) != 1)}"


def study_table(study: str, facts: Mapping[str, Any], criteria: Sequence[str]) -> Table:
    """Tables 1 and 6: initial and best prompt, gain and HVI, by mode and gate."""

    def cells(mode: str, gate: str) -> list[Cell]:
        return [
            Cell(EstimateName(study, mode, gate, AVERAGE, quantity), form, column, GATE_NAMES[gate], interval)
            for column, quantity, form, interval in (
                ("Initial", "initial", "{:.3f}", True),
                ("Best", "best", "{:.3f}", True),
                ("(step)", "best_step", "({:.0f})", False),
                ("sd", "best_sd", "±{:.3f}", False),
                ("Gain", "gain", "{:+.3f}", True),
                ("HVI", "hvi", "{:.3f}", True),
                ("By val.", "by_validation", "{:.3f}", True),
                ("(step)", "by_validation_step", "({:.0f})", False),
            )
        ]

    return Table(
        f"Study {study}: Spearman correlation with the human scores on the test pairs, averaged over {len(criteria)} criteria"
        f" and {_seeds(facts)}, of the initial prompt and of the best of {facts['steps']} steps. Best is the step"
        " with the highest test value, as in the paper, which flatters it; every draw of an interval chooses it anew. By val."
        " is the step chosen on the validation pairs, with its test value. sd is over seeds. HVI is the hypervolume above −1"
        " that the prompts up to the last step dominate; it is not defined for Single-Task.",
        [(mode_name(mode), cells(mode, gate)) for gate in facts["gates"] for mode in facts["modes"]],
        headings={place * len(facts["modes"]): GATE_NAMES[gate] for place, gate in enumerate(facts["gates"])},
    )


def adherence_table(study: str, facts: Mapping[str, Any], criteria: Sequence[str]) -> Table:
    """Table 2: feedback adherence by mode and gate, mean and standard deviation over all scores of the cell."""
    rows = []
    for mode in facts["modes"]:
        cells = []
        for gate in facts["gates"]:
            name = EstimateName(study, mode, gate, AVERAGE, "adherence")
            cells.append(Cell(name, "{:.2f}", "Mean", GATE_NAMES[gate]))
            cells.append(Cell(name._replace(quantity="adherence_sd"), "±{:.2f}", "sd", GATE_NAMES[gate], interval=False))
        rows.append((mode_name(mode), cells))
    return Table(
        f"Feedback adherence, 1 to 10: how far the optimizer's rewrites follow the textual gradients, over all steps, criteria"
        f" and {_seeds(facts)} of study {study}.",
        rows,
    )


def criterion_table(study: str, facts: Mapping[str, Any], criteria: Sequence[str]) -> Table:
    """Table 3: the initial prompt, Single-Task at its best step, and the cherry-picked prompt, by criterion."""

    def row(label: str, *name: str) -> tuple[str, list[Cell]]:
        owner, mode, gate, quantity = name
        return label, [Cell(EstimateName(owner, mode, gate, c, quantity), "{:.3f}", c) for c in (*criteria, AVERAGE)]

    gate = choose_shown_gate(facts)
    return Table(
        f"Spearman correlation by criterion (gate {gate}): the initial prompt (SSS, step 0); Single-Task (best step), each"
        " criterion judged by a prompt of its own; and the instructions picked for their Spearman correlation out of the"
        f" Single-Task runs, combined in one prompt. {_seeds(facts).capitalize()} of study {study}.",
        [
            row("Initial", study, "SSS", gate, "initial"),
            row("Single-Task", study, "single", gate, "best"),
            row("Cherry-pick", "cherrypick", "spearman", gate, "spearman"),
        ],
    )


def specificity_table(study: str, facts: Mapping[str, Any], criteria: Sequence[str]) -> Table:
    """Table 4: gradient specificity by mode and criterion, and of the two groups of modes."""
    rows: list[tuple[str, list[Cell]]] = []
    rules: set[int] = set()
    groups = [(group, [mode for mode in modes if mode in facts["modes"]]) for group, modes in GROUPS.items()]
    groups = [(group, shown) for group, shown in groups if shown]
    for group, shown in groups:
        if rows:
            rules.add(len(rows))
        for mode in [*shown, group]:
            cells = [Cell(EstimateName(study, mode, ALL_GATES, c, "specificity"), "{:.2f}", c) for c in (*criteria, AVERAGE)]
            rows.append((mode_name(mode), cells))
    members = "; ".join(f"{mode_name(group)} is all ratings of {', '.join(map(mode_name, shown))}" for group, shown in groups)
    return Table(
        f"Gradient specificity, 1 to 10, by mode and criterion, over the gates {', '.join(facts['gates'])}, all steps and"
        f" {_seeds(facts)} of study {study}: 10 is a gradient about this criterion and nothing else. Modes whose"
        f" gradient model sees one criterion stand above those whose gradient model sees all: {members}.",
        rows,
        rules,
    )


def variant_table(study: str, facts: Mapping[str, Any], criteria: Sequence[str], variants: Mapping[str, Any]) -> Table:
    """Table 5: all cherry-picked variants against the initial prompt; beneath, what the paper does not have."""
    initial = Cell(EstimateName(study, "SSS", choose_shown_gate(facts), AVERAGE, "initial"), "{:.3f}", "Spearman")
    rows: list[tuple[str, list[Cell]]] = [("Initial prompt", [initial])]
    rules = {1}
    ours = False
    for facts_of in variants.values():
        label, gate = facts_of["label"], facts_of["gate"]
        if label not in METRIC_NAMES and not ours:
            rules.add(len(rows))
            ours = True
        text = f"{GATE_NAMES.get(gate, gate)}, {METRIC_NAMES[label]}" if label in METRIC_NAMES else _our_variant(label)
        name = EstimateName("cherrypick", label, gate, AVERAGE, "spearman")
        rows.append((text, [Cell(name, "{:.3f}", "Spearman")]))
    return Table(
        "Cherry-picked instructions combined in one prompt, by the gate of the Single-Task runs and the metric that picks;"
        f" Spearman correlation averaged over criteria and {_seeds(facts)}. Beneath, beyond the paper: choices out"
        f" of the runs of all gates ({', '.join(facts['gates'])}) whose longest instruction is at most r times the shortest, in"
        f" {TOKENIZER}; and one prompt per criterion, which leaves no room for interference.",
        rows,
        rules,
    )


def _our_variant(label: str) -> str:
    return f"balanced, r = {label.removeprefix('balanced-')}" if label.startswith("balanced-") else "one prompt per criterion"


BUILDERS: dict[str, Callable[..., Table]] = {
    "table1": study_table,
    "table2": adherence_table,
    "table3": criterion_table,
    "table4": specificity_table,
    "table5": variant_table,
    "table6": study_table,
}


def csv_rows(table: Table, estimates: Estimates) -> Iterator[dict[str, Any]]:
    """One row per cell, with its interval; a cell without runs has no value and says so."""
    for label, cells in table.rows:
        for cell in cells:
            shown = estimates.get(cell.name) or Shown(None, None, None, 0, _absent(cell))
            yield {
                "row": label,
                "group": cell.group,
                "column": cell.name.quantity if cell.column == "(step)" else cell.column,
                "value": shown.value,
                "low": shown.low,
                "high": shown.high,
                "runs": shown.runs,
                "note": shown.note,
            }


def tex(table: Table, estimates: Estimates, level: float) -> str:
    """The table in LaTeX: a line of values and beneath it, smaller, their intervals."""
    first = table.rows[0][1]
    groups = [cell.group for cell in first]
    header = []
    if any(groups) and not table.headings:
        spans = [(group, groups.count(group)) for group in dict.fromkeys(groups)]
        header.append(" & ".join(["", *(rf"\multicolumn{{{n}}}{{c}}{{{escape(g)}}}" for g, n in spans)]) + r" \\")
        header.append(_group_rules([n for _, n in spans]))
    header.append(" & ".join(["", *(escape(cell.column) for cell in first)]) + r" \\")
    body = []
    for place, (label, cells) in enumerate(table.rows):
        shown = [(cell, estimates.get(cell.name)) for cell in cells]
        body += [r"\midrule"] if place in table.rules or (place and place in table.headings) else []
        if place in table.headings:
            body.append(rf"\multicolumn{{{1 + len(first)}}}{{l}}{{\textit{{{escape(table.headings[place])}}}}} \\[2pt]")
        body.append(" & ".join([escape(label), *(_value(cell, found) for cell, found in shown)]) + r" \\")
        intervals = [_interval(cell, found) for cell, found in shown]
        if any(intervals):
            body.append(" & ".join(["", *intervals]) + r" \\[2pt]")
    notes = [
        *table.notes,
        f"Brackets: {level:.0%} bootstrap intervals over documents and seeds or, for diagnostics, over runs.",
    ]
    return document(header, body, "l" + "r" * len(first), table.caption, notes + _notes(table, estimates), estimates.simulated)


def _group_rules(sizes: Sequence[int]) -> str:
    place, rules = 2, []
    for size in sizes:
        rules.append(rf"\cmidrule(lr){{{place}-{place + size - 1}}}")
        place += size
    return "".join(rules)


def _value(cell: Cell, shown: Shown | None) -> str:
    return "--" if shown is None or shown.value is None else escape(cell.form.format(shown.value)).replace("-", "$-$")


def _interval(cell: Cell, shown: Shown | None) -> str:
    if not cell.interval or shown is None or shown.low is None or shown.high is None:
        return ""
    form = cell.form.replace("+", "")
    text = f"[{form.format(shown.low)}, {form.format(shown.high)}]".replace("-", "$-$")
    return rf"\scriptsize\color{{black!60}}{text}"


def _absent(cell: Cell) -> str:
    return "not defined for Single-Task" if cell.name.mode == "single" and cell.name.quantity == "hvi" else "no run"


def _notes(table: Table, estimates: Estimates) -> list[str]:
    """What a reader must know of cells: those without a run, and values that were undefined or missing. What holds for a
    whole row is told of it once."""
    notes, absent = [], []
    for label, cells in table.rows:
        places: dict[str, list[str]] = {}
        for cell in cells:
            shown = estimates.get(cell.name)
            if shown is None and _absent(cell) == "no run":
                absent.append(label)
            elif shown is not None and shown.note:
                places.setdefault(shown.note, []).append(", ".join(filter(None, [cell.group, cell.column])))
        for note, columns in places.items():
            notes += [f"{label}: {note}."] if len(columns) == len(cells) else [f"{label}, {c}: {note}." for c in columns]
    missing = [f"Not run: {', '.join(dict.fromkeys(absent))}."] if absent else []
    rest = [f"{len(notes) - 8} more such notes are in the CSV."] if len(notes) > 8 else []
    return [*missing, *_undefined(table, estimates), *notes[:8], *rest, *_constant_judge(table, estimates)]


def _undefined(table: Table, estimates: Estimates) -> list[str]:
    """How many correlations the table's cells rest on were undefined, each counted once; nothing where it shows none."""
    shown = {
        name: found
        for _, cells in table.rows
        for cell in cells
        if cell.name.quantity in CORRELATIONS and estimates.get(cell.name)
        for name in _rests_on(cell.name._replace(criterion=AVERAGE), estimates)
        if (found := estimates.get(name))
    }
    told = (re.search(r"(\d+) of \d+ undefined", found.note) for found in shown.values())
    count = sum(int(number[1]) for number in told if number)
    if not shown:
        return []
    return [f"Undefined correlations, counted as 0 in averages: {count}." if count else "No correlation was undefined."]


def _rests_on(name: EstimateName, estimates: Estimates) -> list[EstimateName]:
    """The averages behind a quantity: a choice among the steps, and HVI, rest on all of them."""
    if name.quantity == "spearman":
        return [name]
    steps = 1 if name.quantity == "initial" else len(estimates.trajectory(name.study, name.mode, name.gate, AVERAGE))
    return [name._replace(quantity=f"step{step}") for step in range(steps)]


def _constant_judge(table: Table, estimates: Estimates) -> list[str]:
    """What the mean absolute error of the best constant rating is, where that error decides on the table's cells."""
    if not any(cell.name.gate == "mae" or cell.name.mode == "mae" for _, cells in table.rows for cell in cells):
        return []
    errors = [f"{name} {shown.value:.2f}" for name, shown in estimates.constant_judge().items() if shown.value is not None]
    return [f"Mean absolute error of the best constant rating, which MAE can favour: {', '.join(errors)}."] if errors else []
