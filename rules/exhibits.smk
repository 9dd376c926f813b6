# What each table and figure shows, and their headings and captions: helpers of the rules that make them. Nothing here makes a file.
import shutil

import sys

from collide.analysis.instructions.tokens import TOKENIZER
from collide.experiment.paths import appendix_steps_file
from collide.experiment.variants import choose_shown_gate


wildcard_constraints:
    table="table[1-6]",
    figure="figure[1-6]|balance",


# Of the main study, where one gate is shown.
GATE = choose_shown_gate(config["studies"].get("main", {"gates": ["mae"]}))


def shown_tables():
    """What each table shows, for those whose study is covered by `all`."""
    common = {"criteria": list(config["criteria"])}
    main = common | {"study": "main", "facts": config["studies"].get("main")}
    deepseek = common | {"study": "deepseek", "facts": config["studies"].get("deepseek")}
    tables = {f"table{number}": main for number in (1, 2, 3, 4)}
    tables |= {"table5": main | {"variants": VARIANTS}, "table6": deepseek}
    return {
        name: facts for name, facts in tables.items() if facts["study"] in config["active_studies"]
    }


def usages_of(table, source):
    """Usage files of the jobs that a table's numbers come from: runs and, by what it shows, ratings or cherry-picked prompts."""
    study = TABLES[table]["study"]
    files = run_files(study_runs(config, [study]), "usage.json", source)
    if table in ("table2", "table4"):
        files += [path.replace(".csv", ".usage.json") for path in rating_files(study_runs(config, [study]), source)]
    if table in ("table3", "table5"):
        files += variant_files(config, "usage.json", source)
    return files


def asked_models(study, source):
    """The name by which the model of each role of a study, and the evaluator, are asked for."""
    models = config["studies"][study]["models"] | {"evaluator": config["diagnostics"]["evaluator"]}
    return {role: config["models"][name][source]["name"] for role, name in models.items()}


def asked_names(source):
    """The name by which each model that a study or the evaluator has is asked for."""
    names = [
        name
        for study in config["active_studies"]
        for name in config["studies"][study]["models"].values()
    ]
    used = dict.fromkeys([*names, config["diagnostics"]["evaluator"]])
    return {name: config["models"][name][source]["name"] for name in used}


def shown_figures():
    """What each figure shows and whose ratings it needs, for those whose study is covered by `all`."""
    criteria = list(config["criteria"])
    figures = {"figure1": {"studies": [], "ratings_of": [], "facts": {"criteria": criteria}}}
    for study, (trajectory, specificity) in {
        "main": ("figure2", "figure3"),
        "deepseek": ("figure5", "figure6"),
    }.items():
        facts = {"study": study, "facts": config["studies"].get(study), "criteria": criteria}
        figures[trajectory] = {"studies": [study], "ratings_of": [], "facts": facts}
        figures[specificity] = {"studies": [study], "ratings_of": [study], "facts": facts}
    swapped = ["gradient-swap", "main"]
    facts = {"studies": swapped, "modes": ["SSC", "SCC"]}
    figures["figure4"] = {"studies": swapped, "ratings_of": swapped, "facts": facts}
    references = {
        "one prompt per criterion": ["cherrypick", "per-criterion", GATE, "average", "spearman"],
        "initial prompt": ["main", "SSS", GATE, "average", "initial"],
        "picked, any length": ["cherrypick", "spearman", GATE, "average", "spearman"],
    }
    facts = {"ratios": config["cherrypick"]["ratios"], "references": references}
    figures["balance"] = {"studies": ["main"], "ratings_of": [], "facts": facts}
    return {
        name: figure
        for name, figure in figures.items()
        if set(figure["studies"]) <= set(config["active_studies"])
    }


TABLES, FIGURES = shown_tables(), shown_figures()


def table_files(name):
    """Both forms of a table."""
    return [f"results/{SOURCE}/tables/{name}.{form}" for form in ("csv", "tex")]


def figure_files(name):
    """Both forms of a figure."""
    return [f"paper_figures/{SOURCE}/{name}.{form}" for form in ("pdf", "png")]


