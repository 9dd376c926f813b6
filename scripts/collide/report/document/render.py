"""The document in LaTeX: a first page, the exhibits on pages laid out by their sizes, and the appendices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.report.document.layout import (
    COLUMN_WIDTH,
    GAP,
    MAX_GAP,
    RESERVE,
    TEXT_HEIGHT,
    TEXT_WIDTH,
    Block,
    Page,
    pack_pages,
)
from collide.report.latex import escape

TITLE = "When Gradients Collide: tables, figures and prompts of these runs"

# Titles by the stem of the file. The stem is also the label of the appendix.
APPENDICES = {"appendixE": "Appendix E: the judge prompt and a rewrite", "appendixF": "Appendix F: the prompts of all roles"}

PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[textwidth=@WIDTH@pt,textheight=@HEIGHT@pt,centering,footskip=8mm]{geometry}
\usepackage{graphicx}
\usepackage{array}
\usepackage{booktabs}
\usepackage{xcolor}
\usepackage{pdflscape}
\usepackage[hidelinks]{hyperref}
% Tectonic has this command of pdfTeX, which the appendices use, under another name.
\ifdefined\pdfliteral\else\def\pdfliteral direct#1{\special{pdf:code #1}}\fi
\setlength{\parindent}{0pt}
\raggedbottom
% No page ends before a heading for the heading's sake alone; \room starts a page unless so much of this one is left.
\makeatletter\@secpenalty=0\makeatother
\newcommand{\room}[1]{\par\dimen0=\pagegoal\advance\dimen0-\pagetotal\ifdim#1>\dimen0\newpage\fi}
\raggedright
\frenchspacing
% A table that is a float is shown in its place like any other, with the caption from its own file.
\renewenvironment{table}{\renewcommand{\caption}[2][]{}\renewcommand{\label}[1]{}}{}
% Arguments: width, label, heading, claims, content, file of the caption. The content is shrunk to the width, never enlarged.
\newsavebox{\content}
\newsavebox{\whole}
\newdimen\naturalwidth
\newcommand{\exhibit}[6]{\begin{lrbox}{\content}#5\end{lrbox}\global\naturalwidth=\wd\content
\begin{minipage}[t]{#1}\raggedright\exhibitheading{#2}{#3}%
\ifdim\wd\content>\linewidth\resizebox{\linewidth}{!}{\usebox{\content}}\else\usebox{\content}\fi\par\smallskip
{\footnotesize\input{#6}\par\textit{#4}\par}\end{minipage}}
% The same with the caption beside the content; the width is that of either.
\newcommand{\exhibitbeside}[6]{\begin{minipage}[t]{\textwidth}\raggedright\exhibitheading{#2}{#3}%
\begin{minipage}[t]{#1}\vspace{0pt}#5\end{minipage}\hfill
\begin{minipage}[t]{#1}\vspace{0pt}\raggedright\footnotesize\input{#6}\par\textit{#4}\par\end{minipage}\end{minipage}}
\newcommand{\exhibitheading}[2]{{\large\bfseries\phantomsection\label{#1}\pdfbookmark[1]{#2}{#1}#2\par}\smallskip}
% A label, such as the name of a study, may be longer than its column.
\newcommand{\fact}[2]{{\hangindent=3.4cm\hangafter=1\hyphenpenalty=10000\setbox0=\hbox{#1\quad}%
\leavevmode\hbox\ifdim\wd0<3.4cm to 3.4cm\fi{\unhbox0\hfil}#2\par\vskip1pt}}
\newcommand{\listed}[2]{\hyperref[#1]{#2}\dotfill\ \pageref{#1}\par}
\begin{document}
""".replace("@WIDTH@", f"{TEXT_WIDTH:.2f}").replace("@HEIGHT@", f"{TEXT_HEIGHT + RESERVE:.2f}")

