# Costs: what the calls of all jobs came to; and, before anything is called, what they will come to.


rule costs:
    input:
        f"results/{SOURCE}/cost.csv",


rule sum_costs:
    input:
        usages=lambda wildcards: [
            *run_files("usage.json", config["all_studies"], wildcards.source),
            *variant_files("usage.json", wildcards.source),
            *[
                path.replace(".csv", ".usage.json")
                for path in rating_files(config["all_studies"], wildcards.source)
            ],
        ],
    output:
        table="results/{source}/cost.csv",
    log:
        "logs/{source}/cost.log",
    conda:
        "../envs/analysis.yaml"
    params:
        simulated=lambda wildcards: wildcards.source == "simulated",
    message:
        "Add up what the calls came to"
    script:
        "../scripts/sum_costs.py"


rule estimate:
    input:
        train=f"results/{SOURCE}/corpus/train.parquet",
        validation=f"results/{SOURCE}/corpus/validation.parquet",
        test=f"results/{SOURCE}/corpus/test.parquet",
    log:
        f"logs/{SOURCE}/estimate.log",
    conda:
        "../envs/analysis.yaml"
    params:
        jobs=lambda wildcards: paying_jobs(SOURCE),
        limits=lambda wildcards: limits_of_endpoints(),
        table=f"results/{SOURCE}/estimate.csv",
    message:
        "Estimate what all calls will come to"
    script:
        "../scripts/estimate_cost.py"
