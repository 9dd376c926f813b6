# Needs: the folder of the authors' published logs, which is searched when the workflow is planned (source published).
# Makes: the files that other sources make with calls: pairs, splits, runs, ratings and predictions of cherry-picked prompts; and
# results/published/inventory.csv, a row for each folder. download_published stores the logs.
from collide.experiment.datasets import study_criteria
from collide.experiment.sources import DOWNLOADED
from collide.published.design import (
    choose_folder,
    describe_run,
    find_cherrypick,
    list_checked,
    list_checked_files,
    list_inventory,
    list_pair_files,
    list_run_folders,
    list_study_files,
    name_ratings,
)


rule download_published:
    output:
        table="results/published/download/checksums.csv",
    log:
        "logs/published/download.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        code=track_code("published/download_logs.py"),
        dataset=config["published_dataset"],
        # No output: Snakemake would delete the files of a download that was interrupted.
        folder=str(DOWNLOADED),
    message:
        "Download the published logs"
    script:
        "../scripts/published/download_logs.py"


rule inventory:
    output:
        table="results/published/inventory.csv",
    log:
        "logs/published/inventory.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("published/list_folders.py"),
        folders=lambda w: list_inventory(PUBLISHED_RUNS),
    message:
        "List the folders of the published logs"
    script:
        "../scripts/published/list_folders.py"


rule import_pairs:
    input:
        lambda w: list_pair_files(PUBLISHED_RUNS),
    output:
        pairs="results/published/corpus/{dataset}/pairs.parquet",
        manifest="results/published/corpus/{dataset}/manifest.json",
    log:
        "logs/published/corpus/{dataset}/import.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=5),
    params:
        code=track_code("published/import_pairs.py"),
        runs=lambda w: list_run_folders(PUBLISHED_RUNS),
        origin=lambda w: str(choose_folder(config)),
        texts=lambda w: {key: config["datasets"][w.dataset][key] for key in ("inputs", "output")},
        scales=lambda w: collect_scales(config, w.dataset),
    message:
        "Import the pairs of the published logs"
    script:
        "../scripts/published/import_pairs.py"


rule import_split:
    input:
        pairs=rules.import_pairs.output.pairs,
    output:
        table="results/published/corpus/{dataset}/{protocol}/split.csv",
        train="results/published/corpus/{dataset}/{protocol}/train.parquet",
        validation="results/published/corpus/{dataset}/{protocol}/validation.parquet",
        test="results/published/corpus/{dataset}/{protocol}/test.parquet",
        examples="results/published/corpus/{dataset}/{protocol}/examples.parquet",
    log:
        "logs/published/corpus/{dataset}/{protocol}/split.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("published/import_split.py"),
        criteria=lambda w: list(config["datasets"][w.dataset]["criteria"]),
    message:
        "Split the pairs of the published logs, {wildcards.protocol}"
    script:
        "../scripts/published/import_split.py"


rule import_run:
    input:
        lambda w: list_study_files(PUBLISHED_RUNS, name_run(w)),
    output:
        steps="results/published/runs/{study}/{mode}/{gate}/seed{seed}/steps.jsonl",
        optimize="results/published/runs/{study}/{mode}/{gate}/seed{seed}/optimize.json",
        predictions="results/published/runs/{study}/{mode}/{gate}/seed{seed}/predictions.parquet",
        usage="results/published/runs/{study}/{mode}/{gate}/seed{seed}/usage.json",
        ratings="results/published/diagnostics/{study}/{mode}/{gate}/seed{seed}.csv",
        ratings_usage="results/published/diagnostics/{study}/{mode}/{gate}/seed{seed}.usage.json",
    log:
        "logs/published/runs/{study}/{mode}/{gate}/seed{seed}/import.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("published/import_run.py"),
        found=lambda w: describe_run(PUBLISHED_RUNS, name_run(w)),
        ratings=lambda w: name_ratings(PUBLISHED_RUNS, w.study),
        criteria=lambda w: list(study_criteria(config, w.study)),
    message:
        "Import {wildcards.study} {wildcards.mode} {wildcards.gate} run {wildcards.seed}"
    script:
        "../scripts/published/import_run.py"


rule import_variant:
    input:
        evaluation=lambda w: find_cherrypick(PUBLISHED_RUNS, w.study, w.variant),
    output:
        predictions="results/published/cherrypick/{study}/{variant}/seed{seed}/predictions.parquet",
        usage="results/published/cherrypick/{study}/{variant}/seed{seed}/usage.json",
    log:
        "logs/published/cherrypick/{study}/{variant}/seed{seed}/import.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("published/import_variant.py"),
        criteria=lambda w: list(study_criteria(config, w.study)),
    message:
        "Import cherry-pick {wildcards.variant} of {wildcards.study}"
    script:
        "../scripts/published/import_variant.py"


rule check_logs:
    input:
        lambda w: list_checked_files(config, PUBLISHED_RUNS),
    output:
        table="results/published/checks.csv",
    log:
        "logs/published/checks.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=5),
    params:
        code=track_code("published/check_logs.py"),
        studies=lambda w: list_checked(config, PUBLISHED_RUNS),
    message:
        "Check the published logs"
    script:
        "../scripts/published/check_logs.py"
