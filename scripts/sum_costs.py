"""Costs: the usage files of all jobs in; calls, tokens, money and waiting by study and role out."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from collide.job import job
from collide.tidy import write_rows

SUMMED = (
    *("calls", "missing", "replies", "borrowed", "retries", "tokens_in", "tokens_out", "untold"),
    *("cost", "spent", "seconds"),
)
COLUMNS = ("study", "role", *SUMMED, "models")


def study_of(path: Path) -> str:
    """The study that a usage file belongs to: results/<source>/runs|diagnostics/<study>/...; cherry-picking is its own.

    >>> study_of(Path("results/live/runs/main/SSS/mae/seed0/usage.json")), study_of(Path("results/live/cherrypick/a/b.json"))
    ('main', 'cherrypick')
    """
    stage, name = path.parts[2:4]
    return "cherrypick" if stage == "cherrypick" else name


def costs(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """A row for each study and role, studies in order of first appearance, and one of all (`total`) at the end.

    `cost` is what the replies of a job's own journal cost, `spent` the part of it that its last start paid, both in US dollars;
    `borrowed` replies were paid for by another job.
    """
    sums: dict[tuple[str, str], Counter] = {}
    models: dict[tuple[str, str], Counter] = {}
    for path in paths:
        for part in json.loads(path.read_text(encoding="utf-8")).values():
            for role, usage in part["roles"].items():
                for key in ((study_of(path), role), ("total", "")):
                    sums.setdefault(key, Counter()).update({name: usage[name] for name in SUMMED})
                    models.setdefault(key, Counter()).update(usage["models"])
    studies = [*dict.fromkeys(study for study, _ in sums if study != "total"), "total"]
    for key in sorted(sums, key=lambda key: studies.index(key[0])):
        served = "; ".join(f"{model} {count}" for model, count in sorted(models[key].items()))
        yield {"study": key[0], "role": key[1], **{name: round(sums[key][name], 6) for name in SUMMED}, "models": served}


if __name__ == "__main__":
    with job(snakemake.log[0]):
        rows = list(costs([Path(path) for path in snakemake.input.usages]))
        write_rows(Path(snakemake.output.table), COLUMNS, rows, snakemake.params.simulated)
