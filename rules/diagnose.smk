# Needs: steps.jsonl of a run.
# Makes: results/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.csv, an evaluator model's ratings of each step.
from collide.experiment.models import resolve_model


rule diagnostics:
    input:
        rating_files(list_study_runs(config, config["active_studies"]), SOURCE),


rule diagnose:
    input:
        steps=rules.optimize.output.steps,
    output:
        ratings="results/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.csv",
        usage="results/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.usage.json",
    log:
        "logs/{source}/diagnostics/{study}/{mode}/{gate}/seed{seed}.log",
    benchmark:
        "results/{source}/benchmarks/diagnose/{study}/{mode}/{gate}/seed{seed}.tsv"
    wildcard_constraints:
        source=CALLING,
    conda:
        "../envs/models.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=20),
        **reserve_calls(config, lambda w: [config["diagnostics"]["evaluator"]]),
    params:
        code=track_model_code(
            "diagnose/diagnose.py",
            "optimize/prompts/specificity.jinja",
            "optimize/prompts/rubrics/*.txt",
            "optimize/prompts/adherence.jinja",
        ),
        journal="results/{source}/journal/{study}/{mode}/{gate}/seed{seed}/diagnose.journal",
        client=client_settings,
        models=lambda w: {
            "evaluator": resolve_model(
                config, config["diagnostics"]["evaluator"], "evaluator", w.source
            )
        },
        dataset=lambda w: collect_dataset(config, dataset_name(config, w.study)),
        rubrics=config["diagnostics"]["rubrics"],
        attempts=config["replies"]["attempts"],
    message:
        "Diagnose {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/diagnose/diagnose.py"
