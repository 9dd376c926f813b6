"""Figures that more than one script draws, from their files to their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.report import figures
from collide.report.estimate_reader import Estimates, specificity_ratings
from collide.report.style import save


def draw_trajectories(estimates: Path, facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Trajectories over the steps (Figures 2 and 5); `facts` name the study, its settings and the criteria."""
    found = Estimates(estimates)
    save(figures.trajectories(found, facts["study"], facts["facts"], facts["criteria"]), pdf, png, found.simulated)


def draw_specificity(estimates: Path, ratings: Sequence[Path], facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Distributions of gradient specificity by mode (Figures 3 and 6); `facts` name the study and its settings."""
    found = Estimates(estimates)
    scores = specificity_ratings(ratings, facts["study"], facts["facts"]["gates"])
    save(figures.specificity(scores, found, facts["study"], facts["facts"]["modes"]), pdf, png, found.simulated)
