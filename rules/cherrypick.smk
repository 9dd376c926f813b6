# Needs: the test pairs, and steps and predictions of the Single-Task runs that a variant picks from, study by study.
# Makes: picked instructions and prompts per variant, and the predictions of these prompts per seed.
from collide.experiment.modes import SINGLE_TASK


rule cherrypick:
    input:
        [
            variant_files(config, study, "predictions.parquet", SOURCE)
            for study in config["active_studies"]
        ],


rule pick_instructions:
    input:
        steps=lambda w: run_files(
            list_cell_runs(config, w.study, SINGLE_TASK, VARIANTS[w.study][w.variant]["gates"]),
            "steps.jsonl",
            w.source,
        ),
        predictions=lambda w: run_files(
            list_cell_runs(config, w.study, SINGLE_TASK, VARIANTS[w.study][w.variant]["gates"]),
            "predictions.parquet",
            w.source,
        ),
    output:
        picked="results/{source}/cherrypick/{study}/{variant}/picked.csv",
        prompts="results/{source}/cherrypick/{study}/{variant}/prompts.jsonl",
    log:
        "logs/{source}/cherrypick/{study}/{variant}/pick.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=5),
    params:
        code=track_code("cherrypick/pick_instructions.py"),
        variant=lambda w: VARIANTS[w.study][w.variant],
        scales=lambda w: collect_scales(config, dataset_name(config, w.study)),
    message:
        "Cherry-pick {wildcards.variant} of {wildcards.study}"
    script:
        "../scripts/cherrypick/pick_instructions.py"


use rule evaluate as evaluate_variant with:
    input:
        prompts=rules.pick_instructions.output.prompts,
        test=lambda w: split_file(config, "test", w.source, w.study),
        examples=lambda w: split_file(config, "examples", w.source, w.study),
    output:
        predictions="results/{source}/cherrypick/{study}/{variant}/seed{seed}/predictions.parquet",
        usage="results/{source}/cherrypick/{study}/{variant}/seed{seed}/usage.json",
    log:
        "logs/{source}/cherrypick/{study}/{variant}/seed{seed}/evaluate.log",
    benchmark:
        "results/{source}/benchmarks/evaluate_variant/{study}/{variant}/seed{seed}.tsv"
    resources:
        **ask_for(mem_mb=500, minutes=10),
        **reserve_calls(config, lambda w: [config["studies"][w.study]["models"]["task"]]),
    params:
        code=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
        splits=["test"],
        seed=lambda w: int(w.seed),
        title="evaluate cherrypick/{study}/{variant}/seed{seed}",
        journal="results/{source}/journal/cherrypick/{study}/{variant}/seed{seed}.journal",
        client=client_settings,
        models=lambda w: resolve_task_model(config, w.study, w.source),
        dataset=lambda w: collect_dataset(config, dataset_name(config, w.study)),
        attempts=config["replies"]["attempts"],
        max_missing_share=config["replies"]["max_missing_share"],
    message:
        "Evaluate cherry-pick {wildcards.variant} of {wildcards.study} seed {wildcards.seed}"
