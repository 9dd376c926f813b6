"""Appendices E and F: prompts as they are sent, rendered from the templates that the pipeline sends."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.criteria import Criterion
from collide.experiment.modes import SINGLE_TASK, Mode
from collide.llm.request import Message
from collide.optimize.diagnostics import list_diagnostics, render_diagnostic
from collide.optimize.prompts import JudgePrompt
from collide.report.latex import escape, escape_typewriter, replace_unprintable

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=2cm]{geometry}
\usepackage{xcolor}
\setlength{\parindent}{0pt}
\pagestyle{empty}
% An ellipsis is one character: it takes one column, and is copied as one character.
\DeclareUnicodeCharacter{2026}{\pdfliteral direct{/Span<</ActualText<FEFF2026>>>BDC}%
  \makebox[.5em]{\rmfamily\fontsize{4}{4}\selectfont...}\pdfliteral direct{EMC}}
\begin{document}
"""

# Characters of the typewriter font, in footnotesize, that fit into one line of the page.
LINE_WIDTH = 114

LEGEND = (
    "Typewriter text is shown character by character, as it was sent. A line that is too long continues, indented, on the next"
    " one; a character that the font lacks is shown as its code, like [U+4E2D]."
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A pair whose texts are not shown."""

    article: str = "[the article]"
    summary: str = "[the summary]"


def render_judge_appendix(
    criteria: Mapping[str, Criterion], initial: Mapping[str, str], optimized: Mapping[str, str], origin: str, simulated: bool
) -> str:
    """Return Appendix E: the judge prompt without instructions, with the initial ones, and optimized instructions.

    `optimized` may be empty; `origin` is the run and step that they come from, in words.
    """
    gaps = {name: f"[instruction for {name}]" for name in criteria}
    parts = [
        ("The skeleton of the judge prompt, frozen throughout", _fill_prompt(criteria, gaps)),
        ("The initial prompt as sent", _fill_prompt(criteria, initial)),
    ]
    body = [line for title, messages in parts for line in _render_messages(title, messages)]
    body += [r"\section*{Optimized instructions}", rf"{escape(origin[:1].upper() + origin[1:])}.\par"]
    body += [line for name, text in optimized.items() for line in _quote_text(name, text)] or ["Not run."]
    return _render_appendix("Appendix E: the judge prompt", body, simulated)


def render_rubric_appendix(criteria: Mapping[str, Criterion], rubrics: Sequence[str]) -> str:
    """Return Appendix F: all rubrics as sent, for the first criterion, with placeholders for the texts that they rate."""
    # The rubrics of the other criteria differ in name and description alone.
    criterion = next(iter(criteria.values()))
    texts = ("[the textual gradients]", "[the old instruction]", "[the new instruction]")
    body: list[str] = []
    # Single-Task runs have no controls, which are other texts for the same rubrics.
    for diagnostic in list_diagnostics(Mode(SINGLE_TASK, (criterion.name,), (), (), ()), rubrics):
        title = f"Rubric of {diagnostic.template}{f', wording {diagnostic.rubric}' if diagnostic.rubric else ''}"
        messages = render_diagnostic(diagnostic, criterion, *texts)
        body += _render_messages(f"{title}, for the criterion {criterion.name}", messages)
    return _render_appendix("Appendix F: the rubrics of the diagnostics", body, simulated=False)


def _fill_prompt(criteria: Mapping[str, Criterion], instructions: Mapping[str, str]) -> tuple[Message, ...]:
    return JudgePrompt(list(criteria.values()), instructions).render_pair(Placeholder())


def _render_appendix(title: str, body: Sequence[str], simulated: bool) -> str:
    notice = [rf"\textbf{{\color{{red!70!black}}{escape(SIMULATED_NOTICE)}.}}\par"] if simulated else []
    head = [f"% {SIMULATED_NOTICE}"] if simulated else []
    opening = [rf"\section*{{{escape(title)}}}", *notice, rf"{escape(LEGEND)}\par"]
    return "\n".join([*head, PREAMBLE, *opening, *body, r"\end{document}", ""])


def _render_messages(title: str, messages: Sequence[Message]) -> Iterator[str]:
    yield rf"\subsection*{{{escape(title)}}}"
    for message in messages:
        yield from _quote_text(message["role"], message["content"])


def _quote_text(label: str, text: str) -> Iterator[str]:
    """Yield LaTeX of a text, line by line in a typewriter font."""
    yield rf"\medskip\textbf{{{escape(label)}}}\par"
    yield r"{\footnotesize\ttfamily\frenchspacing"
    for line in replace_unprintable(text.expandtabs()).split("\n"):
        first, *rest = break_line(line)
        yield rf"\mbox{{{escape_typewriter(first)}}}\par"
        yield from (rf"\hspace*{{1em}}\mbox{{{escape_typewriter(part)}}}\par" for part in rest)
    yield "}"


def break_line(line: str) -> list[str]:
    """Return a line in parts that fit the page, without loss of a character: broken at spaces, or within a long word."""
    wrapper = textwrap.TextWrapper(LINE_WIDTH, expand_tabs=False, replace_whitespace=False, drop_whitespace=False)
    # A break after a hyphen could be taken for a hyphen at the end of a line.
    wrapper.break_on_hyphens = False
    # An empty line has no parts, but takes a line.
    return wrapper.wrap(line) or [""]
