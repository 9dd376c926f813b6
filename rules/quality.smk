# Needs: test pairs, steps, predictions and estimates of a study's runs, and predictions of its initial prompts by other seeds.
# Makes: results/{source}/quality/{study}.csv, the judge evaluation of the study.
from collide.experiment.paths import retest_files


rule judges:
    input:
        expand(f"results/{SOURCE}/quality/{{study}}.csv", study=config["active_studies"]),


rule measure_quality:
    input:
        test=lambda w: split_file(config, "test", w.source, w.study),
        steps=lambda w: run_files(list_runs(config, w.study), "steps.jsonl", w.source),
        predictions=lambda w: run_files(list_runs(config, w.study), "predictions.parquet", w.source),
        agreement=lambda w: list_agreement_files(config, w.study, w.source),
        retests=lambda w: retest_files(config, w.study, w.source),
    output:
        table="results/{source}/quality/{study}.csv",
    log:
        "logs/{source}/quality/{study}.log",
    benchmark:
        "results/{source}/benchmarks/measure_quality/{study}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        # A scale from 0 to 100 takes two seconds per prompt and criterion.
        **ask_for(mem_mb=1000, minutes=20),
    params:
        code=track_code("analysis/measure_quality.py"),
        scales=lambda w: collect_scales(config, dataset_name(config, w.study)),
        bootstrap=config["bootstrap"],
    message:
        "Measure the judges of {wildcards.study}"
    script:
        "../scripts/analysis/measure_quality.py"
