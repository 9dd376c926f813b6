"""Write the initial prompt as a file of prompts, which `evaluate.py` reads."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.common.csv_json import write_json_lines
from collide.common.script_context import script_context

if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        write_json_lines(Path(snakemake.output.prompts), [{"instructions": snakemake.params.instructions}])
