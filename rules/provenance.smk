# Needs: all results of a source; the journals and usage files of its jobs.
# Makes: manifest.json, ro-crate-metadata.json, the folder workflow and bundle.tar.gz in results/{source}.
from collide.provenance.code_version import find_code_version


rule manifest:
    input:
        f"results/{SOURCE}/manifest.json",


rule write_manifest:
    input:
        outputs=lambda w: [
            f"results/{w.source}/estimates.csv",
            f"results/{w.source}/claims.csv",
            *expand(
                rules.read_corpus.output.manifest,
                source=w.source,
                dataset=list_active_datasets(config),
            ),
            *expand(
                rules.score_study.output.scores, source=w.source, study=config["active_studies"]
            ),
            *(
                path
                for exhibit in plans.list_exhibits(config)
                for path in exhibit.list_files(w.source)
            ),
        ],
        costs=rules.sum_costs.output.table,
    output:
        manifest="results/{source}/manifest.json",
        crate="results/{source}/ro-crate-metadata.json",
        config="results/{source}/workflow/config.yaml",
        # No folder: Snakemake would put a file of its own into it.
        workflow=[
            f"results/{{source}}/workflow/{path.relative_to(PROJECT)}"
            for path in (PROJECT / "Snakefile", *sorted((PROJECT / "rules").glob("*.smk")))
        ],
    log:
        "logs/{source}/manifest.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=5),
    params:
        # It takes `resources`, so that a change of code or configuration that changes no result reruns nothing: the manifest
        # names the version that made the results.
        facts=lambda w, resources: {
            "config": dict(config),
            "code": find_code_version(PROJECT),
            "deployment": [
                str(method) for method in workflow.deployment_settings.deployment_method
            ],
            "project": str(PROJECT),
        },
    message:
        "Write the manifest"
    script:
        "../scripts/provenance/write_manifest.py"


rule bundle:
    input:
        f"results/{SOURCE}/bundle.tar.gz",


rule pack_bundle:
    input:
        manifest=rules.write_manifest.output.manifest,
        config=rules.write_manifest.output.config,
        further=lambda w: [find_filled_sheet(config)] if config["annotation"]["filled"] else [],
    output:
        bundle="results/{source}/bundle.tar.gz",
    log:
        "logs/{source}/bundle.log",
    # The keys that it searches for are in the environment of this machine.
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        project=lambda w, resources: str(PROJECT),
    message:
        "Pack the bundle"
    script:
        "../scripts/provenance/pack_bundle.py"
