# Needs: the test pairs; steps, predictions and ratings of runs; predictions and picked instructions of cherry-picked variants.
# Makes: scores and lengths per study, estimates per cell, study and variant, and all estimates in estimates.csv and draws.parquet.
from collide.experiment.variants import list_narrower_variants
from collide.analysis.estimate_files import list_agreement_files, list_parts

CELL = "results/{source}/estimates/{study}/{mode}/{gate}"
# A cell is of a multi-task mode or of all Single-Task runs together, so no file is of one Single-Task criterion.
CELL_MODES = "[SC]{3}|single"


rule scores:
    input:
        expand(f"results/{SOURCE}/scores/{{study}}.csv", study=config["active_studies"]),


rule score_study:
    input:
        steps=lambda w: run_files(list_runs(config, w.study), "steps.jsonl", w.source),
        predictions=lambda w: run_files(list_runs(config, w.study), "predictions.parquet", w.source),
    output:
        scores="results/{source}/scores/{study}.csv",
    log:
        "logs/{source}/scores/{study}.log",
    benchmark:
        "results/{source}/benchmarks/score_study/{study}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        code=track_code("analysis/score_study.py"),
        scales=lambda w: collect_scales(config, dataset_name(config, w.study)),
    message:
        "Score {wildcards.study}"
    script:
        "../scripts/analysis/score_study.py"


rule lengths:
    input:
        expand(f"results/{SOURCE}/lengths/{{study}}.csv", study=config["active_studies"]),
        [
            f"results/{SOURCE}/lengths/cherrypick/{study}-asymmetry.csv"
            for study in config["active_studies"]
            if VARIANTS[study]
        ],


rule measure_lengths:
    input:
        steps=lambda w: run_files(list_runs(config, w.study), "steps.jsonl", w.source),
        scores=rules.score_study.output.scores,
    output:
        lengths="results/{source}/lengths/{study}.csv",
        asymmetry="results/{source}/lengths/{study}-asymmetry.csv",
    log:
        "logs/{source}/lengths/{study}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("analysis/measure_lengths.py"),
    message:
        "Measure the instructions of {wildcards.study}"
    script:
        "../scripts/analysis/measure_lengths.py"


rule measure_variants:
    input:
        picked=lambda w: [
            f"results/{w.source}/cherrypick/{w.study}/{name}/picked.csv"
            for name, variant in VARIANTS[w.study].items()
            if variant["together"]
        ],
        predictions=lambda w: variant_files(config, w.study, "predictions.parquet", w.source),
    output:
        asymmetry="results/{source}/lengths/cherrypick/{study}-asymmetry.csv",
    log:
        "logs/{source}/lengths/cherrypick/{study}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("analysis/measure_variants.py"),
        scales=lambda w: collect_scales(config, dataset_name(config, w.study)),
    message:
        "Measure the instructions that are cherry-picked from {wildcards.study}"
    script:
        "../scripts/analysis/measure_variants.py"


rule estimates:
    input:
        f"results/{SOURCE}/estimates.csv",


rule estimate_agreement:
    input:
        test=lambda w: split_file(config, "test", w.source, w.study),
        steps=lambda w: run_files(
            list_cell_runs(config, w.study, w.mode, [w.gate]), "steps.jsonl", w.source
        ),
        predictions=lambda w: run_files(
            list_cell_runs(config, w.study, w.mode, [w.gate]), "predictions.parquet", w.source
        ),
    output:
        table=f"{CELL}/agreement.csv",
        draws=f"{CELL}/agreement.parquet",
    log:
        "logs/{source}/estimates/{study}/{mode}/{gate}/agreement.log",
    benchmark:
        "results/{source}/benchmarks/estimate_agreement/{study}/{mode}/{gate}.tsv"
    wildcard_constraints:
        mode=CELL_MODES,
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=5),
    params:
        code=track_code("analysis/estimate_agreement.py"),
        scales=lambda w: collect_scales(config, dataset_name(config, w.study)),
        bootstrap=config["bootstrap"],
    message:
        "Estimate agreement of {wildcards.study} {wildcards.mode} {wildcards.gate}"
    script:
        "../scripts/analysis/estimate_agreement.py"


