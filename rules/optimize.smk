# Optimization: one run per study, mode, gate and seed, on training and validation pairs. The test pairs are no input.
from collide.experiment.modes import criteria_scope

INITIAL = "results/{source}/initial/{model}/{scope}/seed{seed}/{split}"
INITIAL_JOURNAL = "results/{source}/journal/initial/{model}/{scope}/seed{seed}/{split}.journal"


def run_of(wildcards):
    """What names an optimization run, with its study's settings."""
    study = config["studies"][wildcards.study]
    return {
        "source": wildcards.source,
        "study": wildcards.study,
        "mode": wildcards.mode,
        "gate": wildcards.gate,
        "seed": int(wildcards.seed),
        "settings": {key: study[key] for key in ("steps", "batch_size", "models")},
    }


def journal(name):
    """The journal of a run's job: no output of any rule, so that Snakemake never deletes a reply."""
    return f"results/{{source}}/journal/{{study}}/{{mode}}/{{gate}}/seed{{seed}}/{name}.journal"


def initial(form, splits):
    """A function of a run's wildcards: paths of this form about the initial prompt that the run starts from, on these splits.
    Runs of the same task model, criteria and seed share that prompt, so it is judged once for all of them.
    """

    def paths(wildcards):
        return expand(
            form,
            source=wildcards.source,
            model=config["studies"][wildcards.study]["models"]["task"],
            scope=criteria_scope(wildcards.mode),
            seed=wildcards.seed,
            split=splits,
        )

    return paths


rule runs:
    input:
        run_files(study_runs(config, config["active_studies"]), "steps.jsonl", SOURCE),


rule optimize:
    input:
        train=rules.split_corpus.output.train,
        validation=rules.split_corpus.output.validation,
        # Without a gate, and with validation pairs outside the training pairs, a run rates no validation pair.
        initial=lambda wildcards: (
            initial(f"{INITIAL}.parquet", ["validation"])(wildcards)
            if GATES[wildcards.gate].metric or config["split"]["validation_from"] == "train"
            else []
        ),
        modules=track_model_code("optimize/optimize.py",
            *(f"optimize/prompts/{role}.jinja" for role in ("judge", "loss", "gradient", "optimizer")),
        ),
    output:
        steps=f"{RUN}/steps.jsonl",
        usage=f"{RUN}/optimize.json",
    log:
        "logs/{source}/runs/{study}/{mode}/{gate}/seed{seed}/optimize.log",
    conda:
        "../envs/models.yaml"
    resources:
        **claim_calls(config, lambda wildcards: config["studies"][wildcards.study]["models"].values()),
    params:
        run=run_of,
        journal=journal("optimize"),
        models=lambda wildcards: resolve_study_models(config, wildcards.study, wildcards.source),
        criteria=config["criteria"],
        replies=config["replies"],
    message:
        "Optimize {wildcards.study} {wildcards.mode} {wildcards.gate} seed {wildcards.seed}"
    script:
        "../scripts/optimize/optimize.py"
