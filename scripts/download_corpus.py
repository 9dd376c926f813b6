"""Fetches the corpus from a URL that names a revision."""

from pathlib import Path

from collide.corpus.download import download
from collide.job import job


def download_corpus(url: str, raw: Path) -> None:
    """Fetch `url` to `raw`. Raises InputError where that fails."""
    checksum = download(url, raw)
    print(f"{url}: {raw.stat().st_size:,} bytes, sha256 {checksum}")


if __name__ == "__main__":
    with job(snakemake.log[0]):
        download_corpus(snakemake.params.url, Path(snakemake.output.raw))
