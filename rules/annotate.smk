# Needs: steps and ratings of the runs of `annotation.studies`; a filled sheet, if `annotation.filled` names one.
# Makes: a blinded sheet of gradients and rewrites to rate, its key and, with a filled sheet, prediction-powered means.
from collide.experiment.datasets import study_criteria
from collide.annotation.plan import list_annotated_runs, require_filled_sheet

ANNOTATION = "results/{source}/annotation"


rule annotation_sheet:
    input:
        expand(f"results/{SOURCE}/annotation/{{file}}", file=["sheet.csv", "sheet.html", "key.csv"]),


rule write_annotation_sheet:
    input:
        steps=lambda w: run_files(list_annotated_runs(config), "steps.jsonl", w.source),
        ratings=lambda w: rating_files(list_annotated_runs(config), w.source),
    output:
        sheet=f"{ANNOTATION}/sheet.csv",
        page=f"{ANNOTATION}/sheet.html",
        key=f"{ANNOTATION}/key.csv",
    log:
        "logs/{source}/annotation/sheet.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=500, minutes=2),
    params:
        code=track_code(
            "annotate/write_annotation_sheet.py",
            "annotation/sheet.html.jinja",
            "optimize/prompts/specificity.jinja",
            "optimize/prompts/rubrics/*.txt",
            "optimize/prompts/adherence.jinja",
        ),
        settings={part: config["annotation"][part] for part in ("items", "allocation", "seed")},
        criteria={study: study_criteria(config, study) for study in config["annotation"]["studies"]},
        rubric=config["diagnostics"]["rubrics"][0],
    message:
        "Write the annotation sheet"
    script:
        "../scripts/annotate/write_annotation_sheet.py"


rule estimate_annotated:
    input:
        filled=lambda w: require_filled_sheet(config),
        key=rules.write_annotation_sheet.output.key,
        ratings=lambda w: rating_files(list_annotated_runs(config), w.source),
    output:
        table=f"{ANNOTATION}/ppi.csv",
    log:
        "logs/{source}/annotation/ppi.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        **ask_for(mem_mb=1000, minutes=2),
    params:
        code=track_code("annotate/estimate_annotated.py"),
        level=config["bootstrap"]["level"],
    message:
        "Estimate diagnostics from the filled sheet"
    script:
        "../scripts/annotate/estimate_annotated.py"
