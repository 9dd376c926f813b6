# The document of all tables, figures and appendices, in the paper's order. Needs LaTeX.


rule document:
    input:
        f"paper_figures/{SOURCE}/artifact.pdf",


rule make_appendix:
    input:
        steps=lambda wildcards: appendix_steps_file(config, wildcards.source),
        modules=track_code("report/make_appendix.py", "optimize/prompts/*.jinja"),
    output:
        judge="results/{source}/tables/appendixE.tex",
        rubrics="results/{source}/tables/appendixF.tex",
    log:
        "logs/{source}/tables/appendix.log",
    conda:
        "../envs/analysis.yaml"
    params:
        example=config["appendix_example"],
        criteria=config["criteria"],
    message:
        "Appendices E and F"
    script:
        "../scripts/report/make_appendix.py"


rule make_document:
    input:
        estimates=rules.make_estimates.output.table,
        manifest=rules.read_corpus.output.manifest,
        exhibits=lambda wildcards: [path for *_, path in exhibits(wildcards.source)],
        costs=rules.sum_costs.output.table,
        modules=track_code("report/make_document.py"),
    output:
        pdf="paper_figures/{source}/artifact.pdf",
    log:
        "logs/{source}/document.log",
    conda:
        "../envs/analysis.yaml"
    params:
        texts=lambda wildcards: {path: texts for *texts, path in exhibits(wildcards.source)},
        settings=lambda wildcards: {
            "split": config["split"],
            "studies": {study: config["studies"][study] for study in config["active_studies"]},
            "runs": {study: len(list_runs(config, study)) for study in config["active_studies"]},
            "models": asked_names(wildcards.source),
            "evaluator": config["diagnostics"]["evaluator"],
            "bootstrap": config["bootstrap"],
            "cherrypick": config["cherrypick"] if VARIANTS else {},
        },
    message:
        "Set the document"
    script:
        "../scripts/report/make_document.py"
