"""Initial and best prompt, gain and hypervolume, by mode and gate (Tables 1 and 6)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from collide.analysis.estimates import AVERAGE, EstimateName
from collide.report.exhibits.design import Design, describe_criteria, describe_seeds, describe_steps, label_mode
from collide.report.exhibits.kind import TableKind
from collide.report.exhibits.metric_words import describe_agreement, explain_agreement, label_gate
from collide.report.table import Table, TableCell

# Column, quantity, form and whether its interval is shown. The paper prints no intervals; steps and deviations get none here.
COLUMNS = (
    ("Initial", "initial", "{:.3f}", True),
    ("Best", "best", "{:.3f}", True),
    ("(step)", "best_step", "({:.0f})", False),
    ("sd", "best_sd", "±{:.3f}", False),
    ("Gain", "gain", "{:+.3f}", True),
    ("HVI", "hvi", "{:.3f}", True),
    ("Val. gain", "validation_gain", "{:+.3f}", True),
    ("(step)", "by_validation_step", "({:.0f})", False),
    ("p", "validation_gain_p", "{:.3f}", False),
)
LOWEST_P = 0.001  # a smaller p value is printed as less than this


def build_optimization_table(design: Design) -> Table:
    """Return a row per gate and mode of the design's study."""
    modes, gates = design.settings["modes"], design.settings["gates"]
    rows = [
        (
            label_mode(mode),
            list(_list_cells(EstimateName(design.study, mode, gate, AVERAGE, ""), label_gate(gate, design.scales))),
        )
        for gate in gates
        for mode in modes
    ]
    caption = (
        f"Study {design.label_study()}: {describe_agreement(design.scales)} with the human scores on the test pairs, averaged"
        f" over {describe_criteria(design.criteria)} and {describe_seeds(design.settings)}, of the initial prompt and of the"
        f" best of {describe_steps(design.settings)}. Best is the step with the highest test value, as in the paper; the"
        " highest of all is bold. A choice on the test pairs overestimates Best and Gain. Every draw of their intervals"
        " repeats the choice, but the interval of Gain can lie above 0 where no prompt is better, so it is no test. Val."
        " gain is the test: the gain on the test pairs at the step that the validation pairs choose, with a t interval over"
        f" seeds and {design.unit} and the two-sided p value of no gain. sd is over seeds. HVI is the hypervolume above −1"
        " that the prompts up to the last step dominate; it is not defined for"
        f" Single-Task.{explain_agreement(design.scales)}"
    )
    return Table(
        caption, rows, headings={index * len(modes): label_gate(gate, design.scales) for index, gate in enumerate(gates)}
    )


def _list_cells(row: EstimateName, gate: str) -> Iterator[TableCell]:
    for column, quantity, form, interval in COLUMNS:
        yield TableCell(
            row._replace(quantity=quantity),
            form,
            column,
            gate,
            interval,
            least=LOWEST_P if quantity == "validation_gain_p" else -math.inf,
            bold_highest=quantity == "best",
        )


KINDS = [TableKind(name="optimization", position=20, title="initial and best prompts", build=build_optimization_table)]
