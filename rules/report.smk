# Needs: estimates, ratings, usage files, costs, benchmarks, the corpus's manifest, and the steps of the run that Appendix E shows.
# Makes: tables, figures, their captions, the list of claims, appendices E and F, benchmarks.csv, and, where LaTeX is installed,
# one document.
from collide.claims.comparability import collect_designs
from collide.experiment.paths import appendix_steps_file, choose_example
from collide.report.exhibits import plans
from collide.report.exhibits.kind import FigureKind, TableKind
from collide.report.exhibits.registry import list_all_exhibits
from collide.report.document.typeset import MISSING_NOTICE, find_compiler

# By name; those of inactive studies can be named as files.
EXHIBITS = list_all_exhibits(config)
EXAMPLE = choose_example(config)
DOCUMENT = f"paper_figures/{SOURCE}/artifact.pdf"
# With --sdm, the environment or image of the job has LaTeX.
HAS_LATEX = bool(find_compiler() or workflow.deployment_settings.deployment_method)


wildcard_constraints:
    table=plans.match_names(EXHIBITS.values(), TableKind),
    figure=plans.match_names(EXHIBITS.values(), FigureKind),


# Each exhibit gets a rule of its own name, so that `snakemake table1` works.
for exhibit in plans.list_targets(config):

    rule:
        name:
            exhibit.name
        input:
            exhibit.list_files(SOURCE),


rule make_table:
    input:
        estimates=lambda w: plans.list_estimate_files(config, EXHIBITS[w.table], w.source),
        manifest=lambda w: plans.list_manifest_files(config, EXHIBITS[w.table], w.source),
        # A replayed optimization rewrites its usage file with other times; new replies reach a table through its estimates.
        usages=lambda w: list(
            map(ancient, plans.list_usage_files(config, EXHIBITS[w.table], w.source))
        ),
    output:
        csv=report(
            "results/{source}/tables/{table}.csv", caption="captions/table.rst", category="Tables"
        ),
        tex="results/{source}/tables/{table}.tex",
        caption="results/{source}/tables/{table}-caption.tex",
    log:
        "logs/{source}/tables/{table}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        kind=lambda w: EXHIBITS[w.table].kind.name,
        code=lambda w: plans.track_exhibit_code(EXHIBITS[w.table].kind.name),
        heading=lambda w: EXHIBITS[w.table].heading,
        design=lambda w: plans.design_params(config, EXHIBITS[w.table]),
        requested=lambda w: plans.list_requested_models(config, EXHIBITS[w.table], w.source),
        floating=config["tables"]["float"],
    message:
        "Make {wildcards.table}"
    script:
        "../scripts/report/make_table.py"


rule make_figure:
    input:
        estimates=lambda w: plans.list_estimate_files(config, EXHIBITS[w.figure], w.source),
        ratings=lambda w: plans.list_rating_files(config, EXHIBITS[w.figure], w.source),
        manifest=lambda w: plans.list_manifest_files(config, EXHIBITS[w.figure], w.source),
    output:
        pdf="paper_figures/{source}/{figure}.pdf",
        png=report(
            "paper_figures/{source}/{figure}.png",
            caption="captions/figure.rst",
            category="Figures",
        ),
        caption="paper_figures/{source}/{figure}-caption.tex",
    log:
        "logs/{source}/figures/{figure}.log",
    conda:
        "../envs/figures.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        kind=lambda w: EXHIBITS[w.figure].kind.name,
        code=lambda w: plans.track_exhibit_code(EXHIBITS[w.figure].kind.name),
        heading=lambda w: EXHIBITS[w.figure].heading,
        design=lambda w: plans.design_params(config, EXHIBITS[w.figure]),
    message:
        "Make {wildcards.figure}"
    script:
        "../scripts/report/make_figure.py"


rule claims:
    input:
        f"results/{SOURCE}/claims.csv",


rule check_claims:
    input:
        estimates=rules.merge_estimates.output.table,
        draws=rules.merge_estimates.output.draws,
        manifests=lambda w: [
            manifest_file(dataset_name(config, study), w.source)
            for study in collect_designs(config, w.source)
        ],
        checks=lambda w: [rules.check_logs.output.table] if w.source == PUBLISHED else [],
    output:
        table="results/{source}/claims.csv",
        page=report(
            "results/{source}/claims.html", caption="captions/claims.rst", category="Claims"
        ),
    log:
        "logs/{source}/claims.log",
    benchmark:
        "results/{source}/benchmarks/check_claims/all.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        code=track_code("report/check_claims.py", "claims/*.yaml", "claims/page.html.jinja"),
        designs=lambda w: collect_designs(config, w.source),
        level=config["bootstrap"]["level"],
    message:
        "Check the paper's claims"
    script:
        "../scripts/report/check_claims.py"


rule document:
    input:
        DOCUMENT,


rule make_appendix:
    input:
        steps=lambda w: appendix_steps_file(config, w.source),
    output:
        judge="results/{source}/tables/appendixE.tex",
        roles="results/{source}/tables/appendixF.tex",
    log:
        "logs/{source}/tables/appendix.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code(
            "report/make_appendix.py",
            "optimize/prompts/*.jinja",
            "optimize/prompts/rubrics/*.txt",
        ),
        example=EXAMPLE,
        dataset=collect_dataset(config, dataset_name(config, EXAMPLE["study"])),
        rubrics=config["diagnostics"]["rubrics"],
        repeat_task=lambda w: repeats_task(config, EXAMPLE["study"], w.source),
    message:
        "Write appendices E and F"
    script:
        "../scripts/report/make_appendix.py"


rule make_document:
    input:
        estimates=rules.merge_estimates.output.table,
        manifests=lambda w: expand(
            rules.read_corpus.output.manifest,
            source=w.source,
            dataset=list_active_datasets(config),
        ),
        costs=rules.sum_costs.output.table,
        claims=rules.check_claims.output.table,
        exhibits=lambda w: plans.list_shown_files(config, w.source),
        captions=lambda w: plans.list_caption_files(config, w.source),
        appendices=rules.make_appendix.output,
    output:
        pdf="paper_figures/{source}/artifact.pdf",
    log:
        "logs/{source}/document.log",
    benchmark:
        "results/{source}/benchmarks/make_document/all.tsv"
    conda:
        "../envs/latex.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=5),
    params:
        code=track_code("report/make_document.py"),
        sections=lambda w: plans.list_sections(config, w.source),
        settings=lambda w: plans.collect_settings(config, w.source),
    message:
        "Typeset the document"
    script:
        "../scripts/report/make_document.py"


rule benchmarks:
    log:
        f"logs/{SOURCE}/benchmarks.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        folder=f"results/{SOURCE}/benchmarks",
        table=f"results/{SOURCE}/benchmarks.csv",
        source=SOURCE,
    message:
        "Sum time and memory of the jobs"
    script:
        "../scripts/report/sum_benchmarks.py"


onsuccess:
    # The document is the only part of `all` that is left out silently.
    if not HAS_LATEX and any(job.rule.name == "all" for job in workflow.dag.jobs):
        print(MISSING_NOTICE, file=sys.stderr)
