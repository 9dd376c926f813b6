"""Typesetting with LaTeX, which is optional: without it, all tables and figures are made, and the document is left out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from collide.errors import InputError
from collide.report.document.render import Document

PACKAGES = "texlive-latex-recommended texlive-latex-extra lmodern"
MISSING_NOTICE = (
    "LaTeX was not found, so the document is left out. To make it, install LaTeX (Debian, Ubuntu: apt-get install"
    f" {PACKAGES}) and run the same command again."
)
# Points by which a line or a page may be too large: less than a letter, which no reader sees.
TOLERATED = 5.0


@dataclass(frozen=True, slots=True)
class Compiler:
    """A program that makes a PDF from a LaTeX file, its options, and what it needs."""

    name: str
    options: tuple[str, ...]
    needs: str


# The first one found is used. Tectonic is the one that conda-forge has with all packages of LaTeX (envs/latex.yaml).
COMPILERS = (
    Compiler("pdflatex", ("-interaction=nonstopmode", "-halt-on-error"), PACKAGES),
    Compiler(
        "tectonic",
        ("--print", "--keep-intermediates", "--reruns", "0"),
        "a network when it first typesets the document, to download packages of LaTeX, which it keeps",
    ),
)


def find_compiler() -> Compiler | None:
    """Return the compiler that is on the path, None without one."""
    return next((compiler for compiler in COMPILERS if shutil.which(compiler.name)), None)


def typeset_file(source: Path) -> str:
    """Run LaTeX on a file in its own folder and return what it prints; equal sources give equal bytes.

    Raises InputError with the error that LaTeX reports, or if there is no LaTeX.
    """
    compiler = find_compiler()
    if compiler is None:
        raise InputError(MISSING_NOTICE)
    # LaTeX writes the time into the PDF unless it gets another one, and breaks the lines of its log after 79 characters.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "10000"}
    done = subprocess.run(
        [compiler.name, *compiler.options, source.name],
        cwd=source.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        print(done.stdout)
        reason = next((line for line in done.stdout.splitlines() if line.startswith(("!", "error:"))), "no reason given")
        raise InputError(f"LaTeX failed on {source.name}: {reason}; {compiler.name} needs {compiler.needs}")
    return done.stdout


def list_overfull(log: str) -> list[str]:
    r"""Return LaTeX's warnings on lines and pages that are too large by more than TOLERATED points.

    >>> list_overfull("Overfull \\hbox (12.5pt too wide) at line 3\nOverfull \\hbox (1.0pt too wide) at line 4")
    ['Overfull \\hbox (12.5pt too wide) at line 3']
    """
    found = re.finditer(r"^Overfull \\[hv]box \(([\d.]+)pt too (?:wide|high)\).*", log, re.MULTILINE)
    return [match[0] for match in found if float(match[1]) > TOLERATED]


def typeset_document(document: Document, parts: Sequence[Path], pdf: Path) -> None:
    """Typeset a document from copies of the files that it takes, and write it to `pdf`.

    It is typeset once to measure its exhibits and twice with them on their pages: the second time knows the numbers of pages.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in parts:
            shutil.copyfile(path, Path(folder) / path.name)
        source = Path(folder) / "document.tex"
        source.write_text(document.render_measurement(), encoding="utf-8")
        pages = document.lay_out(typeset_file(source))
        source.write_text(document.render(pages), encoding="utf-8")
        typeset_file(source)
        log = typeset_file(source)
        print(log)
        for warning in list_overfull(log):
            print(f"Warning: a part of the document is too large for its place: {warning}")
        shutil.copyfile(source.with_suffix(".pdf"), pdf)
