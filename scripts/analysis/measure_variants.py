"""Length asymmetry of cherry-picked prompts: picked instructions and predictions of each variant in, a row per variant and
seed out, longest against shortest beside what the combined prompt scores."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from collide.analysis.agreement import average
from collide.analysis.cherrypick import asymmetry_of
from collide.analysis.metrics import METRICS
from collide.common.csv_json import is_simulated, read_csv, write_csv
from collide.common.script_context import script_context

COLUMNS = ("variant", "seed", "shortest", "longest", "ratio", "tokenizer", "spearman")


def spearman(predictions: Path) -> float | None:
    """Spearman correlation on the test pairs, averaged over the criteria; None where one is undefined."""
    frame = pq.read_table(predictions, columns=["criterion", "score", "human"]).to_pandas()
    values = {
        criterion: METRICS["spearman"]([None if s != s else s for s in rows["score"].tolist()], rows["human"].tolist())
        for criterion, rows in frame.groupby("criterion", sort=False)
    }
    return average(values, list(values)).value


def asymmetry(variants: Mapping[str, Path], predictions: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Longest against shortest instruction of each combined prompt, beside its mean Spearman correlation on the test pairs.

    `variants` are files of picked instructions by name; the path of `predictions` is .../<variant>/seed<seed>/<file>.
    """
    for name, picked in variants.items():
        lengths = [int(row["tokens"]) for row in read_csv(picked) if row["tokens"]]
        for path in predictions:
            if path.parts[-3] == name:
                row = {"variant": name, "seed": int(path.parts[-2].removeprefix("seed"))}
                # Where nothing could be picked there is nothing to measure, and the row says so by its empty fields.
                yield row | ({"spearman": spearman(path)} | asymmetry_of(lengths) if lengths else {})


def measure_variants(variants: Mapping[str, Path], predictions: Sequence[Path], out: Path) -> None:
    """Write the table."""
    write_csv(out, COLUMNS, asymmetry(variants, predictions), any(map(is_simulated, variants.values())))


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        measure_variants(
            {path.parts[-2]: path for path in map(Path, snakemake.input.picked)},
            [Path(path) for path in snakemake.input.predictions],
            Path(snakemake.output.asymmetry),
        )
