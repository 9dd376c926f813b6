"""Write the pages that show all runs, from the files that exist."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.browse.site import Site, write_site
from collide.common.script_context import script_context

if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]):
        params = snakemake.params
        said = write_site(Site(Path(params.root), Path(params.folder), params.source, params.design))
        print(said, file=terminal, flush=True)
