"""Download the corpus from a URL that names a revision."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.common.script_context import script_context
from collide.corpus.download import download_file


def download_corpus(url: str, raw: Path) -> None:
    """Download `url` to the file `raw`. Raises InputError if that fails."""
    checksum = download_file(url, raw)
    print(f"{url}: {raw.stat().st_size:,} bytes, sha256 {checksum}")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        download_corpus(snakemake.params.url, Path(snakemake.output.raw))
