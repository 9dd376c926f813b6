"""Figures are drawn from what is there, mark what is simulated, and are the same bytes each time."""

import pytest
from matplotlib import pyplot as plt

from collide.report import figures, style
from collide.report.estimate_reader import Estimates
from collide.report.files import draw_specificity, draw_trajectories
from report.make_balance import make_balance
from report.make_figure1 import make_figure1
from report.make_figure4 import make_figure4

from .test_tables import CRITERIA, STUDY, write_estimates

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
REFERENCES = {"initial": ["main", "SSS", "mae", "average", "step0"]}
STUDY_FACTS = {"study": "main", "facts": STUDY, "criteria": CRITERIA}
RATED_FACTS = {"study": "main", "facts": {"modes": ["SSC", "SCC"], "gates": ["mae"]}}
MAKERS = {
    "figure1": lambda e, r, *out: make_figure1(CRITERIA, *out),
    "figure2": lambda e, r, *out: draw_trajectories(e, STUDY_FACTS, *out),
    "figure3": lambda e, r, *out: draw_specificity(e, r, RATED_FACTS, *out),
    "figure4": lambda e, r, *out: make_figure4(e, r, {"studies": ["gradient-swap", "main"], "modes": ["SSC", "SCC"]}, *out),
    "figure5": lambda e, r, *out: draw_trajectories(e, STUDY_FACTS, *out),
    "figure6": lambda e, r, *out: draw_specificity(e, r, RATED_FACTS, *out),
    "balance": lambda e, r, *out: make_balance(e, {"ratios": [1.5, 2], "references": REFERENCES}, *out),
}
BALANCE = {("cherrypick", f"balanced-{ratio}", "all", "average", "spearman"): (0.2, "") for ratio in ("1.5", "2")}


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


@pytest.mark.parametrize("figure", MAKERS)
def test_a_figure_is_the_same_bytes_each_time(tmp_path, ratings, figure):
    path = write_estimates(tmp_path / "e.csv", TRAJECTORY | SPECIFICITY | BALANCE)
    made = []
    for name in ("one", "two"):
        pdf, png = tmp_path / f"{name}.pdf", tmp_path / f"{name}.png"
        MAKERS[figure](path, ratings, pdf, png)
        made.append((pdf.read_bytes(), png.read_bytes()))
    assert made[0] == made[1]
    assert made[0][0].startswith(b"%PDF")


@pytest.mark.parametrize("figure", MAKERS)
def test_a_figure_without_runs_is_drawn_and_empty(tmp_path, figure):
    path = write_estimates(tmp_path / "e.csv", {})
    MAKERS[figure](path, [], tmp_path / "f.pdf", tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size > 1000


def test_trajectories_have_a_panel_per_criterion_and_gate_and_a_line_per_mode_that_ran(tmp_path):
    found = Estimates(write_estimates(tmp_path / "e.csv", TRAJECTORY))
    figure = figures.trajectories(found, "main", STUDY, CRITERIA)
    assert len(figure.axes) == 2 * 3
    assert [line.get_label() for line in figure.axes[0].get_lines()] == ["Single-Task", "SSS"]
    assert list(figure.axes[0].get_lines()[1].get_ydata()) == pytest.approx([0.1, 0.11, 0.12, 0.13])


def legend_of(estimates):
    legend = figures.trajectories(estimates, "main", STUDY, CRITERIA).legends[0]
    return [text.get_text() for text in legend.get_texts()]


def test_bands_are_told_of_where_there_are_any(tmp_path):
    alone = Estimates(write_estimates(tmp_path / "alone.csv", TRAJECTORY))
    spread = {(*name[:4], f"{name[4]}_sd"): (0.02, "") for name in TRAJECTORY}
    several = Estimates(write_estimates(tmp_path / "several.csv", TRAJECTORY | spread))
    assert legend_of(alone) == ["Single-Task", "SSS"]
    assert legend_of(several) == ["Single-Task", "SSS", "± 1 sd over seeds"]


def test_the_mark_is_on_the_face_of_simulated_figures_alone(tmp_path):
    for simulated in (True, False):
        figure, _ = plt.subplots(figsize=(style.PAGE, 2))
        style.save(figure, tmp_path / "f.pdf", tmp_path / "f.png", simulated)
        assert ("SIMULATED" in figure.get_suptitle()) == simulated


def test_modes_are_told_apart_by_colour_mark_and_line():
    looks = style.STYLES.values()
    for part in ("color", "marker", "line"):
        assert len({str(getattr(look, part)) for look in looks}) == len(looks)
