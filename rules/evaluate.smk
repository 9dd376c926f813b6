# Needs: steps.jsonl of a run, and test and validation.parquet of the corpus.
# Makes: predictions.parquet of each run, and of each initial prompt results/{source}/initial/{dataset}/{protocol}/{model}/{scope}/
# seed{seed}/{split}.parquet and results/{source}/retest/{dataset}/{protocol}/{model}/{scope}/seed{seed}/repeat{repeat}.parquet.
from collide.experiment.models import resolve_model
from collide.experiment.modes import select_scope
from collide.llm.request import derive_seed

INITIAL = "results/{source}/initial/{dataset}/{protocol}/{model}/{scope}/seed{seed}/{split}"
RETEST = "results/{source}/retest/{dataset}/{protocol}/{model}/{scope}/seed{seed}/repeat{repeat}"


rule write_initial_prompt:
    output:
        prompts="results/{source}/initial/{dataset}/{scope}.jsonl",
    log:
        "logs/{source}/initial/{dataset}/{scope}.log",
    conda:
        "../envs/corpus.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("evaluate/write_initial_prompt.py"),
        instructions=lambda w: {
            name: config["datasets"][w.dataset]["criteria"][name]["initial_instruction"]
            for name in select_scope(config["datasets"][w.dataset]["criteria"], w.scope)
        },
    message:
        "Write the initial prompt of {wildcards.dataset}, {wildcards.scope}"
    script:
        "../scripts/evaluate/write_initial_prompt.py"


rule evaluate:
    input:
        prompts=rules.optimize.output.steps,
        usage=ancient(rules.optimize.output.usage),
        initial=lambda w: initial_prediction_files(
            config, name_run(w), ("test", "validation"), w.source
        ),
        test=lambda w: split_file(config, "test", w.source, w.study),
        validation=lambda w: split_file(config, "validation", w.source, w.study),
        examples=lambda w: split_file(config, "examples", w.source, w.study),
    output:
        predictions=f"{RUN}/predictions.parquet",
        usage=f"{RUN}/usage.json",
    log:
        "logs/{source}/runs/{study}/{mode}/{gate}/seed{seed}/evaluate.log",
    benchmark:
        "results/{source}/benchmarks/evaluate/{study}/{mode}/{gate}/seed{seed}.tsv"
    wildcard_constraints:
        source=CALLING,
    conda:
        "../envs/models.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=30),
        **reserve_calls(config, lambda w: [config["studies"][w.study]["models"]["task"]]),
    params:
        code=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
        splits=["test", "validation"],
        seed=lambda w: int(w.seed),
        title="evaluate {study}/{mode}/{gate}/seed{seed}",
        journal="results/{source}/journal/{study}/{mode}/{gate}/seed{seed}/evaluate.journal",
        client=client_settings,
        models=lambda w: resolve_task_model(config, w.study, w.source),
        dataset=lambda w: collect_dataset(config, dataset_name(config, w.study)),
        attempts=config["replies"]["attempts"],
        max_missing_share=config["replies"]["max_missing_share"],
    message:
        "Evaluate {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/evaluate/evaluate.py"


# Runs of the same protocol, task model, criteria and seed start from the same prompt, so it is evaluated once for all of them.
use rule evaluate as evaluate_initial with:
    input:
        unpack(lambda w: {w.split: dataset_split_file(w.dataset, w.split, w.source, w.protocol)}),
        prompts=rules.write_initial_prompt.output.prompts,
        examples=rules.split_corpus.output.examples,
    output:
        predictions=f"{INITIAL}.parquet",
        usage=f"{INITIAL}.usage.json",
    log:
        "logs/{source}/initial/{dataset}/{protocol}/{model}/{scope}/seed{seed}/{split}.log",
    benchmark:
        "results/{source}/benchmarks/evaluate_initial/{dataset}/{protocol}/{model}/{scope}/seed{seed}/{split}.tsv"
    resources:
        **ask_for(mem_mb=500, minutes=10),
        **reserve_calls(config, lambda w: [w.model]),
    params:
        code=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
        splits=lambda w: [w.split],
        seed=lambda w: int(w.seed),
        title="evaluate initial/{dataset}/{protocol}/{model}/{scope}/seed{seed}/{split}",
        journal="results/{source}/journal/initial/{dataset}/{protocol}/{model}/{scope}/seed{seed}/{split}.journal",
        client=client_settings,
        models=lambda w: {"task": resolve_model(config, w.model, "task", w.source, w.protocol)},
        dataset=lambda w: collect_dataset(config, w.dataset),
        attempts=config["replies"]["attempts"],
        max_missing_share=config["replies"]["max_missing_share"],
    message:
        "Evaluate the initial prompt of {wildcards.dataset}, {wildcards.protocol}, {wildcards.model}, {wildcards.scope}, seed {wildcards.seed}, {wildcards.split}"


# Sampling seeds depend on the repeat, so each repeat is a new reply to the same request.
use rule evaluate_initial as evaluate_retest with:
    input:
        prompts=rules.write_initial_prompt.output.prompts,
        test=rules.split_corpus.output.test,
        examples=rules.split_corpus.output.examples,
    output:
        predictions=f"{RETEST}.parquet",
        usage=f"{RETEST}.usage.json",
    log:
        "logs/{source}/retest/{dataset}/{protocol}/{model}/{scope}/seed{seed}/repeat{repeat}.log",
    benchmark:
        "results/{source}/benchmarks/evaluate_retest/{dataset}/{protocol}/{model}/{scope}/seed{seed}/repeat{repeat}.tsv"
    params:
        code=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
        splits=["test"],
        seed=lambda w: derive_seed(int(w.seed), "retest", int(w.repeat)),
        title="evaluate retest/{dataset}/{protocol}/{model}/{scope}/seed{seed}/repeat{repeat}",
        journal="results/{source}/journal/retest/{dataset}/{protocol}/{model}/{scope}/seed{seed}/repeat{repeat}.journal",
        client=client_settings,
        models=lambda w: {"task": resolve_model(config, w.model, "task", w.source, w.protocol)},
        dataset=lambda w: collect_dataset(config, w.dataset),
        attempts=config["replies"]["attempts"],
        max_missing_share=config["replies"]["max_missing_share"],
    message:
        "Evaluate the initial prompt again: {wildcards.dataset}, {wildcards.protocol}, {wildcards.model}, {wildcards.scope}, seed {wildcards.seed}, repeat {wildcards.repeat}"
