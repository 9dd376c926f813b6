"""Figures are drawn from the estimates that exist, carry the notice if simulated, and are the same bytes each time."""

import itertools
from dataclasses import replace

import pytest
from matplotlib import pyplot as plt

from collide.experiment.gates import GATES
from collide.experiment.modes import STUDY_MODES
from collide.report.estimate_reader import Estimates
from collide.report.exhibits.design import Design
from collide.report.exhibits.kind import FigureKind, load_kinds
from collide.report.figures import style
from collide.report.figures.trajectories import draw_trajectories
from report.make_figure import make_figure

from .test_tables import CRITERIA, DESIGN, EXHIBITS, SCALES, STUDY, VARIANTS, write_estimates

TRAJECTORY = {
    ("main", mode, gate, criterion, f"step{step}"): (0.1 * place + step / 100, "")
    for place, mode in enumerate(["single", "SSS"])
    for gate in STUDY["gates"]
    for criterion in [*CRITERIA, "average"]
    for step in range(4)
}
SPECIFICITY = {
    (study, mode, gate, "average", "specificity"): (5.0, "")
    for study in ("main", "gradient-swap")
    for mode in ("SSC", "SCC")
    for gate in ("all", "mae")
}
FIGURES = [name for name, exhibit in EXHIBITS.items() if isinstance(exhibit.kind, FigureKind)]
BALANCE = {
    ("cherrypick:main", f"balanced-{ratio}", "all", "average", quantity): (value, "")
    for ratio in ("1.5", "2")
    for quantity, value in (("spearman", 0.2), ("length_ratio", 1.4))
}


def draw(tmp_path, figure, estimates, ratings, stem="f"):
    """Paths of the figure's three files."""
    exhibit = EXHIBITS[figure]
    paths = [tmp_path / f"{stem}{form}" for form in (".pdf", ".png", "-caption.tex")]
    design = Design(dict.fromkeys(exhibit.studies, STUDY), SCALES, VARIANTS)
    make_figure(exhibit.kind, design, exhibit.heading, [estimates], ratings, *paths)
    return paths


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def ratings(tmp_path):
    path = tmp_path / "seed0.csv"
    lines = ["study,mode,gate,seed,step,criterion,diagnostic,score"]
    lines += [
        f"{s},{m},mae,0,{i},fluency,specificity,{9 - i}"
        for s in ("main", "gradient-swap")
        for m in ("SSC", "SCC")
        for i in range(3)
    ]
    lines += ["main,SSC,mae,0,4,fluency,specificity,"]
    path.write_text("\n".join(lines) + "\n")
    return [path]


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_the_same_bytes_each_time(tmp_path, ratings, figure):
    path = write_estimates(tmp_path / "e.csv", TRAJECTORY | SPECIFICITY | BALANCE)
    made = [[out.read_bytes() for out in draw(tmp_path, figure, path, ratings, name)] for name in ("one", "two")]
    assert made[0] == made[1]
    assert made[0][0].startswith(b"%PDF")


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_without_runs_is_drawn_and_empty(tmp_path, figure):
    path = write_estimates(tmp_path / "e.csv", {})
    assert draw(tmp_path, figure, path, [])[1].stat().st_size > 1000


def test_a_caption_names_the_runs_behind_its_figure(tmp_path):
    caption = draw(tmp_path, "figure4", write_estimates(tmp_path / "e.csv", {}), [])[2].read_text()
    assert caption.startswith("% Figure 4: gradient model swapped\n")
    assert "study main, modes SCC, gates mae, 2 seeds." in caption
    assert "95\\% intervals" in caption


def test_trajectories_have_a_panel_per_mode_and_criterion_and_a_line_per_gate_that_ran(tmp_path):
    found = Estimates([write_estimates(tmp_path / "e.csv", TRAJECTORY)])
    figure = draw_trajectories(DESIGN, found, {})
    assert len(figure.axes) == len(STUDY["modes"]) * 3
    panel = figure.axes[STUDY["modes"].index("SSS")]
    lines = {line.get_label(): list(line.get_ydata()) for line in panel.get_lines()}
    assert list(lines) == ["initial prompt", *(GATES[gate].label for gate in STUDY["gates"])]
    assert lines["MAE validation"] == pytest.approx([0.1, 0.11, 0.12, 0.13])
    assert set(lines["initial prompt"]) == {0.1}


def legend_of(estimates):
    legend = draw_trajectories(DESIGN, estimates, {}).legends[0]
    return [text.get_text() for text in legend.get_texts()]


def test_the_legend_explains_bands_where_there_are_any(tmp_path):
    alone = Estimates([write_estimates(tmp_path / "alone.csv", TRAJECTORY)])
    spread = {(*name[:4], f"{name[4]}_sd"): (0.02, "") for name in TRAJECTORY}
    several = Estimates([write_estimates(tmp_path / "several.csv", TRAJECTORY | spread)])
    gates = [GATES[gate].label for gate in STUDY["gates"]]
    assert legend_of(alone) == [*gates, "initial prompt"]
    assert legend_of(several) == [*gates, "± 1 sd over seeds", "initial prompt"]


def test_simulated_figures_alone_carry_the_notice(tmp_path):
    for simulated in (True, False):
        figure, _ = plt.subplots(figsize=(style.PAGE, 2))
        style.save_figure(figure, tmp_path / "f.pdf", tmp_path / "f.png", simulated)
        assert ("SIMULATED" in figure.get_suptitle()) == simulated


