# Diagnostics: an evaluator model rates each step's gradients and rewrites. Needs the steps of a run; needs no optimization anew.


rule diagnostics:
    input:
        rating_files(study_runs(config, config["active_studies"]), SOURCE),


rule diagnose:
    input:
        steps=rules.optimize.output.steps,
        modules=track_model_code("diagnose/diagnose.py", "optimize/prompts/specificity.jinja", "optimize/prompts/adherence.jinja"),
    output:
        ratings="results/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.csv",
        usage="results/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.usage.json",
    log:
        "logs/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.log",
    conda:
        "../envs/models.yaml"
    resources:
        **claim_calls(config, lambda wildcards: [config["diagnostics"]["evaluator"]]),
    params:
        run=run_of,
        journal=journal("diagnose"),
        model=lambda wildcards: resolve_model(config, 
            config["diagnostics"]["evaluator"], "evaluator", wildcards.source
        ),
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Diagnose {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/diagnose/diagnose.py"
