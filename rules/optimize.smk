# Optimization: one run per study, mode, gate and seed, on training and validation pairs. The test pairs are no input.


rule runs:
    input:
        run_files("steps.jsonl", config["all_studies"]),


rule optimize:
    input:
        train=rules.split_corpus.output.train,
        validation=rules.split_corpus.output.validation,
        initial=lambda wildcards: (
            initial(f"{INITIAL}.usage.json", ["validation"])(wildcards)
            if GATES[wildcards.gate].metric
            else []
        ),
        modules=model_code("optimize/optimize.py",
            *(f"optimize/prompts/{role}.jinja" for role in ("judge", "loss", "gradient", "optimizer")),
        ),
    output:
        steps=f"{RUN}/steps.jsonl",
        usage=f"{RUN}/optimize.json",
    log:
        "logs/{source}/runs/{study}/{mode}/{gate}/seed{seed}/optimize.log",
    conda:
        "../envs/models.yaml"
    resources:
        **slots_of(lambda wildcards: config["studies"][wildcards.study]["models"].values()),
    params:
        run=run_of,
        journal=journal("optimize"),
        also_read=initial(INITIAL_JOURNAL, ["validation"]),
        models=lambda wildcards: models_of(wildcards.study, wildcards.source),
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Optimize {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/optimize/optimize.py"
