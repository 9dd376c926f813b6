# Needs: train and validation.parquet of the corpus; no run gets the test pairs.
# Makes: results/{source}/runs/{study}/{mode}/{gate}/seed{seed}/steps.jsonl.
from collide.experiment.runs import study_protocol
from collide.experiment.models import resolve_study_models
from collide.experiment.paths import initial_prediction_files, initial_validation_files


rule runs:
    input:
        run_files(list_study_runs(config, config["active_studies"]), "steps.jsonl", SOURCE),


rule optimize:
    input:
        train=lambda w: split_file(config, "train", w.source, w.study),
        validation=lambda w: split_file(config, "validation", w.source, w.study),
        examples=lambda w: split_file(config, "examples", w.source, w.study),
        initial=lambda w: initial_validation_files(config, name_run(w), w.source),
    output:
        steps=f"{RUN}/steps.jsonl",
        usage=f"{RUN}/optimize.json",
    log:
        "logs/{source}/runs/{study}/{mode}/{gate}/seed{seed}/optimize.log",
    benchmark:
        "results/{source}/benchmarks/optimize/{study}/{mode}/{gate}/seed{seed}.tsv"
    wildcard_constraints:
        source=CALLING,
    conda:
        "../envs/models.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=40),
        **reserve_calls(config, lambda w: config["studies"][w.study]["models"].values()),
    params:
        code=track_model_code(
            "optimize/optimize.py",
            *(
                f"optimize/prompts/{role}.jinja"
                for role in ("judge", "loss", "gradient", "optimizer")
            ),
        ),
        # No journal is an output: Snakemake would delete its replies when the job fails.
        journal="results/{source}/journal/{study}/{mode}/{gate}/seed{seed}/optimize.journal",
        client=client_settings,
        models=lambda w: resolve_study_models(config, w.study, w.source),
        dataset=lambda w: collect_dataset(config, dataset_name(config, w.study)),
        attempts=config["replies"]["attempts"],
        settings=lambda w: {
            "steps": config["studies"][w.study]["steps"],
            "batch_size": config["studies"][w.study]["batch_size"],
            "max_missing_share": config["replies"]["max_missing_share"],
            **{
                key: study_protocol(config, w.study)[key]
                for key in (
                    "batches",
                    "batch_repeats",
                    "loss_sees",
                    "gradients",
                    "freeze_output_format",
                    "ratings",
                )
            },
        },
    message:
        "Optimize {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/optimize/optimize.py"
