# Cherry-picking: instructions of the Single-Task runs of the main study, combined and evaluated by the evaluation's script.


rule cherrypick:
    input:
        variant_files(config, "predictions.parquet", SOURCE),


rule pick_instructions:
    input:
        scores="results/{source}/scores/main.csv",
        steps=lambda wildcards: run_files(
            [
                run
                for run in study_runs(config, [config["cherrypick"]["study"]])
                if run.mode_group == "single"
            ],
            "steps.jsonl",
            wildcards.source,
        ),
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
        client=ancient(rules.write_client_settings.output.settings),
        modules=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
    output:
        predictions="results/{source}/cherrypick/{variant}/seed{seed}/predictions.parquet",
        usage="results/{source}/cherrypick/{variant}/seed{seed}/usage.json",
    log:
        "logs/{source}/cherrypick/{variant}/seed{seed}/evaluate.log",
    resources:
        **claim_calls(
            config,
            lambda wildcards: [config["studies"][config["cherrypick"]["study"]]["models"]["task"]],
        ),
    params:
        splits=["test"],
        title="evaluate cherrypick/{variant}/seed{seed}",
        journal="results/{source}/journal/cherrypick/{variant}/seed{seed}.journal",
        models=lambda wildcards: resolve_task_model(
            config, config["cherrypick"]["study"], wildcards.source
        ),
        criteria=config["criteria"],
        attempts=config["replies"]["attempts"],
        max_missing_share=config["replies"]["max_missing_share"],
    message:
        "Evaluate cherry-pick {wildcards.variant} seed {wildcards.seed}"
