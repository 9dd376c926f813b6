"""Prediction-powered means: the evaluator's ratings, a filled sheet and its key in; means with intervals out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Sequence

from collide.analysis.estimate_tables import COLUMNS
from collide.annotation.estimates import RatedItems, estimate_annotated
from collide.annotation.filled_sheet import read_filled_sheet
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.script_context import script_context


def write_annotated(ratings: Sequence[Path], key: Path, filled: Path, level: float, table: Path) -> None:
    """Write the means of both diagnostics with intervals that cover the share `level`."""
    items = {row["item"] for row in read_csv(key)}
    scores = read_filled_sheet(filled, items)
    print(f"{filled}: {len(scores)} of {len(items)} items of the sheet are rated")
    rows = estimate_annotated(RatedItems(ratings, key, scores), level)
    # Ratings of an evaluator are no agreement with human scores, which a metric would measure.
    columns = [column for column in COLUMNS if column != "metric"]
    write_csv(table, columns, rows, any(map(is_simulated, ratings)))


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_annotated(
            [Path(path) for path in snakemake.input.ratings],
            Path(snakemake.input.key),
            Path(snakemake.input.filled),
            snakemake.params.level,
            Path(snakemake.output.table),
        )
