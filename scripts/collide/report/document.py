"""The document that shows everything in the paper's order, led by what it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.estimates import ALL_GATES, AVERAGE
from collide.analysis.instructions.tokens import TOKENIZER
from collide.common.simulated_notice import SIMULATED
from collide.experiment.modes import MODES, SINGLE_TASK
from collide.optimize.diagnostics import DIAGNOSTICS
from collide.report.latex import escape

ANSWERS = {"task": "predictions", "loss": "critiques", "gradient": "gradients", "optimizer": "rewrites", "evaluator": "ratings"}
"""What a call of each role is answered by."""
CHERRY_PICKED = ("cherrypick", "spearman")
PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=2cm]{geometry}
\usepackage{graphicx}
\usepackage{array}
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
    # Names of models are not to be hyphenated.
    column = r">{\raggedright\hyphenpenalty=10000\arraybackslash}p{13.6cm}"
    lines.append(rf"\begin{{tabular}}{{@{{}}l{column}@{{}}}}\toprule")
    lines += [rf"{escape(label)} & {escape(text)} \\" for label, text in facts]
    lines.append(r"\bottomrule\end{tabular}\par\bigskip")
    lines.append(r"\raggedright\clubpenalty=0\widowpenalty=0")
    lines += [_exhibit(*exhibit) for exhibit in exhibits]
    return "\n".join([*lines, r"\end{document}", ""])


def _exhibit(heading: str, caption: str, name: str) -> str:
    """An appendix, page by page; or a table or figure as a word of one paragraph, so that narrow ones stand side by side."""
    if name.startswith("appendix"):
        return rf"\includepdf[pages=-,pagecommand={{\thispagestyle{{plain}}}}]{{{name}}}"
    width = r"\ifdim\wd0>.49\textwidth\textwidth\else.49\textwidth\fi"
    # Never enlarged: what is set for one column stays as wide as one column.
    picture = r"\ifdim\wd0>\textwidth\resizebox{\textwidth}{!}{\usebox0}\else\usebox0\fi"
    parts = [
        rf"\setbox0=\hbox{{\includegraphics{{{name}}}}}\begin{{minipage}}[t]{{{width}}}",
        rf"\subsection*{{{escape(heading)}}}{picture}",
        rf"\par\smallskip{{\footnotesize {escape(caption)}\par}}\vspace*{{5mm}}\end{{minipage}}",
    ]
    return "\n".join(parts)


def cost_facts(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Counts of calls, missing answers and cost, out of the rows of cost.csv."""
    total = rows[-1]
    served = (part.rsplit(" ", 1) for part in total["models"].split("; "))
    paid = f"{int(total['replies']):,} replies paid for, {int(total['borrowed']):,} taken from another job"
    lacking = []
    for role, answers in ANSWERS.items():
        missing, calls = (sum(int(row[part]) for row in rows if row["role"] == role) for part in ("missing", "calls"))
        lacking.append(f"{missing:,} of {calls:,} {answers}")
    return [
        ("Calls", f"{int(total['calls']):,} answered; {paid}"),
        ("Missing", f"{', '.join(lacking)}, after all attempts at a usable reply"),
        ("Tokens", f"{int(total['tokens_in']):,} in, {int(total['tokens_out']):,} out, as the models count them"),
        ("Cost", f"{float(total['cost']):,.2f} US dollars"),
        ("Models served", ", ".join(f"{model} in {int(count):,}" for model, count in served) + " replies"),
    ]


def evidence_facts(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """How many correlations were undefined and how many ratings are missing, out of the rows of estimates.csv."""
    single = [row for row in rows if row["criterion"] != AVERAGE]
    scored = [r for r in single if re.fullmatch(r"step\d+", r["quantity"]) or (r["study"], r["quantity"]) == CHERRY_PICKED]
    undefined = sum(_told(r"(\d+) of \d+ undefined", row) for row in scored)
    correlations = sum(int(row["runs"]) for row in scored)
    rated = []
    for diagnostic in DIAGNOSTICS:
        cells = [r for r in rows if (r["quantity"], r["gate"], r["criterion"]) == (diagnostic, ALL_GATES, AVERAGE)]
        cells = [row for row in cells if row["mode"] in (SINGLE_TASK, *MODES)]
        missing = sum(_told(r"(\d+) missing", row) for row in cells)
        rated.append(f"{diagnostic} {sum(int(row['n']) for row in cells):,}, {missing:,} missing")
    return [
        ("Correlations", f"{correlations:,}, by run, step and criterion; {undefined:,} undefined, counted as 0 in averages"),
        ("Ratings", "; ".join(rated)),
    ]


def _told(pattern: str, row: Mapping[str, str]) -> int:
    found = re.search(pattern, row["note"])
    return int(found[1]) if found else 0


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


def method_facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How models are named where they are asked, who rates, what is drawn for the intervals, and how is cherry-picked.

    `settings` hold the models' names, the evaluator's, and the sections `bootstrap` and `cherrypick` of config.yaml, the
    latter empty where nothing is picked.
    """
    bootstrap, picking = settings["bootstrap"], settings["cherrypick"]
    drawn = f"{bootstrap['resamples']:,} draws of documents and seeds, for ratings of runs"
    facts = [
        ("Models asked for", ", ".join(f"{name} as {asked}" for name, asked in settings["models"].items())),
        ("Evaluator", f"{settings['evaluator']}, rates {' and '.join(DIAGNOSTICS)} from 1 to 10"),
        ("Bootstrap", f"{drawn}; {bootstrap['level']:.0%} intervals; seed {bootstrap['seed']}"),
    ]
    if picking:
        balanced = f"; balanced within {', '.join(f'{ratio:g}' for ratio in picking['ratios'])}" if picking["ratios"] else ""
        limit = f", each solved in at most {picking['solver_seconds']} s; lengths in {TOKENIZER}" if balanced else ""
        facts.append(("Cherry-picking", f"by {', '.join(picking['metrics'])}{balanced}{limit}"))
    return facts
