"""The document that shows everything in the paper's order, led by what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collide.marks import SIMULATED
from collide.report.latex import escape

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=2cm]{geometry}
\usepackage{graphicx}
\usepackage{booktabs}
\usepackage{xcolor}
\usepackage{pdfpages}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\begin{document}
"""


def document(title: str, facts: Sequence[tuple[str, str]], exhibits: Sequence[tuple[str, str, str]], simulated: bool) -> str:
    """LaTeX of the document. `facts` are label and text; `exhibits` are heading, caption and the name
    of a PDF beside it."""
    lines = [PREAMBLE, rf"\section*{{{escape(title)}}}"]
    if simulated:
        lines.append(rf"\textbf{{\color{{red!70!black}}{escape(SIMULATED)}.}}\par\medskip")
    lines.append(r"\begin{tabular}{@{}lp{12.5cm}@{}}\toprule")
    lines += [rf"{escape(label)} & {escape(text)} \\" for label, text in facts]
    lines.append(r"\bottomrule\end{tabular}")
    for heading, caption, name in exhibits:
        if name.startswith("appendix"):
            lines.append(rf"\includepdf[pages=-,pagecommand={{\thispagestyle{{plain}}}}]{{{name}}}")
        else:
            # Never enlarged: what is set for one column stays as wide as one column.
            size = r"\ifdim\wd0>\textwidth\resizebox{\textwidth}{!}{\usebox0}\else\usebox0\fi"
            picture = rf"\setbox0=\hbox{{\includegraphics{{{name}}}}}{size}"
            lines.append(rf"\par\bigskip\begin{{minipage}}{{\textwidth}}\subsection*{{{escape(heading)}}}{picture}")
            lines.append(rf"\par\smallskip{{\footnotesize {escape(caption)}}}\end{{minipage}}")
    return "\n".join([*lines, r"\end{document}", ""])


def cost_facts(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Counts of calls, missing answers and cost, out of the rows of cost.csv."""
    total = rows[-1]
    paid = f"{int(total['replies']):,} replies paid for, {int(total['borrowed']):,} taken from another job"
    return [
        ("Calls", f"{int(total['calls']):,} answered, {int(total['missing']):,} without a usable reply; {paid}"),
        ("Tokens", f"{int(total['tokens_in']):,} in, {int(total['tokens_out']):,} out"),
        ("Cost", f"{float(total['cost']):,.2f} US dollars"),
        ("Models served", ", ".join(part.rpartition(" ")[0] for part in total["models"].split("; "))),
    ]


def corpus_facts(manifest: Mapping[str, Any], split: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the corpus is and how it was split."""
    means = ", ".join(f"{name} {facts['mean']:.3f}" for name, facts in manifest["criteria"].items())
    return [
        ("Corpus", f"{manifest['corpus']}: {manifest['pairs']:,} pairs of {manifest['documents']:,} documents"),
        ("Layout, sha256", f"{manifest['layout']}, {manifest['sha256'][:16]}..."),
        ("Mean human scores", f"{means} ({manifest['human_score']})"),
        ("Split", ", ".join(f"{split[part]} {part}" for part in ("train", "validation", "test"))),
    ]


def study_facts(studies: Mapping[str, Mapping[str, Any]], runs: Mapping[str, int]) -> list[tuple[str, str]]:
    """The settings of each study and its number of runs."""
    return [
        (
            f"Study {name}",
            f"{runs[name]} runs: modes {', '.join(facts['modes'])}; gates {', '.join(facts['gates'])};"
            f" seeds {', '.join(map(str, facts['seeds']))}; {facts['steps']} steps of {facts['batch']} pairs; "
            + ", ".join(f"{role} {model}" for role, model in facts["models"].items()),
        )
        for name, facts in studies.items()
    ]
