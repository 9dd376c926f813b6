# Helpers of all rules. Nothing here makes a file.
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))

from collide.config import check_config, corpus_of, is_url
from collide.decomposition import run_modes
from collide.errors import InputError

try:
    check_config(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

SOURCE = config["source"]
RUN = "results/{source}/runs/{study}/{mode}/{gate}/seed{seed}"


wildcard_constraints:
    source="simulated|live",
    study="|".join(config["studies"]),
    mode="[SC]{3}|single-[a-z0-9_]+",
    gate="none|mae|off_by_one|spearman",
    seed=r"\d+",


def code(*names):
    """Paths of modules and templates of scripts/collide, so that an edit of one reruns the rules that list it."""
    room = Path(os.path.relpath(Path(workflow.basedir) / "scripts" / "collide"))
    return [str(path) for name in names for path in sorted(room.glob(name))]


def model_code(wildcards, *names):
    """Those modules, and what shapes every reply's way into a file; the simulator's own only where it replies."""
    simulator = ["llm/simulator/*.py"] if wildcards.source == "simulated" else []
    return code(*names, "prompts.py", "llm/parsing.py", "llm/request.py", *simulator)


def judge_code(wildcards):
    """Modules that shape a judgement."""
    return model_code(wildcards, "judging.py", "prompts/judge.jinja")


def raw_corpus(wildcards):
    """The file that the pairs are read from: written here, fetched, or the user's own."""
    corpus = corpus_of(config, wildcards.source)
    if corpus == "embedded":
        return f"results/{wildcards.source}/corpus/embedded.jsonl"
    if is_url(corpus):
        return f"results/{wildcards.source}/corpus/download"
    if not Path(corpus).is_file():
        raise WorkflowError(
            f"corpus {corpus!r} is no file; expected `embedded`, a SummEval file, or a URL that names a revision"
        )
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


def run_files(name, studies, source=SOURCE):
    """Paths of the file `name` of all runs of these studies."""
    return [
        f"results/{source}/runs/{study}/{mode}/{gate}/seed{seed}/{name}"
        for study in studies
        for mode in run_modes(config["studies"][study]["modes"], config["criteria"])
        for gate in config["studies"][study]["gates"]
        for seed in config["studies"][study]["seeds"]
    ]
