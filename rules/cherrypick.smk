# Cherry-picking: instructions of the Single-Task runs of the main study, combined and evaluated by the evaluation's script.


rule cherrypick:
    input:
        variant_files(config, "predictions.parquet", SOURCE),


rule pick_instructions:
    input:
        scores="results/{source}/scores/main.csv",
        steps=lambda wildcards: run_files([run for run in study_runs(config, [config["cherrypick"]["study"]]) if run.mode_group == "single"], "steps.jsonl", wildcards.source),
        modules=track_code("cherrypick/pick_instructions.py"),
    output:
        picked="results/{source}/cherrypick/{variant}/picked.csv",
        prompts="results/{source}/cherrypick/{variant}/prompts.jsonl",
    log:
        "logs/{source}/cherrypick/{variant}/pick.log",
    conda:
        "../envs/analysis.yaml"
    params:
        variant=lambda wildcards: VARIANTS[wildcards.variant],
        criteria=list(config["criteria"]),
    message:
        "Cherry-pick {wildcards.variant}"
    script:
        "../scripts/cherrypick/pick_instructions.py"


use rule evaluate as evaluate_variant with:
    input:
        prompts=rules.pick_instructions.output.prompts,
        test=rules.split_corpus.output.test,
        modules=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
    output:
        predictions="results/{source}/cherrypick/{variant}/seed{seed}/predictions.parquet",
        usage="results/{source}/cherrypick/{variant}/seed{seed}/usage.json",
    log:
        "logs/{source}/cherrypick/{variant}/seed{seed}/evaluate.log",
    resources:
        **claim_calls(config, lambda wildcards: [config["studies"]["main"]["models"]["task"]]),
    params:
        run=lambda wildcards: {
            "source": wildcards.source,
            "seed": int(wildcards.seed),
            "model": config["studies"]["main"]["models"]["task"],
            "title": f"evaluate cherry-pick {wildcards.variant} seed {wildcards.seed}",
        },
        splits=["test"],
        journal="results/{source}/journal/cherrypick/{variant}/seed{seed}.journal",
        models=lambda wildcards: resolve_study_models(config, "main", wildcards.source)["task"],
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Evaluate cherry-pick {wildcards.variant} seed {wildcards.seed}"