# Sizes of an exhibit set to some width, on a line of the log: its name, natural width, and height.
MEASURE = r"""\setbox\whole=\hbox{%s}\typeout{BLOCK %s \the\naturalwidth\space\the\dimexpr\ht\whole+\dp\whole\relax}"""
SIZE = re.compile(r"^BLOCK (\S+) ([\d.]+)pt ([\d.]+)pt$", re.MULTILINE)
FRONT = "front"
# Height of the title of a section in points, with the space below it.
SECTION_HEIGHT = 40.0
# Exhibits that the contents list one by one: with more, the first page would have no room for its facts.
MOST_LISTED = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """An exhibit: its heading, the sentence on the claims that rest on it, and its file, a table's LaTeX or a figure's PDF."""

    file: str
    heading: str
    claims: str

    @property
    def name(self) -> str:
        """Return its name, the stem of its file."""
        return PurePath(self.file).stem

    def render(self, width: float, beside: bool = False) -> str:
        """Return it in LaTeX, set to a width in points. With `beside`, its caption stands beside it, in the same width."""
        name = PurePath(self.file).name
        content = rf"\footnotesize\input{{{name}}}" if name.endswith(".tex") else rf"\includegraphics{{{name}}}"
        heading, claims = escape(self.heading), escape(self.claims)
        command = "exhibitbeside" if beside else "exhibit"
        return rf"\{command}{{{width:.2f}pt}}{{{self.name}}}{{{heading}}}{{{claims}}}{{{content}}}{{{self.name}-caption.tex}}"


