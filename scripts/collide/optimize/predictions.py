"""Predictions as a Parquet file: one row per prompt, pair and criterion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.optimize.judge import Judgement
from collide.optimize.prompts import JudgePrompt

# Columns of ratings of summaries by whole numbers; `_describe_columns` has those of other data sets.
SCHEMA = pa.schema(
    [
        pa.field(
            "prompt",
            pa.string(),
            metadata={"description": "name of the prompt: 16 digits of its instructions"},
        ),
        pa.field("split", pa.string(), metadata={"description": "test or validation"}),
        pa.field("pair", pa.string(), metadata={"description": "document/system"}),
        pa.field("document", pa.string(), metadata={"description": "source article"}),
        pa.field("system", pa.string(), metadata={"description": "system that wrote the summary"}),
        pa.field("criterion", pa.string(), metadata={"description": "what was rated"}),
        # A criterion's scale may reach from -1000 to 1000, which is too wide for int8.
        pa.field("score", pa.int32(), metadata={"description": "the judge's rating; null where missing"}),
        pa.field("human", pa.float64(), metadata={"description": "human score"}),
        pa.field("attempts", pa.int16(), metadata={"description": "replies sampled"}),
        pa.field("reason", pa.string(), metadata={"description": "why the rating is missing; else empty"}),
    ]
)


def _describe_columns(prompts: Sequence[JudgePrompt]) -> pa.Schema:
    """Return the columns of ratings by these prompts: with the nouns of their data set, and of numbers if a scale has steps."""
    if not prompts:
        return SCHEMA
    texts = prompts[0].skeleton.texts
    scales = [scale for prompt in prompts for scale in prompt.scales.values()]
    rating = (
        "the judge's rating, the place of a class from 0 on" if any(scale.classes for scale in scales) else "the judge's rating"
    )
    has_steps = any(not scale.classes and not scale.is_whole for scale in scales)
    described = {
        "document": (pa.string(), f"source {texts.inputs[0].noun if texts.inputs else 'document'}"),
        "system": (pa.string(), f"system that wrote the {texts.output.noun}"),
        "score": (pa.float64() if has_steps else pa.int32(), f"{rating}; null where missing"),
    }
    schema = SCHEMA
    for name, (kind, description) in described.items():
        field = pa.field(name, kind, metadata={"description": description})
        schema = schema.set(schema.get_field_index(name), field)
    return schema


def write_predictions(
    path: Path,
    grid: Sequence[tuple[JudgePrompt, str]],
    judged: Sequence[Sequence[Judgement]],
    simulated: bool,
    max_missing_share: float,
) -> None:
    """Write the judgements of each (prompt, split) in `grid`.

    The metadata hold `max_missing_share`, above which a prompt has no scores, and a notice if replies were simulated.
    """
    rows = [
        (
            prompt.id,
            split,
            judgement.pair.id,
            judgement.pair.document,
            judgement.pair.system,
            criterion,
            None if judgement.scores is None else judgement.scores[criterion],
            judgement.pair.human[criterion],
            judgement.attempts,
            judgement.reason,
        )
        for (prompt, split), judgements in zip(grid, judged, strict=True)
        for judgement in judgements
        for criterion in prompt.criteria
    ]
    schema = _describe_columns([prompt for prompt, _ in grid])
    # Without rows, zip returns no columns at all, and the file would lack them.
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    metadata = {"max_missing_share": str(max_missing_share)} | ({"simulated": SIMULATED_NOTICE} if simulated else {})
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema.with_metadata(metadata)), path, compression="zstd")
