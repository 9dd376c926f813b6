# Costs: what the calls of all jobs came to, so far and in the end; and, before anything is called, what they will come to.
import contextlib
import os

from collide.experiment.jobs import job_params
from collide.llm.transport.rate_limiter import levels


def limits_of_endpoints():
    """Calls in flight at each endpoint when as many jobs run as may, and its limits a minute. The simulator's calls take the
    processors of this machine."""
    jobs = workflow.resource_settings.cores or workflow.resource_settings.nodes or 1
    limits = {}
    for name, settings in config["endpoints"].items():
        most = levels(settings)[1] * jobs
        if "base_url" not in settings:
            most = min(jobs, os.cpu_count() or 1)
        limits[name] = settings | {"max_in_flight": min(most, settings.get("max_in_flight", most))}
    return limits


rule costs:
    log:
        f"logs/{SOURCE}/costs.log",
    conda:
        "../envs/analysis.yaml"
    params:
        jobs=lambda wildcards: job_params(config, SOURCE),
        # No output that a rule declares: a cost.csv that is there would be taken for that of finished work.
        table=f"results/{SOURCE}/cost-so-far.csv",
    message:
        "Add up what the calls came to so far"
    script:
        "../scripts/cost/sum_costs.py"


rule sum_costs:
    input:
        # An evaluation comes after its optimization, whose file is made anew, and no other, when replies are only replayed.
        usages=lambda wildcards: [
            work["usage"] for work in job_params(config, wildcards.source) if work["kind"] != "optimize"
        ],
        modules=track_code("cost/sum_costs.py"),
    output:
        table="results/{source}/cost.csv",
    log:
        "logs/{source}/cost.log",
    conda:
        "../envs/analysis.yaml"
    params:
        jobs=lambda wildcards: job_params(config, wildcards.source),
        table="results/{source}/cost.csv",
    message:
        "Add up what the calls came to"
    script:
        "../scripts/cost/sum_costs.py"


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
        jobs=lambda wildcards: job_params(config, SOURCE),
        limits=lambda wildcards: limits_of_endpoints(),
        table=f"results/{SOURCE}/estimate.csv",
    message:
        "Estimate what all calls will come to"
    script:
        "../scripts/cost/estimate_cost.py"


onerror:
    # What a run that was stopped has paid, at a limit or otherwise, is told without a further command.
    from sum_costs import sum_costs

    table = f"results/{SOURCE}/cost-so-far.csv"
    # What stopped the run, a damaged journal or a full disk, was told; it must not be told again as a failure of this.
    with contextlib.suppress(InputError, OSError):
        if Path(f"results/{SOURCE}/journal").exists():
            sum_costs(job_params(config, SOURCE), Path(table))
            print(
                f"{table} holds what all calls came to;"
                " `snakemake estimate` says what is left and what it would cost.",
                file=sys.stderr,
            )
