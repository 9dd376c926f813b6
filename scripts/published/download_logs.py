"""Download of the authors' logs: a data set of the Hugging Face Hub in; its files and a table of their checksums out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.common.script_context import script_context
from collide.published.download import HuggingFaceHub, download_logs

if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        params = snakemake.params
        download_logs(params.dataset, Path(params.folder), Path(snakemake.output.table), HuggingFaceHub())
