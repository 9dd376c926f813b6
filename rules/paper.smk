# The paper's tables and figures, from tidy scores.


rule table1:
    input:
        expand(f"results/{SOURCE}/tables/table1.{{kind}}", kind=["csv", "tex"]),


rule figure2:
    input:
        expand(f"paper_figures/{SOURCE}/figure2.{{kind}}", kind=["pdf", "png"]),


rule make_table1:
    input:
        scores="results/{source}/scores/main.csv",
        modules=code("report/latex.py"),
    output:
        csv="results/{source}/tables/table1.csv",
        tex="results/{source}/tables/table1.tex",
    log:
        "logs/{source}/tables/table1.log",
    conda:
        "../envs/analysis.yaml"
    params:
        study=config["studies"].get("main"),
        criteria=list(config["criteria"]),
    message:
        "Table 1"
    script:
        "../scripts/make_table1.py"


rule make_figure2:
    input:
        scores="results/{source}/scores/main.csv",
        modules=code("report/style.py"),
    output:
        pdf="paper_figures/{source}/figure2.pdf",
        png="paper_figures/{source}/figure2.png",
    log:
        "logs/{source}/figures/figure2.log",
    conda:
        "../envs/figures.yaml"
    params:
        study=config["studies"].get("main"),
        criteria=list(config["criteria"]),
    message:
        "Figure 2"
    script:
        "../scripts/make_figure2.py"
