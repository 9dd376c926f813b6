# Needs: the initial prompts and the split corpus; steps and prompts of the runs and variants that exist.
# Makes: no file; sends the calls of evaluations and diagnostics to the Batch API, and takes the replies into their journals.
from collide.llm.batches.batch_jobs import batch_params, list_prompt_files, list_prompt_outputs


# The evaluations that all runs of a study wait for. `all` makes them, too.
rule initial_prompts:
    input:
        list_prompt_outputs(config, SOURCE),


rule batch:
    input:
        list_prompt_files(config, SOURCE),
    log:
        f"logs/{SOURCE}/batch.log",
    localrule: True
    conda:
        "../envs/models.yaml"
    params:
        jobs=lambda w: batch_params(config, SOURCE),
        client=lambda w: collect_client_settings(config, SOURCE),
        datasets={
            dataset: collect_dataset(config, dataset) for dataset in list_active_datasets(config)
        },
        rubrics=config["diagnostics"]["rubrics"],
        attempts=config["replies"]["attempts"],
        folder=f"results/{SOURCE}/batches",
    message:
        "Send evaluations and diagnostics in batches"
    script:
        "../scripts/batch/send_batches.py"
