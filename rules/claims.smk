# The ledger of claims: what the paper says, against the estimates.


rule claims:
    input:
        f"results/{SOURCE}/claims.csv",


rule check_claims:
    input:
        estimates=rules.make_estimates.output.table,
        draws=rules.make_estimates.output.draws,
        modules=track_code("report/check_claims.py", "claims/claims.yaml", "claims/page.html.jinja"),
    output:
        table="results/{source}/claims.csv",
        page=report(
            "results/{source}/claims.html", caption="captions/claims.rst", category="Claims"
        ),
    log:
        "logs/{source}/claims.log",
    conda:
        "../envs/analysis.yaml"
    params:
        level=config["bootstrap"]["level"],
    message:
        "Check the paper's claims"
    script:
        "../scripts/report/check_claims.py"
