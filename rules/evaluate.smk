# Evaluation: the prompts of a run on the test pairs, and on the validation pairs for choosing a step without the test pairs.
# The initial prompt, which many runs start from, is evaluated once for all of them.


rule write_initial_prompt:
    input:
        modules=track_code("evaluate/write_initial_prompt.py"),
    output:
        prompts="results/{source}/initial/{scope}.jsonl",
    log:
        "logs/{source}/initial/{scope}.log",
    conda:
        "../envs/corpus.yaml"
    params:
        instructions=lambda wildcards: {
            name: criterion["initial_instruction"]
            for name, criterion in config["criteria"].items()
            if wildcards.scope in (ALL_CRITERIA, f"single-{name}")
        },
    message:
        "Write the initial prompt, {wildcards.scope}"
    script:
        "../scripts/evaluate/write_initial_prompt.py"


rule evaluate:
    input:
        prompts=rules.optimize.output.steps,
        steps=rules.optimize.output.steps,
        usage=ancient(rules.optimize.output.usage),
        initial=initial(f"{INITIAL}.parquet", ["test", "validation"]),
        test=rules.split_corpus.output.test,
        validation=rules.split_corpus.output.validation,
        modules=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
    output:
        predictions=f"{RUN}/predictions.parquet",
        usage=f"{RUN}/usage.json",
    log:
        "logs/{source}/runs/{study}/{mode}/{gate}/seed{seed}/evaluate.log",
    conda:
        "../envs/models.yaml"
    resources:
        **claim_calls(config, lambda wildcards: [config["studies"][wildcards.study]["models"]["task"]]),
    params:
        run=lambda wildcards: {
            "source": wildcards.source,
            "seed": int(wildcards.seed),
            "model": config["studies"][wildcards.study]["models"]["task"],
            "title": f"evaluate {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}",
        },
        splits=["test", "validation"],
        journal=journal("evaluate"),
        models=lambda wildcards: resolve_study_models(config, wildcards.study, wildcards.source)["task"],
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Evaluate {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/evaluate/evaluate.py"


use rule evaluate as evaluate_initial with:
    input:
        unpack(
            lambda wildcards: {
                wildcards.split: f"results/{wildcards.source}/corpus/{wildcards.split}.parquet"
            }
        ),
        prompts=rules.write_initial_prompt.output.prompts,
        modules=track_model_code("evaluate/evaluate.py", "optimize/prompts/judge.jinja"),
    output:
        predictions=f"{INITIAL}.parquet",
        usage=f"{INITIAL}.usage.json",
    log:
        "logs/{source}/initial/{model}/{scope}/seed{seed}/{split}.log",
    resources:
        **claim_calls(config, lambda wildcards: [wildcards.model]),
    params:
        run=lambda wildcards: {
            "source": wildcards.source,
            "seed": int(wildcards.seed),
            "model": wildcards.model,
            "title": f"evaluate the initial prompt of {wildcards.model}, {wildcards.scope}, seed {wildcards.seed}, {wildcards.split}",
        },
        splits=lambda wildcards: [wildcards.split],
        journal=INITIAL_JOURNAL,
        models=lambda wildcards: resolve_model(config, wildcards.model, "task", wildcards.source),
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Evaluate the initial prompt of {wildcards.model}, {wildcards.scope}, seed {wildcards.seed}, {wildcards.split}"
