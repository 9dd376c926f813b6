"""Figures are drawn from the estimates that exist, carry the notice if simulated, and are the same bytes each time."""

import pytest
from matplotlib import pyplot as plt

from collide.experiment.gates import GATES
from collide.experiment.modes import STUDY_MODES
from collide.report.estimate_reader import Estimates
from collide.report.exhibits.design import Design
from collide.report.exhibits.kind import FigureKind
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
