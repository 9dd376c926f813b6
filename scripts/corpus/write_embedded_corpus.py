"""Write the embedded corpus: articles, summaries with known defects and simulated ratings, all generated from a seed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json

from collide.common.script_context import script_context
from collide.simulator.corpus.generate import generate_records


def write_embedded_corpus(raw: Path, seed: int, articles: int) -> None:
    """Write `articles` x 16 lines in the layout of SummEval's release file, each with an additional field `defects`."""
    with raw.open("w", encoding="utf-8") as stream:
        for record in generate_records(seed, articles):
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
    print(f"{raw}: {articles:,} articles from seed {seed}")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_embedded_corpus(Path(snakemake.output.raw), snakemake.params.seed, snakemake.params.articles)
