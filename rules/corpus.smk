# Needs: the file of a data set: `embedded`, a path or a URL that names a revision.
# Makes: results/{source}/corpus/{dataset}/pairs.parquet with manifest.json, and per protocol split.csv, and train, validation, test and
# examples.parquet.
from collide.experiment.runs import protocol_name
from collide.experiment.files import resolve_file
from collide.experiment.paths import list_raw_files, raw_corpus_file

CORPUS = "results/{source}/corpus/{dataset}"
SPLIT = f"{CORPUS}/{{protocol}}"


rule corpus:
    input:
        [
            f"results/{SOURCE}/corpus/{dataset_name(config, study)}/{protocol_name(config, study)}/split.csv"
            for study in config["active_studies"]
        ],


rule write_embedded_corpus:
    output:
        raw=f"{CORPUS}/embedded.jsonl",
    log:
        "logs/{source}/corpus/{dataset}/embedded.log",
    conda:
        "../envs/corpus.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("corpus/write_embedded_corpus.py", "simulator/corpus/stories/*"),
        seed=config["embedded_corpus"]["seed"],
        articles=config["embedded_corpus"]["articles"],
    message:
        "Write the embedded corpus of {wildcards.dataset}"
    script:
        "../scripts/corpus/write_embedded_corpus.py"


rule download_corpus:
    output:
        raw=f"{CORPUS}/download",
    log:
        "logs/{source}/corpus/{dataset}/download.log",
    localrule: True
    conda:
        "../envs/corpus.yaml"
    params:
        code=track_code("corpus/download_corpus.py"),
        url=lambda w: resolve_file(config, w.dataset, w.source),
    message:
        "Download {wildcards.dataset}"
    script:
        "../scripts/corpus/download_corpus.py"


rule read_corpus:
    input:
        raw=lambda w: list_raw_files(config, w.dataset, w.source),
    output:
        pairs=f"{CORPUS}/pairs.parquet",
        manifest=f"{CORPUS}/manifest.json",
    log:
        "logs/{source}/corpus/{dataset}/read.log",
    wildcard_constraints:
        source=CALLING,
    conda:
        "../envs/corpus.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=5),
    params:
        code=track_code("corpus/read_corpus.py"),
        raw=lambda w: raw_corpus_file(config, w.dataset, w.source),
        origin=lambda w: resolve_file(config, w.dataset, w.source),
        records=lambda w: config["datasets"][w.dataset].get("records", {}),
        texts=lambda w: {key: config["datasets"][w.dataset][key] for key in ("inputs", "output")},
        scales=lambda w: collect_scales(config, w.dataset),
    message:
        "Read {wildcards.dataset}"
    script:
        "../scripts/corpus/read_corpus.py"


rule split_corpus:
    input:
        pairs=rules.read_corpus.output.pairs,
    output:
        table=f"{SPLIT}/split.csv",
        train=f"{SPLIT}/train.parquet",
        validation=f"{SPLIT}/validation.parquet",
        test=f"{SPLIT}/test.parquet",
        examples=f"{SPLIT}/examples.parquet",
    log:
        "logs/{source}/corpus/{dataset}/{protocol}/split.log",
    wildcard_constraints:
        source=CALLING,
    conda:
        "../envs/corpus.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code("corpus/split_corpus.py"),
        settings=lambda w: config["datasets"][w.dataset]["split"],
        protocol=lambda w: {
            key: config["protocols"][w.protocol][key]
            for key in ("human_score", "validation_from", "examples")
        },
        scales=lambda w: collect_scales(config, w.dataset),
    message:
        "Split {wildcards.dataset}, {wildcards.protocol}"
    script:
        "../scripts/corpus/split_corpus.py"
