# Evaluation: the prompts of a run on the test pairs, and on the validation pairs for choosing a step without the test pairs.


rule evaluate:
    input:
        judge_code,
        prompts=rules.optimize.output.steps,
        usage=ancient(rules.optimize.output.usage),
        test=rules.split_corpus.output.test,
        validation=rules.split_corpus.output.validation,
        modules=code("predictions.py"),
    output:
        predictions=f"{RUN}/predictions.parquet",
        usage=f"{RUN}/usage.json",
    log:
        "logs/{source}/runs/{study}/{mode}/{gate}/seed{seed}/evaluate.log",
    conda:
        "../envs/models.yaml"
    resources:
        **slots_of(lambda wildcards: [config["studies"][wildcards.study]["models"]["task"]]),
    params:
        run=lambda wildcards: {
            "source": wildcards.source,
            "seed": int(wildcards.seed),
            "model": config["studies"][wildcards.study]["models"]["task"],
            "title": f"evaluate {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}",
        },
        splits=["test", "validation"],
        journal=journal("evaluate"),
        also_read=[journal("optimize")],
        models=lambda wildcards: models_of(wildcards.study, wildcards.source)["task"],
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Evaluate {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/evaluate.py"
