# Diagnostics: an evaluator model rates each step's gradients and rewrites. Needs the steps of a run; needs no optimization anew.


rule diagnostics:
    input:
        rating_files(config["all_studies"]),


rule diagnose:
    input:
        steps=rules.optimize.output.steps,
        modules=model_code("diagnose/diagnose.py", "optimize/prompts/specificity.jinja", "optimize/prompts/adherence.jinja"),
    output:
        ratings="results/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.csv",
        usage="results/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.usage.json",
    log:
        "logs/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.log",
    conda:
        "../envs/models.yaml"
    resources:
        **slots_of(lambda wildcards: [config["diagnostics"]["evaluator"]]),
    params:
        run=run_of,
        journal=journal("diagnose"),
        model=lambda wildcards: model_of(
            config["diagnostics"]["evaluator"], "evaluator", wildcards.source
        ),
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Diagnose {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/diagnose/diagnose.py"
