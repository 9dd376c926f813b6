"""Tables 1 and 6: initial and best prompt, gain and hypervolume, by mode and gate."""

from __future__ import annotations

import math
from collections.abc import Iterator

from collide.analysis.estimates import AVERAGE, EstimateName
from collide.experiment.gates import GATES
from collide.report.exhibit import Design, TableExhibit, describe_seeds, label_mode
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
    study, modes, gates = design.study, design.settings["modes"], design.settings["gates"]
    rows = [(label_mode(mode), list(_list_cells(study, mode, gate))) for gate in gates for mode in modes]
    caption = (
        f"Study {study}: Spearman correlation with the human scores on the test pairs, averaged over {len(design.criteria)}"
        f" criteria and {describe_seeds(design.settings)}, of the initial prompt and of the best of {design.settings['steps']}"
        " steps. Best is the step with the highest test value, as in the paper; the highest of all is bold. A choice on the"
        " test pairs overestimates Best and Gain. Every draw of their intervals repeats the choice, but the interval of Gain"
        " can lie above 0 where no prompt is better, so it is no test. Val. gain is the test: the gain on the test pairs at the"
        " step that the validation pairs choose, with a t interval over seeds and documents and the two-sided p value of no"
        " gain. sd is over seeds. HVI is the hypervolume above −1 that the prompts up to the last step dominate; it is not"
        " defined for Single-Task."
    )
    return Table(caption, rows, headings={index * len(modes): GATES[gate].label for index, gate in enumerate(gates)})


def _list_cells(study: str, mode: str, gate: str) -> Iterator[TableCell]:
    for column, quantity, form, interval in COLUMNS:
        name = EstimateName(study, mode, gate, AVERAGE, quantity)
        yield TableCell(
            name,
            form,
            column,
            GATES[gate].label,
            interval,
            least=LOWEST_P if quantity == "validation_gain_p" else -math.inf,
            bold_highest=quantity == "best",
        )


EXHIBITS = [
    TableExhibit(
        name="table1",
        position=20,
        heading="Table 1: initial and best prompts",
        studies=("main",),
        build=build_optimization_table,
    ),
    TableExhibit(
        name="table6",
        position=110,
        heading="Table 6: DeepSeek models",
        studies=("deepseek",),
        build=build_optimization_table,
    ),
]
