"""The document: tables, figures and appendices in the paper's order, set by LaTeX."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.csv_json import is_simulated, read_csv
from collide.common.script_context import script_context
from collide.errors import InputError
from collide.report.document import corpus_facts, cost_facts, document, evidence_facts, method_facts, study_facts


def typeset(source: Path) -> None:
    """Run LaTeX on a file in its own folder, without dates. Raises InputError with LaTeX's own words when it fails."""
    fixed = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name],
        cwd=source.parent,
        env=fixed,
        capture_output=True,
        text=True,
        errors="replace",
    )
    print(done.stdout)
    if done.returncode:
        said = next((line for line in done.stdout.splitlines() if line.startswith("!")), "no reason given")
        raise InputError(
            f"LaTeX failed on {source.name}: {said}; texlive-latex-recommended, texlive-latex-extra and lmodern are needed"
        )


def make_document(
    estimates: Path,
    exhibits: Sequence[tuple[str, str, Path]],
    facts: Sequence[tuple[str, str]],
    pdf: Path,
) -> None:
    """Set `exhibits` (heading, caption and file: a figure's PDF, or LaTeX that is set first) behind a page of `facts`."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for heading, caption, path in exhibits:
            copied = Path(folder) / path.name
            shutil.copyfile(path, copied)
            if path.suffix == ".tex":
                typeset(copied)
            names.append((heading, caption, copied.with_suffix(".pdf").name))
        source = Path(folder) / "artifact.tex"
        title = "When Gradients Collide: tables, figures and prompts of these runs"
        source.write_text(document(title, facts, names, is_simulated(estimates)), encoding="utf-8")
        typeset(source)
        shutil.copyfile(source.with_suffix(".pdf"), pdf)


def read_facts(manifest: Path, costs: Path, estimates: Path, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The first page: corpus, settings, and counts of runs, calls, what is missing or undefined, and cost."""
    return [
        *corpus_facts(json.loads(manifest.read_text(encoding="utf-8")), settings["split"]),
        *study_facts(settings["studies"], settings["runs"]),
        *method_facts(settings),
        *cost_facts(read_csv(costs)),
        *evidence_facts(read_csv(estimates)),
    ]


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        make_document(
            Path(snakemake.input.estimates),
            [(*texts, Path(path)) for path, texts in snakemake.params.texts.items()],
            read_facts(
                Path(snakemake.input.manifest),
                Path(snakemake.input.costs),
                Path(snakemake.input.estimates),
                snakemake.params.settings,
            ),
            Path(snakemake.output.pdf),
        )
