# Needs: the corpus named in config.yaml: `embedded`, a SummEval file or a URL that names a revision.
# Makes: results/{source}/corpus/pairs.parquet with manifest.json, and per protocol split.csv, and train, validation, test and
# examples.parquet.
from collide.experiment.config import resolve_corpus
from collide.experiment.paths import raw_corpus_file

SPLIT = "results/{source}/corpus/{protocol}"


rule corpus:
    input:
        [
            f"results/{SOURCE}/corpus/{protocol_name(config, study)}/split.csv"
            for study in config["active_studies"]
        ],


rule write_embedded_corpus:
    output:
        raw="results/{source}/corpus/embedded.jsonl",
    log:
        "logs/{source}/corpus/embedded.log",
    conda:
        "../envs/corpus.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=10),
    params:
        code=track_code("corpus/write_embedded_corpus.py", "simulator/corpus/stories/*"),
        seed=config["embedded_corpus"]["seed"],
        articles=config["embedded_corpus"]["articles"],
    message:
        "Write the embedded corpus"
    script:
        "../scripts/corpus/write_embedded_corpus.py"


rule download_corpus:
    output:
        raw="results/{source}/corpus/download",
    log:
        "logs/{source}/corpus/download.log",
    localrule: True
    conda:
        "../envs/corpus.yaml"
    params:
        code=track_code("corpus/download_corpus.py"),
        url=lambda w: resolve_corpus(config, w.source),
    message:
        "Download the corpus"
    script:
        "../scripts/corpus/download_corpus.py"


rule read_corpus:
    input:
        raw=lambda w: raw_corpus_file(config, w.source),
    output:
        pairs="results/{source}/corpus/pairs.parquet",
        manifest="results/{source}/corpus/manifest.json",
    log:
        "logs/{source}/corpus/read.log",
    conda:
        "../envs/corpus.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=10),
    params:
        code=track_code("corpus/read_corpus.py"),
        origin=lambda w: resolve_corpus(config, w.source),
        scales={name: criterion["scale"] for name, criterion in config["criteria"].items()},
    message:
        "Read the corpus"
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
        "logs/{source}/corpus/{protocol}/split.log",
    conda:
        "../envs/corpus.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=10),
    params:
        code=track_code("corpus/split_corpus.py"),
        settings=config["split"],
        protocol=lambda w: {
            key: config["protocols"][w.protocol][key]
            for key in ("human_score", "validation_from", "examples")
        },
    message:
        "Split the corpus, {wildcards.protocol}"
    script:
        "../scripts/corpus/split_corpus.py"
