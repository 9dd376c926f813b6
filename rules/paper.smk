# The paper's tables and figures, from the estimates. TABLES and FIGURES (exhibits.smk) say what each shows.


rule make_table:
    input:
        estimates=rules.make_estimates.output.table,
        usages=lambda wildcards: usages_of(wildcards.table, wildcards.source),
        modules=track_code("report/make_table.py"),
    output:
        csv=report(
            "results/{source}/tables/{table}.csv", caption="captions/table.rst", category="Tables"
        ),
        tex="results/{source}/tables/{table}.tex",
    log:
        "logs/{source}/tables/{table}.log",
    conda:
        "../envs/analysis.yaml"
    params:
        heading=lambda wildcards: HEADINGS[wildcards.table],
        name=lambda wildcards: wildcards.table,
        facts=lambda wildcards: TABLES[wildcards.table],
        level=config["bootstrap"]["level"],
        asked=lambda wildcards: asked_models(TABLES[wildcards.table]["study"], wildcards.source),
    message:
        "{wildcards.table}"
    script:
        "../scripts/report/make_table.py"


rule make_figure:
    input:
        estimates=rules.make_estimates.output.table,
        ratings=lambda wildcards: rating_files(study_runs(config, FIGURES[wildcards.figure]["ratings_of"]), wildcards.source),
        modules=lambda wildcards: track_code(f"report/make_{wildcards.figure}.py"),
    output:
        pdf="paper_figures/{source}/{figure}.pdf",
        png=report(
            "paper_figures/{source}/{figure}.png",
            caption="captions/figure.rst",
            category="Figures",
        ),
    log:
        "logs/{source}/figures/{figure}.log",
    conda:
        "../envs/figures.yaml"
    params:
        heading=lambda wildcards: HEADINGS[wildcards.figure],
        caption=lambda wildcards: CAPTIONS[wildcards.figure],
        facts=lambda wildcards: FIGURES[wildcards.figure]["facts"],
    message:
        "{wildcards.figure}"
    script:
        "../scripts/report/make_{wildcards.figure}.py"
