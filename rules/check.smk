# Needs: config.yaml, and the split pairs of the data sets of the active studies.
# Makes: no file; prints what will be run and the first prompt of each role. No model is called.


rule check:
    input:
        **{
            f"{dataset}_{split}": dataset_split_file(dataset, split, SOURCE)
            for dataset in list_active_datasets(config)
            for split in ("train", "validation", "test")
        },
        manifests=expand(
            f"results/{SOURCE}/corpus/{{dataset}}/manifest.json",
            dataset=list_active_datasets(config),
        ),
    log:
        f"logs/{SOURCE}/check.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        jobs=lambda w: job_params(config, SOURCE),
        studies={study: config["studies"][study] for study in config["active_studies"]},
        runs={study: len(list_runs(config, study)) for study in config["active_studies"]},
        datasets={name: collect_dataset(config, name) for name in list_active_datasets(config)},
        repeat_task={
            study: repeats_task(config, study, SOURCE) for study in config["active_studies"]
        },
        rubrics=config["diagnostics"]["rubrics"],
    message:
        "Check configuration, data sets and prompts"
    script:
        "../scripts/check/check_design.py"
