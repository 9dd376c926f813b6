"""Typesetting with LaTeX, which is optional: without it, all tables and figures are made, and the document is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from collide.errors import InputError

PACKAGES = "texlive-latex-recommended texlive-latex-extra lmodern"
MISSING_NOTICE = (
    "LaTeX was not found, so the document is left out. To make it, install LaTeX (Debian, Ubuntu: apt-get install"
    f" {PACKAGES}) and run the same command again."
)


def has_latex() -> bool:
    """Return True if pdflatex is on the path."""
    return shutil.which("pdflatex") is not None


def typeset_file(source: Path) -> None:
    """Run LaTeX on a file in its own folder; equal sources give equal bytes.

    Raises InputError with the error that LaTeX reports.
    """
    # LaTeX writes the time into the PDF unless it gets another one.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name],
        cwd=source.parent,
        env=environment,
        capture_output=True,
        text=True,
        # LaTeX breaks the lines of its log within characters of several bytes.
        errors="replace",
    )
    print(done.stdout)
    if done.returncode:
        reason = next((line for line in done.stdout.splitlines() if line.startswith("!")), "no reason given")
        raise InputError(f"LaTeX failed on {source.name}: {reason}; it needs {PACKAGES}")


def typeset_document(latex: str, parts: Sequence[Path], appendices: Sequence[Path], pdf: Path) -> None:
    """Typeset a document that inputs `parts` and includes `appendices` as PDFs, and write it to `pdf`.

    Appendices are documents of their own, which are typeset first. All files are found by their names alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in (*parts, *appendices):
            shutil.copyfile(path, Path(folder) / path.name)
        # They have page breaks and fonts of their own, which would disturb those of the document.
        for path in appendices:
            typeset_file(Path(folder) / path.name)
        source = Path(folder) / "document.tex"
        source.write_text(latex, encoding="utf-8")
        typeset_file(source)
        shutil.copyfile(source.with_suffix(".pdf"), pdf)
