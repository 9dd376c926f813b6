# Needs: usage files and journals of all jobs that call models; the forecast needs the split corpus, and uses replies that exist.
# Makes: cost.csv, cost-so-far.csv and forecast.csv in results/{source}.
import contextlib
import os

from collide.cost.cost_table import write_cost_table
from collide.experiment.jobs import job_params, list_model_jobs
from collide.llm.transport.shared_limits import limit_endpoints, share_limits

COST_SO_FAR = f"results/{SOURCE}/cost-so-far.csv"


rule costs:
    log:
        f"logs/{SOURCE}/costs.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        jobs=lambda w: job_params(config, SOURCE),
        # Not cost.csv: Snakemake would take that file for the finished output of sum_costs.
        table=COST_SO_FAR,
    message:
        "Sum the costs so far"
    script:
        "../scripts/cost/sum_costs.py"


rule sum_costs:
    input:
        # Usage files of optimizations are left out: a replay rewrites them but not those of their
        # evaluations, which contain them.
        usages=lambda w: [
            job.usage for job in list_model_jobs(config, w.source) if job.kind != "optimize"
        ],
    output:
        table="results/{source}/cost.csv",
    log:
        "logs/{source}/cost.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("cost/sum_costs.py"),
        jobs=lambda w: job_params(config, w.source),
    message:
        "Sum the costs"
    script:
        "../scripts/cost/sum_costs.py"


rule forecast:
    input:
        **{
            f"{dataset}_{split}": dataset_split_file(dataset, split, SOURCE)
            for dataset in list_active_datasets(config)
            for split in ("train", "validation", "test")
        },
    log:
        f"logs/{SOURCE}/forecast.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        jobs=lambda w: job_params(config, SOURCE),
        datasets={
            dataset: collect_dataset(config, dataset) for dataset in list_active_datasets(config)
        },
        endpoints=lambda w: limit_endpoints(
            share_limits(config["endpoints"]),
            # On a cluster, `nodes` is the number of jobs, and each may be a group as wide as `cores`.
            (workflow.resource_settings.cores or 1) * (workflow.resource_settings.nodes or 1),
            os.cpu_count() or 1,
        ),
        table=f"results/{SOURCE}/forecast.csv",
    message:
        "Forecast calls, tokens, cost and time"
    script:
        "../scripts/cost/forecast_cost.py"


onerror:
    # A run that a limit stopped has spent money: its costs are shown without a further command. A damaged journal or a full
    # disk is already reported as the cause of the failure; do not report it again here.
    with contextlib.suppress(InputError, OSError):
        if Path(f"results/{SOURCE}/journal").exists():
            write_cost_table(list_model_jobs(config, SOURCE), Path(COST_SO_FAR))
            print(
                f"{COST_SO_FAR} holds the costs so far;"
                " `snakemake forecast` prints the remaining calls and their cost.",
                file=sys.stderr,
            )
