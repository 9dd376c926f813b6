"""Facts on the document's first page, on the data, settings and calls behind the exhibits, and on the claims about each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.estimates import ALL_GATES, AVERAGE, CHERRYPICK
from collide.analysis.instructions.tokens import TOKENIZER
from collide.claims.claim_reader import Claim
from collide.claims.verdicts import VERDICTS
from collide.corpus.manifest_text import count_pairs, describe_mean, describe_scores, describe_split, list_left_out
from collide.experiment.modes import STUDY_MODES
from collide.experiment.runs import DEFAULT_PROTOCOL
from collide.experiment.sources import NOT_LOGGED
from collide.optimize.rated_texts import DIAGNOSTICS

# What a reply of each role is called.
REPLY_NAMES = {
    "task": "predictions",
    "loss": "critiques",
    "gradient": "gradients",
    "optimizer": "rewrites",
    "evaluator": "ratings",
}


def list_facts(
    settings: Mapping[str, Any],
    manifests: Sequence[Mapping[str, Any]],
    costs: Sequence[Mapping[str, str]],
    estimates: Sequence[Mapping[str, str]],
) -> list[tuple[str, str]]:
    """Return labels and texts of the first page. `settings` are those of `plans.collect_settings`, `manifests` those of its
    data sets, and `costs` and `estimates` the rows of their CSV files."""
    return [
        *(
            fact
            for (dataset, split), manifest in zip(settings["splits"].items(), manifests, strict=True)
            for fact in describe_corpus(dataset, manifest, split)
        ),
        *describe_studies(settings["studies"], settings["runs"]),
        *describe_methods(settings, any(manifest.get("documents_are_rows") for manifest in manifests)),
        *describe_costs(costs),
        *describe_gaps(estimates),
    ]


def introduce_document(source: str) -> str:
    """Return the text that opens the document."""
    return (
        f"All tables and figures that the pipeline made from the source {source}, nearly in the paper's order, and the prompts"
        f" as they were sent. Every number comes from results/{source}/: estimates.csv holds each quantity with its interval,"
        " the folder tables holds the values of each table, and claims.html each checkable claim of the paper with its verdict."
        " Time and memory of the jobs differ from run to run, so that they are not shown here: the target benchmarks sums them"
        " in benchmarks.csv."
    )


def describe_claims(rows: Sequence[Mapping[str, str]], claims: Sequence[Claim]) -> dict[str, str]:
    """Return, by exhibit, a sentence on the paper's claims that rest on it; `rows` are those of claims.csv."""
    verdicts = {row["id"]: row["verdict"] for row in rows}
    counts: dict[str, Counter[str]] = {}
    for claim in claims:
        counts.setdefault(claim.exhibit, Counter())[verdicts[claim.id]] += 1
    return {
        exhibit: f"Claims of the paper that rest on it: {count.total()} ({_list_counts(count)})."
        for exhibit, count in counts.items()
    }


def _list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])


