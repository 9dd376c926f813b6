"""Appendices E and F as parts of the document: prompts as they are sent, and an example of a rewrite."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.llm.request import Message
from collide.optimize.prompts import Instructions
from collide.report.document.render import APPENDICES
from collide.report.latex import escape, escape_typewriter, replace_unprintable

ROLES = {"task": "Judge", "loss": "Loss model", "gradient": "Gradient model", "optimizer": "Optimizer"}

# Characters of a typewriter line, and columns before a continued line, as wide as the sign of continuation.
LINE_WIDTH, INDENT = 124, 3

# The sign of continuation is no character of the text, so that copying leaves it out. An ellipsis is one character: it takes
# one column, and is copied as one character.
COMMANDS = r"""\providecommand{\prompttext}{\fontsize{7.5}{9}\ttfamily\frenchspacing}
\providecommand{\hidden}[2]{\pdfliteral direct{/Span<</ActualText<FEFF#1>>>BDC}#2\pdfliteral direct{EMC}}
\providecommand{\continued}{\mbox{\phantom{xxx}\llap{\hidden{}{\raisebox{.15ex}{$\color{gray}\scriptstyle\hookrightarrow$}}\hskip1pt}}}
\providecommand{\ellipsis}{\hidden{2026}{\makebox[.5em]{\rmfamily\fontsize{4}{4}\selectfont...}}}"""

NOT_SENT = r"The prompts of these runs are in the logs that they were imported from, and not shown here.\par"

LEGEND = (
    "Typewriter text is shown character by character, as it was sent. A line that is too long is broken between words and"
    " continues, indented behind a grey arrow, on the next one. A character that the font lacks is shown as its code, like"
    " [U+4E2D]."
)


def render_judge_appendix(
    messages: Sequence[Message], old: Instructions, new: Instructions, origin: str, simulated: bool
) -> str:
    """Return Appendix E: the initial judge prompt as sent, and the instructions of one step before and after its rewrite.

    `messages`, `old` and `new` may be empty; `origin` is the run and step that they come from, in words.
    """
    title = "The initial judge prompt; only the texts of its instructions change"
    body = [
        *(_render_messages(title, messages) if messages else [NOT_SENT]),
        *_render_heading("An example of a rewrite"),
        rf"{escape(origin[:1].upper() + origin[1:])}.\par",
    ]
    for name, text in new.items():
        body += [*_quote_text(f"{name}, before", old[name]), *_quote_text(f"{name}, rewritten", text)]
    return _render_appendix("appendixE", LEGEND, body if new else [*body, "Not run."], simulated)


def render_role_appendix(
    single: Mapping[str, Sequence[Message]], combined: Mapping[str, Sequence[Message]], criteria: Sequence[str]
) -> str:
    """Return Appendix F: the prompts of all roles as sent for one criterion and for all, from `record_prompts`.

    The keys after the four roles are the diagnostics. Both are empty for imported runs.
    """
    if not single:
        return _render_appendix("appendixF", "", [NOT_SENT], simulated=False)
    legend = (
        "Each prompt is shown as it is sent for one criterion (in a separate stage, and in Single-Task runs) and for all"
        " criteria (in a combined stage), with the settings of the protocol paper and a batch of one pair. Texts and replies"
        " are placeholders in square brackets; the ratings and the experts' scores are examples. Evaluators rate one criterion"
        " at a time."
    )
    body: list[str] = []
    for role, title in ROLES.items():
        body += _render_messages(f"{title}, for {criteria[0]} alone", single[role])
        # Appendix E shows the other judge prompt.
        body += _render_messages(f"{title}, for all criteria", combined[role]) if role != "task" else []
    for diagnostic, messages in single.items():
        if diagnostic not in ROLES:
            body += _render_messages(f"Evaluator of {diagnostic}, for {criteria[0]}", messages)
    return _render_appendix("appendixF", legend, body, simulated=False)


def _render_appendix(name: str, legend: str, body: Sequence[str], simulated: bool) -> str:
    notice = [rf"{{\small\bfseries\color{{red!70!black}}{escape(SIMULATED_NOTICE)}.\par}}\smallskip"] if simulated else []
    head = [f"% {SIMULATED_NOTICE}"] if simulated else []
    opening = [
        rf"\section*{{{escape(APPENDICES[name])}}}\phantomsection\label{{{name}}}",
        *notice,
        rf"{{\small {escape(legend)}\par}}",
    ]
    return "\n".join([*head, COMMANDS, *opening, *body, ""])


def _render_messages(title: str, messages: Sequence[Message]) -> Iterator[str]:
    yield from _render_heading(title)
    for message in messages:
        yield from _quote_text(message["role"], message["content"])


def _render_heading(title: str) -> Iterator[str]:
    yield rf"\room{{6\baselineskip}}\subsection*{{{escape(title)}}}"


def _quote_text(label: str, text: str) -> Iterator[str]:
    """Yield LaTeX of a text, line by line in a typewriter font."""
    yield rf"\medskip{{\small\bfseries {escape(label)}\par}}\nobreak"
    yield r"{\prompttext"
    for line in replace_unprintable(text.expandtabs()).split("\n"):
        first, *rest = break_line(line)
        yield rf"\mbox{{{escape_typewriter(first)}}}\par"
        yield from (rf"\continued\mbox{{{escape_typewriter(part)}}}\par" for part in rest)
    yield "}"


def break_line(line: str) -> list[str]:
    """Return a line in parts that fit the page, without loss of a character: broken at spaces, or within a long word.

    Parts after the first leave room for the indent. A part may end in one space more than LINE_WIDTH characters.
    """
    wrapper = textwrap.TextWrapper(
        LINE_WIDTH,
        subsequent_indent=" " * INDENT,
        expand_tabs=False,
        replace_whitespace=False,
        drop_whitespace=False,
        # A break after a hyphen could be taken for a hyphen at the end of a line.
        break_on_hyphens=False,
    )
    # An empty line has no parts, but takes a line.
    first, *rest = wrapper.wrap(line) or [""]
    parts = [first]
    for part in (indented[INDENT:] for indented in rest):
        # The space at a break ends the line before it: it would look like an indent of the next line.
        moved = part[:1] if part[:1] == " " else ""
        parts[-1] += moved
        parts.append(part[len(moved) :])
    return parts
