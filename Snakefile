# From SummEval to the tables and figures of "When Gradients Collide".
# `snakemake --cores 8 all` makes everything; naming a rule or a file makes just that.
# Includes are in the order in which the stages run.
import logging

from snakemake.utils import min_version

min_version("9.27")
# Python would print a traceback for each message that a full disk or a closed terminal does not take.
logging.raiseExceptions = False


configfile: workflow.source_path("config.yaml")


# The image for `--sdm apptainer`, built from envs/Dockerfile (docs/containers.md). A published one is docker://NAME:VERSION.
container: "collide.sif"


include: "rules/common.smk"
include: "rules/endpoints.smk"
include: "rules/corpus.smk"
include: "rules/optimize.smk"
include: "rules/evaluate.smk"
include: "rules/diagnose.smk"
include: "rules/annotate.smk"
include: "rules/cherrypick.smk"
include: "rules/published.smk"
include: "rules/analysis.smk"
include: "rules/quality.smk"
include: "rules/batch.smk"
include: "rules/cost.smk"
include: "rules/check.smk"
include: "rules/report.smk"
include: "rules/browse.smk"
include: "rules/provenance.smk"


rule all:
    default_target: True
    input:
        rules.scores.input,
        [exhibit.list_files(SOURCE) for exhibit in plans.list_exhibits(config)],
        rules.lengths.input,
        rules.judges.input,
        rules.claims.input,
        f"results/{SOURCE}/cost.csv",
        rules.manifest.input,
        [DOCUMENT] if HAS_LATEX else [],
