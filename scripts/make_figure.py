"""One figure of the paper: estimates, and where it shows distributions the ratings, in; PDF and PNG out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.decomposition import SINGLE
from collide.estimates import AVERAGE, Name
from collide.job import job
from collide.report import figures, style
from collide.report.lookup import Estimates
from collide.tidy import read_rows


def specificity_scores(paths: Sequence[Path], study: str, gates: Sequence[str]) -> dict[str, list[float]]:
    """All specificity ratings of a study's gates, by mode; missing ones are left out."""
    scores: dict[str, list[float]] = {}
    for path in paths:
        for row in read_rows(path):
            if row["study"] == study and row["gate"] in gates and row["diagnostic"] == "specificity" and row["score"]:
                mode = SINGLE if row["mode"].startswith(SINGLE) else row["mode"]
                scores.setdefault(mode, []).append(float(row["score"]))
    return scores


def draw(kind: str, found: Estimates, ratings: Sequence[Path], facts: Mapping[str, Any]):
    """The figure of a kind: modes, trajectories, specificity, swap or balance; `facts` are its settings."""
    if kind == "modes":
        return figures.modes(facts["criteria"])
    if kind == "trajectories":
        return figures.trajectories(found, facts["study"], facts["facts"], facts["criteria"])
    if kind == "specificity":
        scores = specificity_scores(ratings, facts["study"], facts["facts"]["gates"])
        return figures.specificity(scores, found, facts["study"], facts["facts"]["modes"])
    if kind == "swap":
        by_study = {study: specificity_scores(ratings, study, ["mae"]) for study in facts["studies"]}
        return figures.swap(by_study, found, facts["modes"])
    points = [
        (ratio, shown)
        for ratio in facts["ratios"]
        if (shown := found.get(Name("cherrypick", f"balanced-{ratio:g}", "all", AVERAGE, "spearman")))
    ]
    references = {label: found.get(Name(*name)) for label, name in facts["references"].items()}
    return figures.balance(points, references)


def make_figure(estimates: Path, ratings: Sequence[Path], kind: str, facts: Mapping[str, Any], pdf: Path, png: Path) -> None:
    """Draw a figure and write it in both forms."""
    found = Estimates(estimates)
    # The figure of the modes is drawn from their definition: no reply went into it.
    style.save(draw(kind, found, ratings, facts), pdf, png, found.simulated and kind != "modes")


if __name__ == "__main__":
    with job(snakemake.log[0]):
        make_figure(
            Path(snakemake.input.estimates),
            [Path(path) for path in snakemake.input.get("ratings", [])],
            snakemake.params.kind,
            snakemake.params.facts,
            Path(snakemake.output.pdf),
            Path(snakemake.output.png),
        )