rule estimate_diagnostics:
    input:
        ratings=lambda w: rating_files(list_cell_runs(config, w.study, w.mode, [w.gate]), w.source),
    output:
        table=f"{CELL}/diagnostics.csv",
        draws=f"{CELL}/diagnostics.parquet",
    log:
        "logs/{source}/estimates/{study}/{mode}/{gate}/diagnostics.log",
    benchmark:
        "results/{source}/benchmarks/estimate_diagnostics/{study}/{mode}/{gate}.tsv"
    wildcard_constraints:
        mode=CELL_MODES,
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        code=track_code("analysis/estimate_diagnostics.py"),
        whole_study=False,
        bootstrap=config["bootstrap"],
    message:
        "Estimate diagnostics of {wildcards.study} {wildcards.mode} {wildcards.gate}"
    script:
        "../scripts/analysis/estimate_diagnostics.py"


use rule estimate_diagnostics as estimate_study_diagnostics with:
    input:
        ratings=lambda w: rating_files(list_runs(config, w.study), w.source),
    output:
        table="results/{source}/estimates/{study}/diagnostics.csv",
        draws="results/{source}/estimates/{study}/diagnostics.parquet",
    log:
        "logs/{source}/estimates/{study}/diagnostics.log",
    benchmark:
        "results/{source}/benchmarks/estimate_study_diagnostics/{study}.tsv"
    params:
        code=track_code("analysis/estimate_diagnostics.py"),
        whole_study=True,
        bootstrap=config["bootstrap"],
    message:
        "Estimate diagnostics of {wildcards.study}, all gates and groups of modes"


rule estimate_variant:
    input:
        test=lambda w: split_file(config, "test", w.source, w.study),
        picked=rules.pick_instructions.output.picked,
        narrower=lambda w: expand(
            rules.pick_instructions.output.picked,
            source=w.source,
            study=w.study,
            variant=list_narrower_variants(VARIANTS[w.study], w.variant),
        ),
        predictions=lambda w: variant_files(
            config, w.study, "predictions.parquet", w.source, [w.variant]
        ),
    output:
        table="results/{source}/estimates/cherrypick/{study}/{variant}.csv",
        draws="results/{source}/estimates/cherrypick/{study}/{variant}.parquet",
    log:
        "logs/{source}/estimates/cherrypick/{study}/{variant}.log",
    benchmark:
        "results/{source}/benchmarks/estimate_variant/{study}/{variant}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        code=track_code("analysis/estimate_variant.py"),
        variant=lambda w: {
            part: VARIANTS[w.study][w.variant][part] for part in ("study", "label", "gate")
        },
        scales=lambda w: collect_scales(config, dataset_name(config, w.study)),
        bootstrap=config["bootstrap"],
    message:
        "Estimate cherry-picked variant {wildcards.variant} of {wildcards.study}"
    script:
        "../scripts/analysis/estimate_variant.py"


rule estimate_constant_judge:
    input:
        test=lambda w: dataset_split_file(w.dataset, "test", w.source),
    output:
        table="results/{source}/estimates/corpus/{dataset}.csv",
        draws="results/{source}/estimates/corpus/{dataset}.parquet",
    log:
        "logs/{source}/estimates/corpus/{dataset}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        code=track_code("analysis/estimate_constant_judge.py"),
        dataset="{dataset}",
        scales=lambda w: collect_scales(config, w.dataset),
        bootstrap=config["bootstrap"],
    message:
        "Estimate the constant judge of {wildcards.dataset}"
    script:
        "../scripts/analysis/estimate_constant_judge.py"


rule merge_estimates:
    input:
        tables=lambda w: [part.csv_path(w.source) for part in list_parts(config)],
        draws=lambda w: [part.draws_path(w.source) for part in list_parts(config)],
    output:
        table="results/{source}/estimates.csv",
        draws="results/{source}/draws.parquet",
    log:
        "logs/{source}/estimates.log",
    benchmark:
        "results/{source}/benchmarks/merge_estimates/all.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        code=track_code("analysis/merge_estimates.py"),
        level=config["bootstrap"]["level"],
    message:
        "Merge all estimates"
    script:
        "../scripts/analysis/merge_estimates.py"
