# Scores: agreement of the predictions with the human scores, one tidy table a study. Needs steps and predictions of all its runs.


rule scores:
    input:
        expand(f"results/{SOURCE}/scores/{{study}}.csv", study=config["active_studies"]),


rule score_study:
    input:
        steps=lambda wildcards: run_files(study_runs(config, [wildcards.study]), "steps.jsonl", wildcards.source),
        predictions=lambda wildcards: run_files(study_runs(config, [wildcards.study]), "predictions.parquet", wildcards.source),
        modules=track_code("analysis/score_study.py"),
    output:
        scores="results/{source}/scores/{study}.csv",
    log:
        "logs/{source}/scores/{study}.log",
    conda:
        "../envs/analysis.yaml"
    params:
        scales={name: criterion["scale"] for name, criterion in config["criteria"].items()},
    message:
        "Score {wildcards.study}"
    script:
        "../scripts/analysis/score_study.py"


rule lengths:
    input:
        expand(f"results/{SOURCE}/lengths/{{study}}.csv", study=config["active_studies"]),
        [f"results/{SOURCE}/lengths/cherrypick-asymmetry.csv"] if VARIANTS else [],


rule measure_lengths:
    input:
        steps=lambda wildcards: run_files(study_runs(config, [wildcards.study]), "steps.jsonl", wildcards.source),
        scores=rules.score_study.output.scores,
        modules=track_code("analysis/measure_lengths.py"),
    output:
        lengths="results/{source}/lengths/{study}.csv",
        asymmetry="results/{source}/lengths/{study}-asymmetry.csv",
    log:
        "logs/{source}/lengths/{study}.log",
    conda:
        "../envs/analysis.yaml"
    message:
        "Measure the instructions of {wildcards.study}"
    script:
        "../scripts/analysis/measure_lengths.py"


rule measure_variants:
    input:
        picked=lambda wildcards: [
            f"results/{wildcards.source}/cherrypick/{name}/picked.csv"
            for name, facts in VARIANTS.items()
            if facts["together"]
        ],
        predictions=lambda wildcards: variant_files(config, "predictions.parquet", wildcards.source),
        modules=track_code("analysis/measure_variants.py"),
    output:
        asymmetry="results/{source}/lengths/cherrypick-asymmetry.csv",
    log:
        "logs/{source}/lengths/cherrypick.log",
    conda:
        "../envs/analysis.yaml"
    message:
        "Measure the cherry-picked instructions"
    script:
        "../scripts/analysis/measure_variants.py"
