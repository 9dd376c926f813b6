"""Files of a run made from the authors' logs: predictions, ratings and usage."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from collide.experiment.runs import RunId
from collide.experiment.sources import NOT_LOGGED
from collide.optimize.diagnostics import Rating
from collide.optimize.predictions import SCHEMA
from collide.optimize.rated_texts import SCALE
from collide.published.folders import RATING_FILES, FoundFolder
from collide.published.logs import RatedPair, read_table

NOT_RATED = "no number in the reply"
# Their evaluator's mark of a reply without a number.
_UNPARSED = -1


def write_predictions(path: Path, rated: Mapping[str, Sequence[RatedPair]]) -> None:
    """Write the ratings of the test pairs by the name of the prompt.

    Scores are doubles, as the authors also count fractions. No share of missing ratings is too large: their code has no limit.
    """
    schema = SCHEMA.set(SCHEMA.get_field_index("score"), SCHEMA.field("score").with_type(pa.float64()))
    rows = [
        (prompt, "test", part.pair.id, part.pair.document, "", name, score, part.pair.human[name], 1, part.reasons[name])
        for prompt, parts in rated.items()
        for part in parts
        for name, score in part.scores.items()
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")


def write_usage(path: Path, *jobs: str) -> None:
    """Write a usage file without calls, and why; below the names of the jobs, or at its top level without names."""
    usage = {"total": {"calls": 0}, "roles": {}, "note": NOT_LOGGED}
    path.write_text(json.dumps(dict.fromkeys(jobs, usage) or usage, indent=2) + "\n", encoding="utf-8")


def read_ratings(folder: Path | None, run: RunId, found: FoundFolder, criteria: Sequence[str]) -> list[Rating]:
    """Return the evaluator's ratings of a run, by step, criterion and diagnostic; none where the logs have none."""
    ratings = []
    for diagnostic, name in RATING_FILES.items():
        if folder is None or not (folder / name).is_file():
            continue
        for row in read_table(folder / name).to_pylist():
            if row["run_name"] == found.path.name and row["task"] in criteria:
                score = None if row["score"] == _UNPARSED else row["score"]
                step = row["step"] + 1 - found.first_step
                reason = NOT_RATED if score is None else _check_rating(score)
                value = None if reason else score
                ratings.append(Rating(step, row["task"], diagnostic, value, row["raw_response"], None, None, 1, reason))
    order = [*criteria, *RATING_FILES]
    return sorted(ratings, key=lambda rating: (rating.step, order.index(rating.criterion), order.index(rating.diagnostic)))


def _check_rating(score: int) -> str:
    low, high = SCALE
    return "" if low <= score <= high else f"{score} is off the scale"
