"""Sources: where model replies come from. Each has a folder of its own below results/ and paper_figures/."""

from __future__ import annotations

from pathlib import Path

SIMULATED, LIVE, LOCAL, PUBLISHED = "simulated", "live", "local", "published"
SOURCES = (SIMULATED, LIVE, LOCAL, PUBLISHED)
# Regular expression of the sources whose jobs call models. Rules that make these calls have no other source.
CALLING = "|".join((SIMULATED, LIVE, LOCAL))

# The authors' logs as `snakemake download_published` stores them.
DOWNLOADED = Path("results/published/download/files")

# Why the authors' logs have no usage, costs and names of models.
NOT_LOGGED = "the authors' logs hold no tokens, no costs and no names of models"