HEADINGS = {
    "figure1": "Figure 1: which stage of a mode sees which criteria",
    "table1": "Table 1: initial and best prompts",
    "figure2": "Figure 2: trajectories",
    "figure3": "Figure 3: gradient specificity by mode",
    "table2": "Table 2: feedback adherence",
    "table3": "Table 3: initial, Single-Task and cherry-picked, by criterion",
    "table4": "Table 4: gradient specificity by criterion",
    "table5": "Table 5: cherry-picked variants",
    "balance": "Beyond the paper: balanced lengths",
    "figure4": "Figure 4: gradient model swapped",
    "table6": "Table 6: DeepSeek models",
    "figure5": "Figure 5: trajectories with the DeepSeek models",
    "figure6": "Figure 6: gradient specificity with the DeepSeek models",
}


def runs_told(study, **only):
    """Which runs of a study a figure is made from, for its caption; `only` names the modes or gates that it shows."""
    facts = config["studies"].get(study, {"modes": [], "gates": [], "seeds": []})
    shown = {
        part: [name for name in facts[part] if name in only.get(part, facts[part])]
        for part in ("modes", "gates")
    }
    told = [f"{part} {', '.join(names)}" for part, names in shown.items()]
    seeds = len(facts["seeds"])
    return f"study {study}, {', '.join(told)}, {seeds} seed{'s' * (seeds != 1)}"


def trajectory_caption(study):
    """Of the figure of a study's steps; one seed has no bands."""
    facts = config["studies"].get(study, {"seeds": []})
    bands = "bands are one standard deviation over seeds to both sides"
    told = f", mean over seeds; {bands}" if len(facts["seeds"]) > 1 else ""
    return f"Spearman correlation on the test pairs, by gate and criterion{told}. Runs: {runs_told(study)}."


RATINGS = (
    "All steps and criteria: bars are as wide as the share of their rating; diamonds, and the numbers above, are means, with"
    f" {config['bootstrap']['level']:.0%} intervals over runs."
)
SWAPPED = {"modes": ["SSC", "SCC"], "gates": ["mae"]}
CAPTIONS = {
    "figure1": "Each box is one call; the criteria in it are seen together.",
    "figure2": trajectory_caption("main"),
    "figure3": f"{RATINGS} Runs: {runs_told('main')}.",
    "balance": (
        "Instructions picked together for the highest sum of their own scores, combined in one prompt; lengths in"
        f" {TOKENIZER}; {config['bootstrap']['level']:.0%} intervals over documents and seeds. The lines are of gate {GATE}. Runs:"
        f" {runs_told('main', modes=['single'])}."
    ),
    "figure4": f"{RATINGS} Runs: {runs_told('gradient-swap', **SWAPPED)}; {runs_told('main', **SWAPPED)}.",
    "figure5": trajectory_caption("deepseek"),
    "figure6": f"{RATINGS} Runs: {runs_told('deepseek')}.",
}


def exhibits(source):
    """Heading, caption (a table brings its own) and file of all that the document shows, in the paper's order."""
    tables, figures = f"results/{source}/tables", f"paper_figures/{source}"
    shown = [
        (
            heading,
            CAPTIONS.get(name, ""),
            f"{tables}/{name}.tex" if name in TABLES else f"{figures}/{name}.pdf",
        )
        for name, heading in HEADINGS.items()
        if name in TABLES or name in FIGURES
    ]
    return [*shown, *(("", "", f"{tables}/appendix{letter}.tex") for letter in "EF")]


def document_where_latex_is():
    """The document, or, where LaTeX is not found, nothing and a line that says how to get it."""
    if shutil.which("pdflatex"):
        return [f"paper_figures/{SOURCE}/artifact.pdf"]
    print(
        "LaTeX was not found, so the document is left out; to have it, install it (Debian, Ubuntu:"
        " apt-get install texlive-latex-recommended texlive-latex-extra lmodern).",
        file=sys.stderr,
    )
    return []
