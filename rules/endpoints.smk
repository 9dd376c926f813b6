# Needs: config.yaml, the keys of its endpoints, and no file.
# Makes: results/{source}/endpoints.csv, a row for each model that the active studies call.
from collide.experiment.models import list_called_models


rule check_endpoints:
    log:
        f"logs/{SOURCE}/check_endpoints.log",
    localrule: True
    conda:
        "../envs/models.yaml"
    params:
        models=lambda w: list_called_models(config, SOURCE),
        client=lambda w: collect_client_settings(config, SOURCE),
        source=SOURCE,
        datasets=[collect_dataset(config, name) for name in list_active_datasets(config)],
        rubric=config["diagnostics"]["rubrics"][0],
        # No output: the table is kept when a model fails, and each call of the rule checks anew.
        table=f"results/{SOURCE}/endpoints.csv",
    message:
        "Check the endpoints with a few small calls for each model"
    script:
        "../scripts/endpoints/check_endpoints.py"
