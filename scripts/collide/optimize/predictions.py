"""Predictions as a Parquet file: one row per prompt, pair and criterion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.optimize.judge import Judgement
from collide.optimize.prompts import JudgePrompt

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
        # A scale may have steps of 0.5.
        pa.field(
            "score", pa.float64(), metadata={"description": "the judge's rating, or place of its class; null where missing"}
        ),
        pa.field("human", pa.float64(), metadata={"description": "human score"}),
        pa.field("attempts", pa.int16(), metadata={"description": "replies sampled"}),
        pa.field("reason", pa.string(), metadata={"description": "why the rating is missing; else empty"}),
    ]
)


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
    # Without rows, zip returns no columns at all, and the file would lack them.
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    metadata = {"max_missing_share": str(max_missing_share)} | ({"simulated": SIMULATED_NOTICE} if simulated else {})
    pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA.with_metadata(metadata)), path, compression="zstd")
