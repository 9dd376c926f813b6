# Estimates: every quantity of the paper with its interval, from all runs, ratings and cherry-picked prompts.


rule estimates:
    input:
        f"results/{SOURCE}/estimates.csv",


rule make_estimates:
    input:
        test=rules.split_corpus.output.test,
        steps=lambda wildcards: run_files(study_runs(config, config["active_studies"]), "steps.jsonl", wildcards.source),
        predictions=lambda wildcards: run_files(study_runs(config, config["active_studies"]), "predictions.parquet", wildcards.source),
        ratings=lambda wildcards: rating_files(study_runs(config, config["active_studies"]), wildcards.source),
        variants=lambda wildcards: variant_files(config, "predictions.parquet", wildcards.source),
        picked=lambda wildcards: [
            f"results/{wildcards.source}/cherrypick/{name}/picked.csv" for name in VARIANTS
        ],
        modules=track_code("analysis/make_estimates.py"),
    output:
        table="results/{source}/estimates.csv",
        draws="results/{source}/draws.parquet",
    log:
        "logs/{source}/estimates.log",
    conda:
        "../envs/analysis.yaml"
    params:
        variants={
            name: {"label": facts["label"], "gate": facts["gate"]}
            for name, facts in VARIANTS.items()
        },
        bootstrap=config["bootstrap"],
        scales={name: criterion["scale"] for name, criterion in config["criteria"].items()},
    message:
        "Estimate all quantities"
    script:
        "../scripts/analysis/make_estimates.py"
