# Helpers of all rules. Nothing here makes a file.
import fcntl
import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))

from collide.experiment.config import check_config, check_corpus, corpus_of, is_url
from collide.experiment.modes import TOGETHER, judged_by, run_modes
from collide.errors import InputError
from collide.experiment.gates import GATES
from collide.llm.transport.rate_limiter import levels
from collide.common.source_files import SCRIPTS, modules
from collide.experiment.variants import variants

try:
    check_config(config)
    check_corpus(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

SOURCE = config["source"]
LOCKS = []


def keep_others_out():
    """Hold a lock on this folder's files of the source as long as this process lives. Raises WorkflowError when another holds it.
    Unlike Snakemake's own lock it does not outlive a process that was killed."""
    LOCKS.append(Path(f".snakemake/{SOURCE}.lock").open("a"))
    try:
        fcntl.flock(LOCKS[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WorkflowError(
            f"another Snakemake is making files of source {SOURCE} in this folder; wait for it, or end it, and give the"
            " command again"
        ) from None


onstart:
    # What only reads may run beside it.
    if {job.rule.name for job in workflow.dag.needrun_jobs()} - {"costs", "estimate"}:
        keep_others_out()


RUN = "results/{source}/runs/{study}/{mode}/{gate}/seed{seed}"
# What a task model makes of the initial prompt; {judged} is `together` (all criteria), or single-<criterion>.
INITIAL = "results/{source}/initial/{model}/{judged}/seed{seed}/{split}"
INITIAL_JOURNAL = "results/{source}/journal/initial/{model}/{judged}/seed{seed}/{split}.journal"


# Jobs share an endpoint's limits: each claims its slots, and Snakemake starts no more jobs than there are slots for, on a
# cluster, too. `--resources <endpoint>_slots=N` is the stronger word.
COUNTED = {name: settings for name, settings in config["endpoints"].items() if "slots" in settings}
for name, settings in COUNTED.items():
    if f"{name}_slots" not in workflow.global_resources:
        workflow.register_resource(f"{name}_slots", settings["slots"])


wildcard_constraints:
    source="simulated|live",
    study="|".join(config["studies"]),
    mode="[SC]{3}|single-[a-z0-9_]+",
    gate="none|mae|off_by_one|spearman",
    seed=r"\d+",
    variant="[a-z0-9_.-]+",
    model="|".join(map(re.escape, config["models"])),
    judged=f"{TOGETHER}|single-[a-z0-9_]+",
    split="test|validation",
    table="table[1-6]",
    figure="figure[1-6]|balance",


def code(script, *more):
    """Paths of the modules that a script imports, and of more files of scripts/collide, so that an edit of one reruns the rules
    that list it."""
    scripts = Path(os.path.relpath(Path(workflow.basedir) / "scripts"))
    files = [path for name in more for path in sorted((scripts / "collide").glob(name))]
    return [
        *(str(scripts / path.relative_to(SCRIPTS)) for path in modules(script)),
        *map(str, files),
    ]


def model_code(script, *more):
    """Those of a script that calls models; the simulator's own only where it replies."""

    def paths(wildcards):
        simulator = ["simulator/*.py"] if wildcards.source == "simulated" else []
        return code(script, *more, *simulator)

    return paths


def raw_corpus(wildcards):
    """The file that the pairs are read from: written here, fetched, or the user's own."""
    corpus = corpus_of(config, wildcards.source)
    if corpus == "embedded":
        return f"results/{wildcards.source}/corpus/embedded.jsonl"
    if is_url(corpus):
        return f"results/{wildcards.source}/corpus/download"
    return corpus


def model_of(name, role, source):
    """A model as the source defines it, in a role: all of it that shapes replies."""
    model = config["models"][name][source]
    endpoint = config["endpoints"][model["endpoint"]]
    return {
        "name": model["name"],
        "base_url": endpoint.get("base_url", ""),
        "extra_body": endpoint.get("extra_body", {}),
        **config["roles"][role],
    }


def models_of(study, source):
    """The model of each role of a study."""
    models = config["studies"][study]["models"]
    return {role: model_of(name, role, source) for role, name in models.items()}


def slots_of(models):
    """Resources of a job that calls the models whose names `models` gives, a function of the wildcards: at each endpoint whose
    slots are counted, those that the job may take."""

    def claim(endpoint, settings):
        def claimed(wildcards):
            used = {
                config["models"][name][wildcards.source]["endpoint"] for name in models(wildcards)
            }
            return levels(settings)[1] if endpoint in used else 0

        return claimed

    return {f"{name}_slots": claim(name, settings) for name, settings in COUNTED.items()}


def run_of(wildcards):
    """What names an optimization run, with its study's settings."""
    study = config["studies"][wildcards.study]
    return {
        "source": wildcards.source,
        "study": wildcards.study,
        "mode": wildcards.mode,
        "gate": wildcards.gate,
        "seed": int(wildcards.seed),
        "settings": {key: study[key] for key in ("steps", "batch", "models")},
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
            judged=judged_by(wildcards.mode),
            seed=wildcards.seed,
            split=splits,
        )

    return paths


def run_files(name, studies, source=SOURCE):
    """Paths of the file `name` of all runs of these studies."""
    return [f"results/{source}/runs/{run}/{name}" for study in studies for run in runs_of(study)]


def rating_files(studies, source=SOURCE):
    """Paths of the evaluator's ratings of all runs of these studies."""
    return [
        f"results/{source}/diagnostics/{run}.csv" for study in studies for run in runs_of(study)
    ]


def runs_of(study):
    """The runs of a study, as <study>/<mode>/<gate>/seed<seed>."""
    facts = config["studies"][study]
    return [
        f"{study}/{mode}/{gate}/seed{seed}"
        for mode in run_modes(facts["modes"], config["criteria"])
        for gate in facts["gates"]
        for seed in facts["seeds"]
    ]


def paying_jobs(source):
    """The jobs that call models: what each makes its calls from, where its journal is, and the file that says it is done, with
    its part of that file."""

    def facts(study, roles):
        models = config["studies"][study]["models"] | {
            "evaluator": config["diagnostics"]["evaluator"]
        }
        return {"models": {role: priced(models[role], source) for role in roles}}

    jobs = initial_jobs(source)
    for study in config["all_studies"]:
        for run in runs_of(study):
            _, mode, gate, _ = run.split("/")
            folder, journals = f"results/{source}/runs/{run}", f"results/{source}/journal/{run}"
            common = {"study": study, "mode": mode, "gate": gate, "steps": f"{folder}/steps.jsonl"}
            for job, roles, usage in (
                ("optimize", ("task", "loss", "gradient", "optimizer"), f"{folder}/optimize.json"),
                ("evaluate", ("task",), f"{folder}/usage.json"),
                ("diagnose", ("evaluator",), f"results/{source}/diagnostics/{run}.usage.json"),
            ):
                jobs.append(
                    common
                    | facts(study, roles)
                    | {"job": job, "part": job, "settings": config["studies"][study]}
                    | {"journal": f"{journals}/{job}.journal", "usage": usage}
                )
    for name, variant in VARIANTS.items():
        for seed in config["studies"]["main"]["seeds"]:
            place = f"cherrypick/{name}/seed{seed}"
            jobs.append(
                {"study": "cherrypick", "mode": "CCC"}
                | {key: variant[key] for key in ("gates", "together")}
                | facts("main", ["task"])
                | {"job": "variant", "part": "evaluate", "settings": config["studies"]["main"]}
                | {"journal": f"results/{source}/journal/{place}.journal"}
                | {"usage": f"results/{source}/{place}/usage.json"}
            )
    return jobs


def initial_jobs(source):
    """Those of them that evaluate an initial prompt for all runs that start from it."""
    jobs = {}
    for study in config["all_studies"]:
        model = config["studies"][study]["models"]["task"]
        for run in runs_of(study):
            _, mode, _, seed = run.split("/")
            judged = judged_by(mode)
            for split in ("test", "validation"):
                facts = {"source": source, "model": model, "judged": judged, "split": split}
                facts["seed"] = seed.removeprefix("seed")
                usage = f"{INITIAL}.usage.json".format(**facts)
                jobs[usage] = (
                    {
                        "study": "initial",
                        "mode": "CCC" if judged == TOGETHER else mode,
                        "split": split,
                    }
                    | {"job": "initial", "part": "evaluate", "usage": usage, "settings": {}}
                    | {"models": {"task": priced(model, source)}}
                    | {"journal": INITIAL_JOURNAL.format(**facts)}
                )
    return list(jobs.values())


def priced(name, source):
    """A model with its endpoint and prices."""
    model = {"price_in": 0.0, "price_out": 0.0} | config["models"][name][source]
    return model | {"base_url": config["endpoints"][model["endpoint"]].get("base_url", "")}


def limits_of_endpoints():
    """Calls in flight at each endpoint when as many jobs run as may, and its limits a minute. The simulator's calls take the
    processors of this machine."""
    jobs = workflow.resource_settings.cores or workflow.resource_settings.nodes or 1
    limits = {}
    for name, settings in config["endpoints"].items():
        most = levels(settings)[1] * jobs
        if "base_url" not in settings:
            most = min(jobs, os.cpu_count() or 1)
        limits[name] = settings | {"slots": min(most, settings.get("slots", most))}
    return limits


def single_files(name, source):
    """Paths of the file `name` of the main study's Single-Task runs, which instructions are picked from."""
    return [
        path
        for path in run_files(name, ["main"], source)
        if Path(path).parts[4].startswith("single-")
    ]


VARIANTS = variants(config) if "main" in config["all_studies"] else {}


def variant_files(name, source=SOURCE):
    """Paths of the file `name` of each cherry-picked variant, for the main study's seeds."""
    return [
        f"results/{source}/cherrypick/{variant}/seed{seed}/{name}"
        for variant in VARIANTS
        for seed in config["studies"]["main"]["seeds"]
    ]
