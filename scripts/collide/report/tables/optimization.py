"""Tables 1 and 6: initial and best prompt, gain and hypervolume, by mode and gate."""

from __future__ import annotations

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
    ("By val.", "by_validation", "{:.3f}", True),
    ("(step)", "by_validation_step", "({:.0f})", False),
)


def build_optimization_table(design: Design) -> Table:
    """Return a row per gate and mode of the design's study."""
    study, modes, gates = design.study, design.settings["modes"], design.settings["gates"]
    rows = [
        (
            label_mode(mode),
            [
                TableCell(EstimateName(study, mode, gate, AVERAGE, quantity), form, column, GATES[gate].label, interval)
                for column, quantity, form, interval in COLUMNS
            ],
        )
        for gate in gates
        for mode in modes
    ]
    caption = (
        f"Study {study}: Spearman correlation with the human scores on the test pairs, averaged over {len(design.criteria)}"
        f" criteria and {describe_seeds(design.settings)}, of the initial prompt and of the best of {design.settings['steps']}"
        " steps. Best is the step with the highest test value, as in the paper. A choice on the test pairs overestimates that"
        " value, so every draw of an interval repeats the choice. By val. is the step chosen on the validation pairs, with its"
        " test value. sd is over seeds. HVI is the hypervolume above −1 that the prompts up to the last step dominate; it is"
        " not defined for Single-Task."
    )
    return Table(caption, rows, headings={index * len(modes): GATES[gate].label for index, gate in enumerate(gates)})


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
