# Needs: nothing; reads the steps, predictions, ratings, usage files and pairs that exist.
# Makes: pages that show all runs in results/{source}/browse. No rule reads them, so no output is declared.
from collide.browse.design import collect_design


rule browse:
    log:
        f"logs/{SOURCE}/browse.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        design=collect_design(config),
        root=f"results/{SOURCE}",
        folder=f"results/{SOURCE}/browse",
        source=SOURCE,
    message:
        "Write the pages that show all runs"
    script:
        "../scripts/browse/write_pages.py"