@dataclass(frozen=True, slots=True)
class Document:
    """All parts of the document. LaTeX finds the files of exhibits and appendices by their names, in its own folder.

    `facts` are labels and texts of the first page, `sections` the exhibits by the title of their section, and `appendices`
    titles by the stem of their files. The section without a title begins on the first page, each other one on a new page.
    """

    introduction: str
    facts: Sequence[tuple[str, str]]
    sections: Mapping[str, Sequence[Shown]]
    appendices: Mapping[str, str]
    simulated: bool

    @property
    def exhibits(self) -> list[Shown]:
        """Return the exhibits of all sections."""
        return [shown for exhibits in self.sections.values() for shown in exhibits]

    def render_measurement(self) -> str:
        """Return a LaTeX file that prints the sizes of the first page's text and of all exhibits to the log."""
        lines = [PREAMBLE, MEASURE % (rf"\begin{{minipage}}{{\textwidth}}{self._render_front()}\end{{minipage}}", FRONT)]
        for shown in self.exhibits:
            lines += [MEASURE % (shown.render(width), shown.name) for width in (COLUMN_WIDTH, TEXT_WIDTH, TEXT_HEIGHT)]
        # Tectonic fails on a document without any page.
        return "\n".join([*lines, r"\null", r"\end{document}", ""])

    def lay_out(self, log: str) -> dict[str, tuple[Page, ...]]:
        """Return the pages of each section, from what LaTeX printed on the file of `render_measurement`."""
        widths: dict[str, float] = {}
        heights: dict[str, list[float]] = {}
        for name, width, height in SIZE.findall(log):
            widths[name] = float(width)
            heights.setdefault(name, []).append(float(height))
        pages = {}
        for title, exhibits in self.sections.items():
            blocks = [Block(shown.name, widths[shown.name], *heights[shown.name]) for shown in exhibits]
            pages[title] = pack_pages(blocks, SECTION_HEIGHT if title else heights[FRONT][0])
        return pages

    def render(self, pages: Mapping[str, Sequence[Page]]) -> str:
        """Return the document in LaTeX, with the exhibits of each section on these pages."""
        shown = {exhibit.name: exhibit for exhibit in self.exhibits}
        lines = [PREAMBLE, self._render_front()]
        for title, of_section in pages.items():
            lines += [rf"\newpage\phantomsection\section*{{{escape(title)}}}\label{{{_label_section(title)}}}"] if title else []
            lines += [line for page in of_section for line in _render_page(page, shown, page is of_section[0])]
        for name in self.appendices:
            # An appendix starts where the page before it ends if its title and some lines fit.
            lines += [r"\par\vskip 8mm\room{10\baselineskip}", rf"\input{{{name}.tex}}"]
        return "\n".join([*lines, r"\end{document}", ""])

    def _list_section(self, title: str) -> list[tuple[str, str]]:
        """Return the entries of a section in the contents: its exhibits, or the section alone in a long document."""
        if title and len(self.exhibits) > MOST_LISTED:
            return [(_label_section(title), title)]
        return [(shown.name, shown.heading) for shown in self.sections[title]]

    def _render_front(self) -> str:
        lines = [rf"{{\Large\bfseries {escape(TITLE)}\par}}\medskip"]
        if self.simulated:
            lines.append(rf"{{\small\bfseries\color{{red!70!black}}{escape(SIMULATED_NOTICE)}.\par}}\medskip")
        lines += [rf"{escape(self.introduction)}\par\medskip\hrule\medskip{{\small"]
        lines += [rf"\fact{{{escape(label)}}}{{{escape(text)}}}" for label, text in self.facts]
        entries = [entry for title in self.sections for entry in self._list_section(title)] + list(self.appendices.items())
        half = -(-len(entries) // 2)
        columns = [
            "\n".join(
                [rf"\begin{{minipage}}[t]{{{COLUMN_WIDTH:.2f}pt}}\footnotesize", *map(_list_entry, part), r"\end{minipage}"]
            )
            for part in (entries[:half], entries[half:])
        ]
        return "\n".join([*lines, r"\medskip\hrule\medskip", r"\hfill".join(columns), r"\par}"])


def _label_section(title: str) -> str:
    return f"section-{title.replace(' ', '-')}"


def _list_entry(entry: tuple[str, str]) -> str:
    return rf"\listed{{{entry[0]}}}{{{escape(entry[1])}}}"


def _render_page(page: Page, shown: Mapping[str, Shown], first: bool) -> Iterator[str]:
    """Yield the lines of a page. All pages but the first start a new one."""
    if not page.rows:
        return
    width, height = (TEXT_HEIGHT, TEXT_WIDTH) if page.turned else (TEXT_WIDTH, TEXT_HEIGHT)
    gap = GAP if first else min(MAX_GAP, GAP + max(0.0, height - page.height) / len(page.rows))
    separator = rf"\par\vspace{{{gap:.2f}pt}}"
    rows = f"\n{separator}\n".join(rf"\noindent{_render_row(row, shown, page.scale)}" for row in page.rows)
    if page.scale < 1:
        wider = rf"\begin{{minipage}}[t]{{{width / page.scale:.2f}pt}}\raggedright{rows}\end{{minipage}}"
        rows = rf"\noindent\scalebox{{{page.scale:.4f}}}{{{wider}}}"
    if page.turned:
        yield rf"\begin{{landscape}}{rows}\end{{landscape}}"
    else:
        yield separator if first else r"\newpage"
        yield rows


def _render_row(row: tuple[Sequence[Block], Sequence[Block]], shown: Mapping[str, Shown], scale: float) -> str:
    left, right = row
    if not left[0].narrow:
        return _render_block(left[0], shown, scale)
    if len(left) == 1 and not right:
        # Otherwise half of the row would be empty.
        return shown[left[0].name].render(COLUMN_WIDTH / scale, beside=True)
    separator = f"\\par\\vspace{{{GAP}pt}}\n"
    columns = [
        rf"\begin{{minipage}}[t]{{{COLUMN_WIDTH / scale:.2f}pt}}"
        + separator.join(_render_block(block, shown, scale) for block in column)
        + r"\end{minipage}"
        for column in (left, right)
        if column
    ]
    return "\\hfill\n".join(columns)


def _render_block(block: Block, shown: Mapping[str, Shown], scale: float) -> str:
    natural = block.turned_height if block.turned else block.column_height if block.narrow else block.text_height
    latex = shown[block.name].render(block.width / scale)
    # An exhibit that is higher than the page is shrunk as a whole.
    return latex if natural <= block.height else rf"\scalebox{{{block.height / natural:.3f}}}{{{latex}}}"
