"""Judge evaluation: measures of the initial prompt, of the prompts chosen on validation pairs, and of the experts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collide.analysis.estimates import ALL_AT_ONCE, ALL_GATES, AVERAGE, HUMANS, EstimateName, name_measure
from collide.analysis.metrics import METRICS
from collide.experiment.scales import Scale, list_nominal
from collide.experiment.variants import choose_shown_gate
from collide.report.exhibits.design import (
    DOCUMENTS,
    Design,
    choose_initial_mode,
    describe_criteria,
    describe_initial,
    describe_seeds,
    label_mode,
)
from collide.report.exhibits.kind import TableKind
from collide.report.exhibits.metric_words import list_labels
from collide.report.table import Table, TableCell

# Label, level, metric, criterion and form.
Measure = tuple[str, str, str, str, str]

# Rows by heading. The measures that are left out, which are in the CSV of the study,
# would make the table longer than a page.
ROWS: Mapping[str, Sequence[Measure]] = {
    "Test pairs pooled": (
        ("Spearman", "pooled", "spearman", AVERAGE, "{:.3f}"),
        ("Kendall (tau-b)", "pooled", "kendall", AVERAGE, "{:.3f}"),
        ("Pairwise accuracy", "pooled", "calibrated_accuracy", AVERAGE, "{:.3f}"),
        ("Mean absolute error", "pooled", "mae", AVERAGE, "{:.3f}"),
        ("Accuracy", "pooled", "accuracy", AVERAGE, "{:.3f}"),
        ("Bias", "pooled", "bias", AVERAGE, "{:+.3f}"),
        ("Weighted kappa", "pooled", "weighted_kappa", AVERAGE, "{:.3f}"),
        ("Calibration error", "pooled", "calibration_error", AVERAGE, "{:.3f}"),
    ),
    "Per document": (
        ("Spearman", "document", "spearman", AVERAGE, "{:.3f}"),
        ("Pairwise accuracy", "document", "calibrated_accuracy", AVERAGE, "{:.3f}"),
    ),
    "Per system": (
        ("Spearman", "system", "spearman", AVERAGE, "{:.3f}"),
        ("Pairwise accuracy", "system", "pairwise_accuracy", AVERAGE, "{:.3f}"),
    ),
    "Halo": (
        ("Equal ratings", "pooled", "equal_ratings", ALL_AT_ONCE, "{:.3f}"),
        ("Between criteria", "pooled", "criteria_correlation", ALL_AT_ONCE, "{:.3f}"),
    ),
    "Judged again": (
        ("Changed ratings", "pooled", "changed_ratings", AVERAGE, "{:.3f}"),
        ("sd of Spearman", "pooled", "spearman_sd", AVERAGE, "{:.3f}"),
        ("Difference by chance", "pooled", "retest_difference", AVERAGE, "{:.3f}"),
        ("Detectable difference", "pooled", "detectable_difference", AVERAGE, "{:.3f}"),
    ),
    "Agreement of the experts": (("Krippendorff's alpha", "pooled", "krippendorff_alpha", AVERAGE, "{:.3f}"),),
}

# Measures that classes without an order do not have, and one that only these have.
ORDERED = {"calibrated_accuracy", "pairwise_accuracy", "bias", "weighted_kappa", "calibration_error"}
UNORDERED = {"accuracy"}


def build_quality_table(design: Design) -> Table:
    """Return a row per measure and a column per prompt, under the one gate that stands for the study."""
    rows: list[tuple[str, list[TableCell]]] = []
    headings: dict[int, str] = {}
    for heading, measures in list_measures(design):
        headings[len(rows)] = heading
        for label, level, metric, criterion, form in measures:
            names = {
                column: EstimateName(design.study, mode, gate, criterion, name_measure(prompt, level, metric))
                for column, mode, gate, prompt in _list_columns(design)
            }
            rows.append(
                (
                    label_measure(label, metric, design.scales),
                    [TableCell(name, form, column, heading, absence=_explain_absence(name)) for column, name in names.items()],
                )
            )
    brackets = "bootstrap intervals over {unit} and seeds; for test-retest and experts, over {unit}"
    return Table(_describe(design), rows, headings=headings, brackets=brackets)


def list_measures(design: Design) -> Iterator[tuple[str, list[Measure]]]:
    """Yield the measures by heading: those that the data set has the levels and the scales for."""
    nominal = {scale.is_nominal for scale in design.scales.values()}
    levels = {"document": design.unit == DOCUMENTS, "system": design.has_systems}
    for heading, measures in ROWS.items():
        shown = [
            measure
            for measure in measures
            if levels.get(measure[1], True)
            and (nominal != {True} or (measure[1] not in levels and measure[2] not in ORDERED))
            and (True in nominal or measure[2] not in UNORDERED)
        ]
        if shown:
            yield heading, shown


def label_measure(label: str, metric: str, scales: Mapping[str, Scale]) -> str:
    """Return the label of a measure. One that takes a role is named after the metrics of the criteria.

    >>> label_measure("sd of Spearman", "spearman_sd", {"tone": Scale((0, 1), ("no", "yes"), ordered=False)})
    "sd of Cohen's kappa"
    """
    role = metric.removesuffix("_sd")
    if role not in METRICS:
        return label
    own, names = METRICS[role].label, list_labels(role, scales)
    if role != metric:
        return label.replace(own, " / ".join(names))
    return " / ".join(label if name == own else name for name in names)


def _explain_absence(name: EstimateName) -> str:
    """Return the reason why a measure may not be there."""
    prompt, _, metric = name.quantity.split("/")
    if metric in ("changed_ratings", "spearman_sd", "retest_difference") and prompt != "initial":
        return "only initial prompts are judged again"
    if metric == "detectable_difference" and prompt != "by_validation":
        return "for gains over the initial prompt only"
    if metric == "krippendorff_alpha" and name.mode != HUMANS:
        return "for experts only"
    return "no single ratings of experts" if name.mode == HUMANS else "no run"


def _describe(design: Design) -> str:
    return (
        f"Judge evaluation of study {design.label_study()}, gate {choose_shown_gate(design.settings)}: mean over"
        f" {describe_criteria(design.criteria)} and {describe_seeds(design.settings)}. Initial:"
        f" {describe_initial(design.settings['modes'])}. The modes: the prompt chosen on the validation pairs. Experts: each"
        f" expert as the judge of the mean of the others.{_explain_documents(design)} Pairwise accuracy counts ties; the"
        " difference of ratings that counts as a tie is calibrated on the same pairs, except per system. Weighted kappa has"
        " quadratic weights and rounds human scores. Equal ratings: share of pairs with the same rating on all criteria."
        " Between criteria: Spearman correlation of the ratings of two criteria. Changed ratings: share that differs when"
        " the same prompt judges again. Difference by chance: the difference between two prompts that judging again exceeds"
        " in 5% of cases. Detectable difference: the smallest gain over the initial prompt that a test at 5% finds with a"
        f" power of 80%.{_explain_classes(design)}"
    )


def _explain_documents(design: Design) -> str:
    if design.unit != DOCUMENTS:
        return ""
    return " A document whose pairs all have the same rating or the same human score has no correlation and is left out."


def _explain_classes(design: Design) -> str:
    """Return a sentence on the criteria that lack some of the measures; empty where none does."""
    nominal = list_nominal(design.scales)
    if not nominal:
        return ""
    return f" {', '.join(nominal)}: classes without an order, with a value of kappa, macro-F1, error rate and accuracy alone."


def _list_columns(design: Design) -> Iterator[tuple[str, str, str, str]]:
    """Yield the heading, mode, gate and prompt of each column."""
    gate, modes = choose_shown_gate(design.settings), design.settings["modes"]
    yield "Initial", choose_initial_mode(modes), gate, "initial"
    for mode in modes:
        yield label_mode(mode), mode, gate, "by_validation"
    yield "Experts", HUMANS, ALL_GATES, "expert"


KINDS = [TableKind(name="quality", position=140, title="judge evaluation", build=build_quality_table)]
