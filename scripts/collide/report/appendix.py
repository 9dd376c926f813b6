"""Appendices E and F: prompts as they are sent, rendered from the templates that run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collide.common.simulated_notice import SIMULATED
from collide.experiment.criteria import Criterion
from collide.llm.request import Message
from collide.optimize.diagnostics import DIAGNOSTICS
from collide.optimize.prompts import JudgePrompt, render
from collide.report.latex import escape, legible, typewritten

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=2cm]{geometry}
\usepackage{xcolor}
\setlength{\parindent}{0pt}
\pagestyle{empty}
% An ellipsis is one character: it takes one column, and is copied as what it is.
\DeclareUnicodeCharacter{2026}{\pdfliteral direct{/Span<</ActualText<FEFF2026>>>BDC}%
  \makebox[.5em]{\rmfamily\fontsize{4}{4}\selectfont...}\pdfliteral direct{EMC}}
\begin{document}
"""
COLUMNS = 114
"""Characters of the typewriter font that fit beside each other."""
READING = (
    "What was sent stands in typewriter, character by character. A line that is too long goes on, indented, on the next one;"
    " a character that the font lacks stands as its code, like [U+4E2D]."
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Stands for the pair that a prompt is about."""

    article: str = "[the article]"
    summary: str = "[the summary]"


def judge_appendix(
    criteria: Mapping[str, Criterion], initial: Mapping[str, str], optimized: Mapping[str, str], origin: str, simulated: bool
) -> str:
    """Appendix E: the skeleton with empty places, the initial prompt as sent, and optimized instructions, if there are any."""
    slots = {name: f"[instruction for {name}]" for name in criteria}
    parts = [
        ("The skeleton of the judge prompt, frozen throughout", _prompt(criteria, slots)),
        ("The initial prompt as sent", _prompt(criteria, initial)),
    ]
    body = [line for title, messages in parts for line in _block(title, messages)]
    body += [r"\section*{Optimized instructions}", rf"{escape(origin[:1].upper() + origin[1:])}.\par"]
    body += [line for name, text in optimized.items() for line in _quoted(name, text)] or ["Not run."]
    return _document("Appendix E: the judge prompt", body, simulated)


def rubric_appendix(criteria: Mapping[str, Criterion]) -> str:
    """Appendix F: the two rubrics as sent, with places for the texts that they rate."""
    criterion = next(iter(criteria.values()))
    body: list[str] = []
    for diagnostic in DIAGNOSTICS:
        messages = render(
            diagnostic,
            criterion=criterion,
            gradient="[the textual gradients]",
            old="[the old instruction]",
            new="[the new instruction]",
        )
        body += _block(f"Rubric of {diagnostic}, for the criterion {criterion.name}", messages)
    return _document("Appendix F: the rubrics of the diagnostics", body, simulated=False)


def _prompt(criteria: Mapping[str, Criterion], instructions: Mapping[str, str]) -> tuple[Message, ...]:
    return JudgePrompt(list(criteria.values()), instructions).messages(Placeholder())


def _document(title: str, body: Sequence[str], simulated: bool) -> str:
    mark = [rf"\textbf{{\color{{red!70!black}}{escape(SIMULATED)}.}}\par"] if simulated else []
    head = [f"% {SIMULATED}"] if simulated else []
    opening = [rf"\section*{{{escape(title)}}}", *mark, rf"{escape(READING)}\par"]
    return "\n".join([*head, PREAMBLE, *opening, *body, r"\end{document}", ""])


def _block(title: str, messages: Sequence[Message]) -> Iterator[str]:
    yield rf"\subsection*{{{escape(title)}}}"
    for message in messages:
        yield from _quoted(message["role"], message["content"])


def _quoted(label: str, text: str) -> Iterator[str]:
    """A text as it stands, line by line, in a fixed-width font."""
    yield rf"\medskip\textbf{{{escape(label)}}}\par"
    yield r"{\footnotesize\ttfamily\frenchspacing"
    for line in legible(text.expandtabs()).split("\n"):
        first, *rest = broken(line)
        yield rf"\mbox{{{typewritten(first)}}}\par"
        yield from (rf"\hspace*{{1em}}\mbox{{{typewritten(part)}}}\par" for part in rest)
    yield "}"


def broken(line: str) -> list[str]:
    """A line in parts that fit, none of its characters lost: broken at spaces, or, where a word is too long, within it."""
    wrapper = textwrap.TextWrapper(COLUMNS, expand_tabs=False, replace_whitespace=False, drop_whitespace=False)
    wrapper.break_on_hyphens = False
    return wrapper.wrap(line) or [""]