def test_gates_differ_in_colour_and_line_and_in_the_look_of_their_bands():
    looks = [style.find_gate_style(gate) for gate in GATES]
    for part in ("color", "line"):
        assert len({getattr(look, part) for look in looks}) == len(looks)
    # In grey print, a filled band and a hatched one stay apart.
    assert len({look.band.get("hatch") for look in looks}) == len(looks)


def test_modes_differ_in_colour_marker_and_line():
    looks = style.STYLES
    assert len(looks) > len(STUDY_MODES)
    for part in ("color", "marker", "line"):
        assert len({str(getattr(look, part)) for look in looks}) == len(looks)


def test_calibration_has_a_line_per_prompt_with_the_mean_human_score_of_each_rating(tmp_path):
    points = {("initial", "SSS", "mae"): {2: 2.5, 4: 3.5}, ("by_validation", "SCC", "mae"): {3: 3.0}}
    values = {
        ("main", mode, gate, "fluency", f"{prompt}/pooled/human_mean_{rating}"): (value, "")
        for (prompt, mode, gate), by_rating in points.items()
        for rating, value in reversed(by_rating.items())
    }
    design = Design({"main": STUDY}, SCALES)
    estimates = Estimates([write_estimates(tmp_path / "e.csv", values)])
    axis = EXHIBITS["calibration"].kind.draw(design, estimates, {}).axes[0]
    lines = {container.get_label(): container.lines[0].get_xydata().tolist() for container in axis.containers}
    assert lines == {"initial": [[2, 2.5], [4, 3.5]], "SCC": [[3, 3]]}


NAMES = [
    "Maintains Context of the dialogue",
    "Main point",
    "Überzeugung",
    "a_b $x$",
    "C++ (style)",
    "流畅",
    "Relevance",
    "Relation",
]
WIDE = Design({"talk": {**STUDY, "modes": ["SCC"]}}, {name: [1, 3] for name in NAMES})


def draw_wide(kind, tmp_path, design=WIDE):
    """A figure of eight criteria as it is printed; a character that the font lacks would warn."""
    estimates = {("talk", "SCC", "mae", name, "step0"): (0.3, "") for name in NAMES}
    figure = load_kinds()[kind].draw(design, Estimates([write_estimates(tmp_path / "e.csv", estimates)]), {})
    figure.canvas.draw()
    return figure


def assert_apart(texts, figure):
    """Assert that no two texts overlap, and that all are inside the figure."""
    boxes = [text.get_window_extent() for text in texts]
    assert not [(a, b) for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]
    assert min(min(box.x0, box.y0) for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert max(box.y1 for box in boxes) <= figure.bbox.y1


def test_labels_of_eight_criteria_stay_apart_beside_the_trajectories(tmp_path):
    figure = draw_wide("trajectories", tmp_path)
    labels = [axis.yaxis.label for axis in figure.axes]
    assert labels[1].get_text().replace("\n", " ") == NAMES[0]
    assert labels[6].get_text().replace("\n", "") == "[U+6D41][U+7545]"
    assert_apart(labels, figure)
    assert figure.get_figheight() <= 10


def test_panels_of_eight_criteria_wrap(tmp_path):
    figure = draw_wide("calibration", tmp_path)
    assert figure.axes[0].get_gridspec().get_geometry() == (2, 4)
    assert_apart([axis.title for axis in figure.axes], figure)


def test_panels_of_mixed_scales_have_axes_of_their_own(tmp_path):
    mixed = replace(WIDE, scale_configs={**WIDE.scale_configs, "Relation": [0, 100]})
    shared = [draw_wide("calibration", tmp_path, design).axes[:2] for design in (WIDE, mixed)]
    assert [one.get_shared_x_axes().joined(one, other) for one, other in shared] == [True, False]


@pytest.mark.parametrize("count", [1, 4, 8, 12])
def test_labels_of_figure_1_stay_apart(tmp_path, count):
    names = [*NAMES, *"abcd"][:count]
    figure = draw_wide("modes", tmp_path, Design({}, {name: [1, 3] for name in names}))
    for axis in figure.axes:
        texts = [text for text in axis.texts if text.get_text() not in ("loss", "gradient", "optimizer")]
        assert len({text.get_text() for text in texts}) == count
        assert_apart(texts, figure)


def test_the_caption_of_figure_1_names_the_criteria_that_boxes_number():
    modes = load_kinds()["modes"]
    numbered = ", ".join(f"{number} {name}" for number, name in enumerate(NAMES, start=1))
    assert modes.caption(WIDE).endswith(f"Criteria: {numbered}.")
    assert "Criteria" not in modes.caption(DESIGN)


def test_axes_and_captions_name_the_metric_of_the_criteria(tmp_path):
    classes = {"classes": ["harmful", "unharmful"]}
    for scales, words in (({"harm": classes}, "Cohen's kappa"), ({"harm": classes, "tone": [1, 5]}, "agreement")):
        design = replace(WIDE, scale_configs=scales)
        assert draw_wide("trajectories", tmp_path, design).get_supylabel() == words
        caption = load_kinds()["trajectories"].caption(design)
        assert caption.lower().startswith(words.lower())
        assert ("Agreement is Cohen's kappa for harm, and Spearman correlation for tone." in caption) == (len(scales) == 2)
