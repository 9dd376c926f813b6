# From SummEval to the tables and figures of "When Gradients Collide".
# `snakemake --cores 8 all` makes everything; a rule below or any file makes just that.
from snakemake.utils import min_version

min_version("9.27")


configfile: workflow.source_path("config.yaml")


include: "rules/common.smk"
include: "rules/exhibits.smk"
include: "rules/corpus.smk"
include: "rules/optimize.smk"
include: "rules/evaluate.smk"
include: "rules/scores.smk"
include: "rules/diagnose.smk"
include: "rules/cherrypick.smk"
include: "rules/estimates.smk"
include: "rules/cost.smk"
include: "rules/paper.smk"
include: "rules/claims.smk"
include: "rules/document.smk"


rule all:
    default_target: True
    input:
        rules.scores.input,
        [table_files(name) for name in TABLES],
        [figure_files(name) for name in FIGURES],
        rules.lengths.input,
        rules.claims.input,
        f"results/{SOURCE}/cost.csv",
        document_where_latex_is(),


for table in TABLES:

    rule:
        name:
            table
        input:
            table_files(table),


for figure in FIGURES:

    rule:
        name:
            figure
        input:
            figure_files(figure),