def describe_costs(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Return the numbers of calls, missing replies and tokens, and the cost, from the rows of cost.csv."""
    # The last row is the total over studies and roles.
    total = rows[-1]
    if total.get("note"):
        return [("Calls, cost", f"not known: {total['note']}")]
    served = (part.rsplit(" ", 1) for part in total["models"].split("; "))
    lacking, cut_off = [], []
    for role, replies in REPLY_NAMES.items():
        missing, calls, cut = (
            sum(int(row[part]) for row in rows if row["role"] == role) for part in ("missing", "calls", "cut")
        )
        lacking.append(f"{missing:,} of {calls:,} {replies}")
        cut_off += [f"{cut:,} {replies}"] if cut else []
    return [
        ("Calls", f"{int(total['calls']):,} answered; {int(total['replies']):,} replies paid for"),
        ("Missing", f"{', '.join(lacking)}, after all attempts at a usable reply"),
        ("Cut off", f"{', '.join(cut_off) or 'no reply'}, at the longest reply that roles.*.max_tokens allows"),
        ("Tokens", f"{int(total['tokens_in']):,} in, {int(total['tokens_out']):,} out; {_describe_token_counts(total)}"),
        ("Cost", f"{float(total['cost']):,.2f} US dollars{_describe_reported_cost(total)}"),
        ("Models served", ", ".join(f"{model} in {int(count):,}" for model, count in served) + " replies"),
    ]


def _describe_reported_cost(total: Mapping[str, str]) -> str:
    replies = int(total["with_cost"])
    reported = f"{float(total['cost_reported']):,.2f} US dollars for {replies:,} replies"
    return f" at the configured prices; the endpoints report {reported}" if replies else ""


def _describe_token_counts(total: Mapping[str, str]) -> str:
    uncounted = int(total["without_token_counts"])
    assumed = f", but assumed from text lengths for {uncounted:,} replies without counts" if uncounted else ""
    return f"as the providers report them{assumed}"


def describe_gaps(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Return the numbers of undefined correlations and of missing ratings, from the rows of estimates.csv."""
    single = [row for row in rows if row["criterion"] != AVERAGE]
    # Other quantities, such as `initial` and `best`, repeat the correlations of the steps.
    scored = [
        row
        for row in single
        if re.fullmatch(r"step\d+", row["quantity"])
        or (row["study"].startswith(f"{CHERRYPICK}:") and row["quantity"] == "spearman")
    ]
    undefined = sum(_read_count(r"(\d+) of \d+ undefined", row) for row in scored)
    correlations = sum(int(row["runs"]) for row in scored)
    rated = []
    for diagnostic in DIAGNOSTICS:
        cells = [row for row in rows if (row["quantity"], row["gate"], row["criterion"]) == (diagnostic, ALL_GATES, AVERAGE)]
        cells = [row for row in cells if row["mode"] in STUDY_MODES]
        missing = sum(_read_count(r"(\d+) missing", row) for row in cells)
        rated.append(f"{diagnostic} {sum(int(row['n']) for row in cells):,}, {missing:,} missing")
    return [
        ("Correlations", f"{correlations:,}, by run, step and criterion; {undefined:,} undefined, counted as 0 in averages"),
        ("Ratings", "; ".join(rated)),
    ]


def _read_count(pattern: str, row: Mapping[str, str]) -> int:
    found = re.search(pattern, row["note"])
    return int(found[1]) if found else 0


def describe_corpus(dataset: str, manifest: Mapping[str, Any], split: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the corpus of a data set and its split."""
    criteria = manifest["criteria"].items()
    means = ", ".join(f"{name} {describe_mean(facts)}" for name, facts in criteria if facts["mean"] is not None)
    classes = "; ".join(f"{name} {describe_scores(facts)}" for name, facts in criteria if facts["mean"] is None)
    layout = ", ".join(filter(None, [manifest["format"], manifest["layout"], f"{manifest['sha256'][:16]}..."]))
    facts = {
        f"Data set {dataset}": f"{manifest['corpus']}: {count_pairs(manifest)}",
        "Format, sha256": layout,
        "Mean human scores": means and f"{means} (means of the raters)",
        "Human classes": classes,
        "Left out": "; ".join(line.removeprefix("left out: ") for line in list_left_out(manifest)),
        "Split": describe_split(manifest, split or manifest["split"]),
    }
    return [(label, text) for label, text in facts.items() if text]


def describe_studies(studies: Mapping[str, Mapping[str, Any]], runs: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the settings of each study and its number of runs."""
    return [
        (
            f"Study {name}",
            f"{runs[name]} runs{_name_dataset(study)}: protocol {study.get('protocol', DEFAULT_PROTOCOL)};"
            f" modes {', '.join(study['modes'])}; gates {', '.join(study['gates'])};"
            f" seeds {', '.join(map(str, study['seeds']))}; {study['steps']} steps of {study['batch_size']} pairs"
            + ("; " if study["models"] else "")
            + ", ".join(f"{role} {model}" for role, model in study["models"].items()),
        )
        for name, study in studies.items()
    ]


def _name_dataset(study: Mapping[str, Any]) -> str:
    return f" on the data set {study['dataset']}" if "dataset" in study else ""


def describe_methods(settings: Mapping[str, Any], has_rows: bool = False) -> list[tuple[str, str]]:
    """Return the requested models, the evaluator, the bootstrap, and the rules of cherry-picking if there is any.

    `has_rows` is True if a data set names no documents.
    """
    bootstrap, picking = settings["bootstrap"], settings["cherrypick"]
    unit = f"documents{' (of rows, where none are named)' * has_rows}"
    drawn = f"{bootstrap['resamples']:,} draws of {unit} and seeds, for ratings of runs"
    rubrics = f"specificity by the rubric{'s' * (len(settings['rubrics']) > 1)} {', '.join(settings['rubrics'])}"
    asked = ", ".join(f"{name} as {requested}" for name, requested in settings["models"].items())
    evaluator = settings["evaluator"] or "a model that the logs do not name"
    facts = [
        ("Models asked for", asked or NOT_LOGGED),
        ("Evaluator", f"{evaluator}, rates {' and '.join(DIAGNOSTICS)} from 1 to 10; {rubrics}"),
        ("Bootstrap", f"{drawn}; {bootstrap['level']:.0%} intervals; seed {bootstrap['seed']}"),
    ]
    if picking:
        balanced = f"; balanced within {', '.join(f'{ratio:g}' for ratio in picking['ratios'])}" if picking["ratios"] else ""
        limit = f", each solved in at most {picking['solver_seconds']} s; lengths in {TOKENIZER}" if balanced else ""
        facts.append(("Cherry-picking", f"by {', '.join(picking['metrics'])}{balanced}{limit}"))
    return facts
